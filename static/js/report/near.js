// What was reported around here already, asked while there is a network. Going on without a press is the default.
import { el, fill } from "./dom.js";

const WAIT = 8000;
let turn = 0;

/** Fill `box` for the commune and category of the form; what fails leaves it out of sight. */
export async function look(box, form) {
  const { joins, commune } = form.elements;
  if (joins.value && joins.dataset.at !== undefined && joins.dataset.at !== commune.value) joins.value = "";
  turn += 1;
  const mine = turn;
  const found = commune.value ? await ask(commune.value, form.elements.category.value).catch(() => null) : null;
  if (mine !== turn) return;
  box.hidden = !found || !found.cases.length;
  if (!box.hidden) draw(box, form, found);
}

async function ask(commune, category) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT);
  try {
    const address = `/gan-day?${new URLSearchParams({ noi: commune, "linh-vuc": category })}`;
    const answer = await fetch(address, { credentials: "omit", signal: stop.signal });
    return answer.ok ? await answer.json() : null;
  } finally { clearTimeout(timer); }
}

function draw(box, form, found) {
  const { joins, commune } = form.elements;
  const { words } = found;
  const choose = (number) => {
    joins.value = number;
    joins.dataset.at = commune.value;
    joins.dispatchEvent(new Event("change", { bubbles: true }));
    draw(box, form, found);
    box.querySelector("[role=status]").focus();
  };
  const line = (one) => el("li", { class: "card tight" },
    el("p", {}, el("a", { href: one.url, target: "_blank", rel: "noopener" }, el("strong", {}, one.title), el("span", { class: "sr" }, ` ${words.tab}`))),
    el("p", { class: "small" }, [one.number, one.meta, one.standing, one.met].filter(Boolean).join(" · ")),
    ...mark(one), ...(one.joins && joins.value !== one.number ? [el("p", {}, el("button", { type: "button", class: "btn quiet", on: () => choose(one.number) }, words.join, el("span", { class: "sr" }, ` ${one.number}`)))] : []));
  const mark = (one) => (one.number === joins.value ? [el("p", {}, el("strong", {}, words.marked))] : []);
  const chosen = joins.value && el("p", { class: "row" }, el("strong", {}, fill(words.chosen, { number: joins.value })),
    el("button", { type: "button", class: "btn text", on: () => choose("") }, words.undo));
  box.replaceChildren(el("h3", {}, words.title), el("p", { class: "small" }, words.hint),
    el("div", { role: "status", tabindex: "-1" }, chosen || ""),
    el("ul", { class: "stack", role: "list" }, ...found.cases.map(line)),
    ...(found.times ? [el("p", { class: "small" }, found.times)] : []));
}
