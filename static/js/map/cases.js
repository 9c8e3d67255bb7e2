// The public list on a map: one mark for each commune (more are not told), with the filters of the page's address.
// Where one looks stands behind the "#", so that Back and a shared link show the same.
import { el, fill } from "../report/dom.js";
import { draw } from "./basemap.js";
import { still, unfold } from "./shell.js";

const HASH = "#ban-do";
const CELL = 60; // pixels: marks that would touch become one
const STANDINGS = ["overdue", "waiting", "late", "on_time", "other"];

export async function open(button) {
  const shell = await unfold(button, "cases", () => ask(new URLSearchParams(location.search)));
  if (!shell) return;
  const { found } = shell;
  const places = found.areas.map(([id, name, lat, lon, total, ...numbers]) => ({ id, name, lat, lon, total, ...standings(total, numbers) }));
  const map = draw(shell, places, { url: button.dataset.tiles, credit: button.dataset.credit });
  new Cases(shell, map, places).begin(found);
}

async function ask(wanted) {
  const answer = await fetch(`/ban-do/phan-anh.json?${wanted}`);
  if (!answer.ok) throw new Error("no cases");
  return answer.json();
}

function standings(total, [overdue, waiting, late, onTime]) {
  return { overdue, waiting, late, on_time: onTime, other: Math.max(0, total - overdue - waiting - late - onTime) };
}

const sum = (places) => places.reduce((all, one) => {
  for (const name of ["total", ...STANDINGS]) all[name] = (all[name] || 0) + one[name];
  return all;
}, {});

class Cases {
  constructor(shell, map, places) {
    Object.assign(this, { shell, map, places: places.filter((one) => one.total), marks: shell.L.layerGroup().addTo(map), shown: "" });
  }

  begin(found) {
    const { map, shell } = this;
    const box = map.getContainer();
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", shell.say("cases_map"));
    const said = [shell.say("told", { n: found.total - found.unplaced, m: this.places.length })];
    if (found.unplaced) said.push(shell.say("unplaced", { n: found.unplaced }));
    if (found.cut) said.push(shell.say("cut", { n: found.total }));
    shell.find("told").textContent = said.join(" ");
    const [at, zoom, area] = position();
    if (at) map.setView(at, zoom, { animate: false });
    else map.fitBounds(this.places.length && this.places.length < 6 ? shell.L.latLngBounds(this.places).pad(0.4) : shell.home, { animate: false, maxZoom: 12 });
    this.group();
    map.on("zoomend", () => this.group());
    map.on("moveend", () => this.remember());
    map.on("popupopen", ({ popup }) => popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", shell.say("close_popup")));
    map.on("popupclose", () => { this.shown = ""; this.remember(); });
    shell.toggled = (open) => { if (open) this.remember(); else remember(""); };
    const before = this.places.find((one) => one.id === area);
    if (before) this.look(before, false); else this.remember();
  }

  remember() {
    if (this.shell.box.hidden) return;
    const { lat, lng } = this.map.getCenter();
    remember(`${HASH}=${[lat.toFixed(4), lng.toFixed(4), this.map.getZoom(), ...(this.shown ? [this.shown] : [])].join(",")}`);
  }

  /** Marks that would cover each other stand as one, with their sum. */
  group() {
    const groups = [];
    for (const one of this.places) {
      const at = this.map.project([one.lat, one.lon]);
      const near = groups.find((group) => Math.hypot(group.at.x - at.x, group.at.y - at.y) < CELL);
      if (near) near.places.push(one); else groups.push({ at, places: [one] });
    }
    this.marks.clearLayers();
    this.shell.spots = groups.map(({ places }) => this.mark(places));
    this.shell.label();
  }

  mark(places) {
    const { L, say } = this.shell;
    const [numbers, one] = [sum(places), places[0]];
    const worst = STANDINGS.find((name) => numbers[name]);
    const html = el("span", { class: `map-mark ${worst}` }, el("b", {}, String(numbers.total)), ...(numbers.overdue ? [el("span", { class: "of overdue" }, String(numbers.overdue))] : []));
    const middle = L.latLngBounds(places.map(({ lat, lon }) => [lat, lon])).getCenter();
    const at = [middle.lat, middle.lng];
    const marker = L.marker(at, { icon: L.divIcon({ className: "map-spot", iconSize: [56, 48], html }), riseOnHover: true }).addTo(this.marks);
    const name = places.length > 1 ? say("together", { n: numbers.total, m: places.length }) : say("of", { n: numbers.total, name: one.name });
    const element = marker.getElement();
    element.setAttribute("aria-label", [name, ...this.lines(numbers)].join(", "));
    const act = () => { if (places.length > 1) this.nearer(places); else this.look(one, true); };
    marker.on("click", act);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
    return { at, name: places.length > 1 ? "" : one.name };
  }

  lines(numbers) {
    return STANDINGS.filter((name) => numbers[name]).map((name) => this.shell.say(name, { n: numbers[name] }));
  }

  nearer(places) {
    const { L } = this.shell;
    this.map.fitBounds(L.latLngBounds(places).pad(0.3), { maxZoom: 13, animate: !still() });
    this.map.getContainer().focus({ preventScroll: true });
  }

  /** What a commune has: its numbers, its newest, and the way to the whole list. */
  async look(one, focus) {
    const { L, say } = this.shell;
    const wanted = new URLSearchParams(location.search);
    wanted.set("noi", one.id);
    wanted.delete("trang");
    const list = el("ul", { class: "map-newest" });
    const whole = el("a", { href: `/?${wanted}#phan-anh` }, say("whole", { n: one.total }));
    const body = el("div", { class: "map-card" }, el("h3", { tabindex: "-1" }, one.name),
      el("ul", { class: "map-lines" }, ...STANDINGS.filter((name) => one[name]).map((name) => el("li", { class: `of ${name}` }, say(name, { n: one[name] })))), whole, list);
    const popup = L.popup({ minWidth: 190, maxWidth: Math.min(290, this.map.getSize().x - 110), maxHeight: Math.min(320, this.map.getSize().y - 150), autoPanPaddingTopLeft: [64, 12], autoPanPaddingBottomRight: [8, 30] }).setLatLng([one.lat, one.lon]).setContent(body);
    this.shown = "";
    popup.openOn(this.map);
    this.shown = one.id;
    this.remember();
    if (focus) body.querySelector("h3").focus({ preventScroll: true });
    try {
      const { newest } = await ask(wanted);
      list.append(...newest.map((row) => el("li", {}, el("a", { href: row.url }, row.title), el("span", { class: "small" }, fill("{code} · {standing}", row)))));
      const held = body.contains(document.activeElement) && document.activeElement;
      popup.update(); // it lays its content anew, which loses the focus
      if (held) held.focus({ preventScroll: true });
    } catch { list.append(el("li", {}, say("no_newest"))); }
  }
}

const remember = (hash) => {
  history.replaceState(history.state, "", location.pathname + location.search + hash);
  const form = document.querySelector("form[role=search]");
  if (form) form.action = form.action.split("#")[0] + (hash || "#phan-anh");
};

function position() {
  const [name, values] = decodeURIComponent(location.hash).split("=");
  const [lat, lon, zoom, area] = name === HASH && values ? values.split(",") : [];
  return [lat, lon, zoom].every((part) => Number.isFinite(Number(part)) && part !== undefined && part !== "") ? [[Number(lat), Number(lon)], Number(zoom), area] : [];
}
