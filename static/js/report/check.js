// What is still missing in a step, in the words the server would use, and the answers read once more.
import { el, localDay } from "./dom.js";

const given = (box) => [...box.querySelectorAll("input, textarea, select")].some((field) => (
  field.type === "radio" || field.type === "checkbox" ? field.checked : field.value.trim()));

const first = (box) => box.querySelector("input:not([type=hidden]), textarea, select");
const looksWrong = { tel: (text) => !/^\+?[\d\s.()-]{8,20}$/.test(text), email: (text) => !/^\S+@\S+\.\S+$/.test(text) };

/** A number of this country with fewer digits than any has; webapp/operations/people.py says it again. */
export function tooShort(text) {
  if (!/^[\d\s.()+-]*\d[\d\s.()-]*$/.test(text) || /^(\+(?!84)|00)/.test(text)) return false;
  const digits = text.replace(/^\+84/, "").replace(/\D/g, "").replace(/^(84(?=\d{9})|0)/, "").replace(/^0/, "");
  return digits.length < (digits[0] === "2" ? 10 : 9) && !/^1[89]00\d{4}/.test(digits);
}

/** [{field, text}] of one section, in the order of the page. */
export function faults(section, say) {
  const found = [];
  const { either } = section.dataset;
  if (either && !["commune", "place", "lat"].some((name) => section.querySelector(`[name=${name}]`)?.value.trim())) {
    found.push({ field: section.querySelector("[name=commune]"), text: either });
  }
  for (const box of section.querySelectorAll(".field")) {
    const field = first(box);
    if (!field) continue;
    if (box.dataset.missing && !given(box)) found.push({ field, text: box.dataset.missing });
    else if (box.dataset.short && field.value.trim() && tooShort(field.value.trim())) found.push({ field, text: box.dataset.short });
    else if (box.dataset.wrong && field.value.trim() && looksWrong[field.type]?.(field.value.trim())) found.push({ field, text: box.dataset.wrong });
    else if (field.type === "date" && field.value > localDay(new Date())) found.push({ field, text: say("day_wrong") });
  }
  return found;
}

/** The faults in a summary above, and each beside its field; returns whether there are any. */
export function show(form, box, found, say) {
  for (const old of form.querySelectorAll("[data-said]")) old.remove();
  for (const bad of form.querySelectorAll(".bad")) bad.classList.remove("bad");
  for (const field of form.querySelectorAll("[aria-invalid]")) plain(field);
  box.hidden = !found.length;
  if (!found.length) return false;
  box.replaceChildren(el("h2", {}, say("errors")), el("ul", {}, ...found.map(({ field, text }) => el("li", { "data-of": field && field.name }, link(field, text)))));
  for (const { field, text } of found) if (field) beside(field, text, say);
  box.focus();
  return true;
}

/** What was said of a field and is right now is said no longer. `edited` is what somebody just typed into. */
export function mend(box, edited, say) {
  const section = edited.closest("[data-step]");
  if (box.hidden || !section) return;
  const left = new Set(faults(section, say).map(({ field }) => field));
  for (const field of section.querySelectorAll("[aria-invalid]")) {
    const about = field.closest(".field");
    if (left.has(field) || !(section.dataset.either || about.contains(edited))) continue;
    about.classList.remove("bad");
    about.querySelector("[data-said]")?.remove();
    plain(field);
    box.querySelector(`[data-of="${field.name}"]`)?.remove();
  }
  box.hidden = !box.querySelector("li");
}

function plain(field) {
  field.removeAttribute("aria-invalid");
  describe(field, (ids) => ids.filter((id) => id !== `e-${field.name}`));
}

function link(field, text) {
  if (!field) return text;
  return el("a", { href: `#${field.id}`, on: (event) => { event.preventDefault(); field.focus(); } }, text);
}

function describe(field, change) {
  const ids = change((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" ")); else field.removeAttribute("aria-describedby");
}

function beside(field, text, say) {
  const box = field.closest(".field");
  const folded = field.closest("details");
  if (folded) folded.open = true;
  const id = `e-${field.name}`;
  box.classList.add("bad");
  field.setAttribute("aria-invalid", "true");
  describe(field, (ids) => [...ids, id]);
  const line = el("p", { class: "err", id, "data-said": true }, el("span", { class: "sr" }, say("wrong")), text);
  const before = box.matches("fieldset") ? box.querySelector(".choice") : box.querySelector(".tick, input, textarea, select, .tiles");
  before.before(line);
}

const labelOf = (box) => {
  const label = box.querySelector("legend, label, [id^=l-]").cloneNode(true);
  label.querySelectorAll(".opt").forEach((part) => part.remove());
  return label.textContent.trim();
};

function answer(box, say) {
  const field = first(box);
  if (field.type === "radio") {
    const chosen = box.querySelector(":checked");
    return chosen ? (chosen.parentElement.querySelector("strong") || chosen.parentElement).textContent.trim() : say("none");
  }
  if (field.tagName === "SELECT") return field.value ? field.selectedOptions[0].text : say("none");
  if (field.type === "date" && field.value) return field.value.split("-").reverse().join("/");
  return field.value.trim() || say("none");
}

// The question above says what these answer; beside the others stands what they are.
const ITSELF = ["text", "place", "happened", "category"];
let shown = [];

function thumbs(files, say) {
  shown.forEach((address) => URL.revokeObjectURL(address));
  shown = files.filter((file) => file.kind === "photo" && file.thumb).map((file) => URL.createObjectURL(new Blob([file.thumb], { type: "image/jpeg" })));
  return shown.map((src, at) => el("img", { src, alt: say("photo_alt", { n: at + 1 }) }));
}

/** Every answer with a way back to it. `files` are those that this phone keeps for the report. */
export function answers(list, sections, files, go, say) {
  const rows = [];
  const told = (kind) => {
    const n = files.filter((file) => file.kind === kind).length;
    return n ? say(`answer_${kind}`, { n }) : "";
  };
  for (const section of sections) {
    const question = section.querySelector("h2").lastChild.textContent;
    const lines = [...section.querySelectorAll(".field")].filter((box) => first(box) && (given(box) || !box.closest("details"))).map((box) => {
      const { type, name } = first(box);
      if (type === "file" && told("photo")) return el("p", { class: "row" }, ...thumbs(files, say), el("span", { class: "small" }, told("photo")));
      const text = type === "file" ? say("answer_no_photo") : answer(box, say);
      if (ITSELF.includes(name) && given(box)) return el("p", { class: "pre" }, text);
      return el("p", { class: "pre" }, el("span", { class: "small" }, `${labelOf(box)}: `), text);
    });
    for (const [mark, kind] of [["film", "video"], ["voice", "voice"]]) {
      if (section.querySelector(`[data-${mark}]`) && told(kind)) lines.push(el("p", {}, told(kind)));
    }
    const lat = section.querySelector("[name=lat]");
    if (lat && lat.value) lines.push(el("p", {}, say("answer_position", { m: section.querySelector("[name=accuracy]").value })));
    const joins = section.querySelector("[data-near]") && list.closest("form").elements.joins.value;
    if (joins) lines.push(el("p", {}, say("joined", { number: joins })));
    const change = el("button", { type: "button", class: "btn text", on: () => go(section) }, say("answer_change"), el("span", { class: "sr" }, ` ${question}`));
    rows.push(el("div", {}, el("dt", {}, question), el("dd", {}, ...lines), el("dd", {}, change)));
  }
  list.replaceChildren(...rows);
  list.hidden = false;
}
