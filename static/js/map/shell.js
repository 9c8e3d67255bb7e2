// What every map needs before it is one: Leaflet, the shipped map, the sheets and the frame with its words.
// Nothing of it is fetched before somebody asks for a map.
import { speaker } from "../report/dom.js";

const file = (name) => new URL(`../../${name}`, import.meta.url).href;
const opened = new WeakMap();

const sheet = (name) => new Promise((resolve, reject) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: file(name), onload: resolve, onerror: reject });
  document.head.append(link);
});

async function frame(kind) {
  const answer = await fetch("/ban-do/khung");
  if (!answer.ok) throw new Error("no frame");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const box = document.adoptNode(page.querySelector(`[data-for=${kind}]`));
  return [box, speaker(page.querySelector("[data-words]").dataset.words)];
}

/** The map's frame below its button, once, and what `more` fetched; later presses fold it away and back and give null. */
export async function unfold(button, kind, more = () => null) {
  const known = opened.get(button);
  if (known) {
    if (known.box) toggle(button, known);
    return null;
  }
  const shell = {};
  opened.set(button, shell);
  button.setAttribute("aria-busy", "true");
  try {
    const [[box, say], found, data] = await Promise.all([
      frame(kind), more(), import(file("map/vietnam.js")), import(file("vendor/leaflet/leaflet.js")),
      sheet("css/map.css"),
    ]);
    Object.assign(shell, { box, say, found, country: data.default, L: window.L });
    shell.find = (name) => box.querySelector(`[data-${name}]`);
    box.hidden = true;
    (button.closest("[data-map-after]") || button.parentElement).after(box);
    shell.closed = button.textContent;
    toggle(button, shell);
    return shell;
  } catch (error) {
    opened.delete(button);
    throw error;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function toggle(button, shell) {
  const open = shell.box.hidden;
  shell.box.hidden = !open;
  button.textContent = open ? shell.say("close") : shell.closed;
  button.setAttribute("aria-expanded", String(open));
  if (open && shell.map) shell.map.invalidateSize();
  if (shell.toggled) shell.toggled(open);
}

export const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
export const comma = (number, digits) => number.toFixed(digits).replace(".", ",");
