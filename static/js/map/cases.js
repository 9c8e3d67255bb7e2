// The public list on a map: one mark for each commune, and from close by a pin where the exact place was published,
// with the filters of the page's address.
// Where one looks stands behind the "#", so that Back and a shared link show the same.
import { el, fill } from "../report/dom.js";
import { draw } from "./basemap.js";
import { still, unfold } from "./shell.js";

const HASH = "#ban-do";
const CELL = 60; // pixels: marks that would touch become one
const PIN = 36;
const NEAR = 12; // from this zoom on there are pins
const GRID = 200; // parts of a degree, as the server counts a frame
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

const point = ([code, lat, lon, standing, title]) => ({ code, lat, lon, standing, title });

/** Those that would cover each other at this zoom, together. */
function grouped(map, list, cell) {
  const groups = [];
  for (const one of list) {
    const at = map.project([one.lat, one.lon]);
    const near = groups.find((group) => Math.hypot(group.at.x - at.x, group.at.y - at.y) < cell);
    if (near) near.list.push(one); else groups.push({ at, list: [one] });
  }
  return groups.map((group) => group.list);
}

class Cases {
  constructor(shell, map, places) {
    const layer = () => shell.L.layerGroup().addTo(map);
    Object.assign(this, { shell, map, places: places.filter((one) => one.total), marks: layer(), dots: layer(), pinned: [], shown: "" });
  }

  begin(found) {
    const { map, shell } = this;
    const box = map.getContainer();
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", shell.say("cases_map"));
    const said = [shell.say("told", { n: found.total - found.unplaced, m: this.places.length })];
    if (found.unplaced) said.push(shell.say("unplaced", { n: found.unplaced }));
    if (found.cut) said.push(shell.say("cut", { n: found.total }));
    this.said = said.join(" ");
    Object.assign(this, { points: found.points.map(point), all: !found.more });
    this.tell(false);
    const [at, zoom, area] = position();
    if (at) map.setView(at, zoom, { animate: false });
    else map.fitBounds(this.places.length && this.places.length < 6 ? shell.L.latLngBounds(this.places).pad(0.4) : shell.home, { animate: false, maxZoom: 12 });
    this.group();
    map.on("zoomend", () => this.group());
    map.on("moveend", () => { this.remember(); this.pins().catch(() => {}); });
    map.on("popupopen", ({ popup }) => popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", shell.say("close_popup")));
    map.on("popupclose", () => { this.shown = ""; this.remember(); });
    shell.toggled = (open) => { if (open) this.remember(); else remember(""); };
    const before = this.places.find((one) => one.id === area);
    if (before) this.look(before, false); else this.shown = area || "";
    this.remember();
    this.pins().then(() => {
      const here = area && this.pinned.find((list) => list.some((one) => one.code === area));
      if (!here) return;
      shell.box.scrollIntoView({ block: "center" }); // one came for it, by a link or by Back
      this.spot(here, true);
    }).catch(() => {});
  }

  tell(cut) {
    const [box, words] = [this.shell.find("told"), cut ? `${this.said} ${this.shell.say("points_cut")}` : this.said];
    if (box.textContent !== words) box.textContent = words;
  }

  /** Pins of what may be seen exactly; asked for by frames where there are too many to have them all. */
  async pins() {
    const { map } = this;
    const near = map.getZoom() >= NEAR;
    if (near && !this.all) {
      const [view, wanted] = [map.getBounds(), new URLSearchParams(location.search)];
      const frame = [Math.floor(view.getSouth() * GRID), Math.floor(view.getWest() * GRID), Math.ceil(view.getNorth() * GRID), Math.ceil(view.getEast() * GRID)].join();
      if (frame !== this.frame) {
        this.frame = frame;
        wanted.set("khung", frame);
        const { points, more } = await ask(wanted);
        if (frame !== this.frame) return;
        this.points = (points || []).map(point);
        this.tell(more);
      }
    }
    const shown = near ? grouped(map, this.points, PIN) : [];
    const key = JSON.stringify(shown.map((list) => list.map((one) => one.code)));
    if (key === this.key) return; // whoever stands on a pin with the keys stays there
    this.key = key;
    const held = document.activeElement?.dataset.pin;
    this.dots.clearLayers();
    this.pinned = shown;
    for (const list of shown) this.pin(list, held);
  }

  pin(list, held) {
    const { L, say } = this.shell;
    const worst = STANDINGS.find((name) => list.some((one) => one.standing === name));
    const html = el("span", { class: `map-dot of ${worst}` }, list.length > 1 ? String(list.length) : "");
    const marker = L.marker([list[0].lat, list[0].lon], { icon: L.divIcon({ className: "map-spot", iconSize: [PIN, PIN], html }), riseOnHover: true }).addTo(this.dots);
    const element = marker.getElement();
    element.dataset.pin = list[0].code;
    element.setAttribute("aria-label", list.length > 1 ? say("point_here", { n: list.length }) : `${list[0].title}, ${this.word(worst)}`);
    const apart = list.length > 6 && this.map.getZoom() < 16;
    press(marker, () => { if (apart) this.nearer(list, 16); else this.spot(list, true); });
    if (held === list[0].code) element.focus({ preventScroll: true });
  }

  word(standing) { return this.shell.say(standing, { n: "" }).trim(); }

  /** What lies at one pin. */
  spot(list, focus) {
    const rows = list.map(({ code, title, standing }) => el("li", {}, el("a", { href: `/pa/${code}` }, title), el("span", { class: "small" }, `${code} · ${this.word(standing)}`)));
    const body = el("div", { class: "map-card" }, el("h3", { tabindex: "-1" }, this.shell.say("point_here", { n: list.length })), el("ul", { class: "map-newest" }, ...rows));
    this.popup(list[0], body, list[0].code, focus);
  }

  popup(at, body, shown, focus) {
    const { L } = this.shell;
    const size = this.map.getSize();
    const popup = L.popup({ minWidth: 190, maxWidth: Math.min(290, size.x - 110), maxHeight: Math.min(320, size.y - 150), autoPanPaddingTopLeft: [64, 40], autoPanPaddingBottomRight: [8, 30] }).setLatLng([at.lat, at.lon]).setContent(body);
    this.shown = "";
    popup.openOn(this.map);
    this.shown = shown;
    this.remember();
    if (focus) body.querySelector("h3").focus({ preventScroll: true });
    body.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      this.map.closePopup(popup);
      this.map.getContainer().focus({ preventScroll: true });
    });
    return popup;
  }

  remember() {
    if (this.shell.box.hidden) return;
    const { lat, lng } = this.map.getCenter();
    remember(`${HASH}=${[lat.toFixed(4), lng.toFixed(4), this.map.getZoom(), ...(this.shown ? [this.shown] : [])].join(",")}`);
  }

  /** Marks that would cover each other stand as one, with their sum. */
  group() {
    this.marks.clearLayers();
    this.shell.spots = grouped(this.map, this.places, CELL).map((places) => this.mark(places));
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
    press(marker, () => { if (places.length > 1) this.nearer(places, 13); else this.look(one, true); });
    return { at, name: places.length > 1 ? "" : one.name };
  }

  lines(numbers) {
    return STANDINGS.filter((name) => numbers[name]).map((name) => this.shell.say(name, { n: numbers[name] }));
  }

  nearer(places, maxZoom) {
    const { L } = this.shell;
    this.map.fitBounds(L.latLngBounds(places).pad(0.3), { maxZoom, animate: !still() });
    this.map.getContainer().focus({ preventScroll: true });
  }

  /** What a commune has: its numbers, its newest, and the way to the whole list. */
  async look(one, focus) {
    const { say } = this.shell;
    const wanted = new URLSearchParams(location.search);
    wanted.set("noi", one.id);
    wanted.delete("trang");
    const list = el("ul", { class: "map-newest" });
    const whole = el("a", { href: `/?${wanted}#phan-anh` }, say("whole", { n: one.total }));
    const body = el("div", { class: "map-card" }, el("h3", { tabindex: "-1" }, one.name),
      el("ul", { class: "map-lines" }, ...STANDINGS.filter((name) => one[name]).map((name) => el("li", { class: `of ${name}` }, say(name, { n: one[name] })))), whole, list);
    const popup = this.popup(one, body, one.id, focus);
    try {
      const { newest } = await ask(wanted);
      list.append(...newest.map((row) => el("li", {}, el("a", { href: row.url }, row.title), el("span", { class: "small" }, fill("{code} · {standing}", row)))));
      const held = body.contains(document.activeElement) && document.activeElement;
      popup.update(); // it lays its content anew, which loses the focus
      if (held) held.focus({ preventScroll: true });
    } catch { list.append(el("li", {}, say("no_newest"))); }
  }
}

function press(marker, act) {
  marker.on("click", act);
  marker.getElement().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
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
