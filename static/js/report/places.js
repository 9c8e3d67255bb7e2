// Communes: found by any name they have had, and the three nearest offered once a position is known.
import { el, fold } from "./dom.js";

const MOST = 8;
const FAR = 60; // kilometres from the centre of the nearest commune
const radians = (degrees) => (degrees * Math.PI) / 180;

function kilometres(a, b) {
  const h = Math.sin(radians(b.lat - a.lat) / 2) ** 2
    + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 12742 * Math.asin(Math.sqrt(h));
}

/** Whether the position is far from every commune of the form; a form that knows no centres cannot tell. */
export function outside(form, here) {
  const centres = [...form.querySelectorAll("option")].filter((option) => option.dataset.at).map((option) => option.dataset.at.split(" ").map(Number));
  return centres.length > 0 && centres.every(([lat, lon]) => kilometres(here, { lat, lon }) > FAR);
}

export function bindPlaces(form, say) {
  const box = form.querySelector("[data-communes]");
  const select = box.querySelector("select");
  const communes = [...select.options].filter((option) => option.dataset.at).map((option) => {
    const [lat, lon] = option.dataset.at.split(" ").map(Number);
    const former = option.dataset.former || "";
    return { id: option.value, name: option.text, former, lat, lon, key: ` ${fold(option.text)} ${fold(former)}` };
  });
  const choose = (id) => {
    select.value = id;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  bindSearch(box, communes, choose, say);
  const near = () => offer(box, form, communes, choose, say);
  form.elements.lat.addEventListener("change", near);
  select.addEventListener("change", () => {
    for (const radio of box.querySelectorAll("[name=near]")) radio.checked = radio.value === select.value;
  });
  return { near };
}

function bindSearch(box, communes, choose, say) {
  const find = box.querySelector("[data-find]");
  const [input, status, hits] = [find.querySelector("input"), find.querySelector("[role=status]"), find.querySelector("[data-hits]")];
  find.hidden = false;
  const look = () => {
    const wanted = fold(input.value);
    const found = wanted ? communes.filter((one) => one.key.includes(` ${wanted}`)) : [];
    status.textContent = !wanted ? "" : found.length ? say("found", { n: found.length }) : say("found_none");
    hits.replaceChildren(...found.slice(0, MOST).map((one) => el("button", { type: "button", class: "btn quiet hit", on: () => {
      choose(one.id);
      find.open = false;
      box.querySelector("select").focus();
    } }, el("strong", {}, one.name), one.former ? el("span", { class: "small" }, say("former", { former: one.former })) : "")));
  };
  input.addEventListener("input", (event) => { event.stopPropagation(); look(); });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    hits.querySelector("button")?.click();
  });
}

/** The centres came with the page, so this needs no network. The first is chosen, the others are a tap away. */
function offer(box, form, communes, choose, say) {
  const here = { lat: Number(form.elements.lat.value), lon: Number(form.elements.lon.value) };
  const place = box.querySelector("[data-nearest]");
  if (!form.elements.lat.value) { place.hidden = true; return; }
  const nearest = communes.map((one) => ({ ...one, km: kilometres(here, one) })).sort((a, b) => a.km - b.km).slice(0, 3);
  if (!nearest.length || nearest[0].km > FAR) { place.hidden = true; return; }
  const select = box.querySelector("select");
  if (!nearest.some((one) => one.id === select.value)) choose(nearest[0].id);
  place.querySelector(".choice").replaceChildren(...nearest.map((one) => {
    const radio = el("input", { type: "radio", name: "near", value: one.id });
    radio.checked = one.id === select.value;
    radio.addEventListener("change", () => choose(one.id));
    const km = one.km < 10 ? one.km.toFixed(1).replace(".", ",") : Math.round(one.km);
    return el("label", {}, radio, el("span", {}, el("strong", {}, one.name), el("br"), el("span", { class: "hint" }, say("near", { km }))));
  }));
  place.hidden = false;
}
