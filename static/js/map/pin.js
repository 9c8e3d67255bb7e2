// A pin for the report: set by touch, by keys, by buttons; the position stays in the form's own fields.
import { el } from "../report/dom.js";
import { draw } from "./basemap.js";
import { comma, still, unfold } from "./shell.js";

const METRE = 1 / 111320; // degrees of latitude
const STEP = 10; // metres of a press on a button
const CLOSE = 16;
const DIRECTIONS = { ArrowUp: ["north", 1, 0], ArrowDown: ["south", -1, 0], ArrowLeft: ["west", 0, -1], ArrowRight: ["east", 0, 1] };

export async function open(button) {
  const shell = await unfold(button, "pin");
  if (!shell) return;
  const form = button.form;
  const places = [...form.elements.commune.options].filter((option) => option.dataset.at).map((option) => {
    const [lat, lon] = option.dataset.at.split(" ").map(Number);
    return { id: option.value, name: option.text, lat, lon };
  });
  const map = draw(shell, places, { url: button.dataset.tiles, credit: button.dataset.credit }, { keyboard: false });
  new Pin(shell, map, form, places, document.getElementById(button.dataset.status)).begin();
}

class Pin {
  constructor(shell, map, form, places, status) {
    const { lat, lon, accuracy } = form.elements;
    Object.assign(this, { shell, map, form, places, status, fields: { lat, lon, accuracy }, marker: null, own: false });
  }

  begin() {
    const { map, shell, fields, form } = this;
    const box = map.getContainer();
    box.tabIndex = 0;
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", shell.say("pin_map"));
    box.setAttribute("aria-describedby", shell.find("help").id);
    box.addEventListener("keydown", (event) => this.key(event));
    map.on("click", ({ latlng }) => this.put(latlng));
    for (const button of shell.box.querySelectorAll("[data-move]")) button.addEventListener("click", () => this.push(button.dataset.move));
    shell.find("drop").addEventListener("click", () => this.drop());
    fields.lat.addEventListener("change", () => { if (!this.own) this.given(); });
    const commune = this.places.find((one) => one.id === form.elements.commune.value);
    if (fields.lat.value) this.given();
    else if (commune) map.setView(commune, 13, { animate: false });
    else map.fitBounds(shell.home, { animate: false });
    box.focus({ preventScroll: true });
  }

  /** The position came from elsewhere (the phone, a draft): the pin goes there. */
  given() {
    const { lat, lon } = this.fields;
    if (!lat.value) return;
    const at = this.shell.L.latLng(Number(lat.value), Number(lon.value));
    this.stand(at);
    this.map.setView(at, CLOSE, { animate: false });
  }

  stand(at) {
    const { L, say } = this.shell;
    this.shell.find("drop").hidden = false;
    if (this.marker) { this.marker.setLatLng(at); return; }
    const icon = L.divIcon({ className: "map-pin", iconSize: [44, 54], iconAnchor: [22, 52], html: el("span", { class: "map-drop" }, el("span", {})) });
    this.marker = L.marker(at, { icon, draggable: true, autoPan: true, keyboard: false, title: say("pin") }).addTo(this.map);
    this.marker.on("dragend", () => this.put(this.marker.getLatLng()));
  }

  /** A pin set by hand is as exact as a finger on this zoom; one that was only nudged keeps what the phone said. */
  put(at, nudged = false) {
    const { lat, lon, accuracy } = this.fields;
    this.stand(at);
    const finger = Math.max(STEP, Math.round(8 * this.pixel(at)));
    accuracy.value = nudged && accuracy.value ? accuracy.value : finger;
    delete lat.dataset.at;
    lat.value = at.lat.toFixed(6);
    lon.value = at.lng.toFixed(6);
    this.changed();
    this.told(at);
  }

  changed() {
    this.own = true;
    this.fields.lat.dispatchEvent(new Event("change", { bubbles: true }));
    this.own = false;
  }

  pixel(at) { return 156543 * Math.cos((at.lat * Math.PI) / 180) / 2 ** this.map.getZoom(); }

  told(at, moved = "") {
    const { L, say } = this.shell;
    const nearest = this.places.map((one) => ({ name: one.name, km: at.distanceTo(L.latLng(one)) / 1000 })).sort((a, b) => a.km - b.km)[0];
    const values = { lat: comma(at.lat, 5), lon: comma(at.lng, 5), name: nearest?.name, km: nearest && comma(nearest.km, 1) };
    const where = say(nearest && nearest.km <= 60 ? "pin_at" : "pin_far", values);
    this.status.textContent = moved ? `${moved} ${where}` : where;
  }

  /** By `metres` to one side; a pin nobody has set yet begins in the middle of what is seen. */
  shift([name, north, east], metres) {
    const { L, say } = this.shell;
    if (!this.marker) { this.put(this.map.getCenter()); return; }
    const from = this.marker.getLatLng();
    const wide = METRE / Math.cos((from.lat * Math.PI) / 180);
    const at = L.latLng(from.lat + north * metres * METRE, from.lng + east * metres * wide);
    this.put(at, true);
    if (!this.map.getBounds().pad(-0.1).contains(at)) this.map.panTo(at, { animate: !still() });
    this.told(at, say("moved", { m: metres, side: say(name) }));
  }

  push(side) {
    if (this.map.getZoom() < CLOSE) this.map.setView(this.marker ? this.marker.getLatLng() : this.map.getCenter(), CLOSE, { animate: false });
    this.shift(Object.values(DIRECTIONS).find(([name]) => name === side), STEP);
  }

  key(event) {
    if (event.target !== this.map.getContainer() || event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key];
    const at = this.marker ? this.marker.getLatLng() : this.map.getCenter();
    if (direction) this.shift(direction, Math.max(STEP, Math.round((16 * this.pixel(at)) / STEP) * STEP));
    else if (event.key === "+" || event.key === "=") this.map.setZoomAround(at, this.map.getZoom() + 1, { animate: false });
    else if (event.key === "-") this.map.setZoomAround(at, this.map.getZoom() - 1, { animate: false });
    else if (event.key === "Enter" || event.key === " ") this.put(this.map.getCenter());
    else return;
    event.preventDefault();
  }

  drop() {
    const { fields, map, shell } = this;
    if (this.marker) this.marker.remove();
    this.marker = null;
    for (const field of Object.values(fields)) field.value = "";
    delete fields.lat.dataset.at;
    this.changed();
    shell.find("drop").hidden = true;
    this.status.textContent = shell.say("dropped");
    map.getContainer().focus({ preventScroll: true });
  }
}
