// What was reported around here already, asked while there is a network. Going on without a press is the default.
// How far it is to a published place is worked out here: where this phone is, nobody is told.
import { el, fill } from "./dom.js";
import { matter } from "./draft.js";

const WAIT = 8000;
const CLOSE = 300; // metres: what lies nearer comes before everything else
let turn = 0;

/** Fill `box` for the commune and category of the form; what fails leaves it out of sight, but never what is chosen. */
export async function look(box, form, draft, say) {
  const { joins, commune } = form.elements;
  if (box.dataset.chosen && !joins.value) box.hidden = true; // it is not chosen any more, whatever takes long now
  turn += 1;
  const mine = turn;
  const found = commune.value ? await ask(commune.value, form.elements.category.value).catch(() => null) : null;
  if (mine !== turn) return;
  if (found) nearest(found, form.elements);
  const list = found && found.cases.length ? found : null;
  box.hidden = !list && !joins.value;
  draw(box, form, draft, say, list);
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

/** The cases that are shown: those close by first, the closest before the others, then as the server has them. */
function nearest(found, { lat, lon }) {
  const here = lat.value && lon.value ? [Number(lat.value), Number(lon.value)] : null;
  const metres = ([north, east]) => 111195 * Math.hypot(north - here[0], (east - here[1]) * Math.cos((north * Math.PI) / 180));
  for (const one of found.cases) one.away = here && one.at ? metres(one.at) : Infinity;
  const first = found.cases.filter((one) => one.away <= CLOSE).sort((a, b) => a.away - b.away);
  found.cases = [...first, ...found.cases.filter((one) => one.away > CLOSE)].slice(0, found.most);
}

/** No finer than the place that is public: it is given to about ten metres. */
function distance({ away }, words) {
  if (!Number.isFinite(away)) return "";
  if (away < 975) return fill(words.metres, { m: away < 200 ? Math.max(10, Math.round(away / 10) * 10) : Math.round(away / 50) * 50 });
  return fill(words.kilometres, { km: (away / 1000).toFixed(1).replace(".", ",") });
}

function draw(box, form, draft, say, found) {
  const { joins } = form.elements;
  const words = found && found.words;
  const choose = (number) => {
    joins.value = number;
    draft.met = matter(form.elements);
    joins.dispatchEvent(new Event("change", { bubbles: true }));
    draw(box, form, draft, say, found);
    box.querySelector("[role=status]").focus();
  };
  const line = (one) => el("li", { class: "card tight" },
    el("p", {}, el("a", { href: one.url, target: "_blank", rel: "noopener" }, el("strong", {}, one.title), el("span", { class: "sr" }, ` ${words.tab}`))),
    el("p", { class: "small" }, [distance(one, words), one.number, one.meta, one.standing, one.met].filter(Boolean).join(" · ")),
    ...mark(one), ...(one.joins && joins.value !== one.number ? [el("p", {}, el("button", { type: "button", class: "btn quiet", on: () => choose(one.number) }, words.join, el("span", { class: "sr" }, ` ${one.number}`)))] : []));
  const mark = (one) => (one.number === joins.value ? [el("p", {}, el("strong", {}, words.marked))] : []);
  const chosen = joins.value && el("p", { class: "row" }, el("strong", {}, say("joined", { number: joins.value })),
    el("button", { type: "button", class: "btn text", on: () => choose("") }, say("join_undo")));
  box.dataset.chosen = joins.value;
  const open = found ? found.cases.filter((one) => one.told || one.number === joins.value) : [];
  const veiled = found ? found.cases.filter((one) => !open.includes(one)) : [];
  const hint = open.some((one) => one.joins) ? [el("p", { class: "small" }, words.hint)] : [];
  const title = found ? [el("h3", {}, words.title), ...hint] : [];
  const lines = (cases) => el("ul", { class: "stack", role: "list" }, ...cases.map(line));
  const list = open.length ? [lines(open)] : [];
  // Whoever cannot read what it is about should not take it for the same without thinking.
  if (veiled.length) list.push(el("details", { class: "why" }, el("summary", {}, fill(words.veiled, { n: veiled.length })), el("p", { class: "small" }, words.veiled_hint), lines(veiled)));
  box.replaceChildren(...title, el("div", { role: "status", tabindex: "-1" }, chosen || ""), ...list,
    ...(found && found.times ? [el("p", { class: "small" }, found.times)] : []));
}
