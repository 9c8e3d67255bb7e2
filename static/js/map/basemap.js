// The shipped map: our province in its country, drawn on one canvas, and the labels above everything.
import { el } from "../report/dom.js";
import { still } from "./shell.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SCALE = 1000;
const COUNTRY = [[7.6, 102.2], [23.4, 118.2]];
const BOUNDS = [[3, 97], [27, 122]];
const SMALL = 9; // from this zoom on communes have names, before it provinces
const METRES = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** A line as scripts/basemap.py wrote it. */
export function decoded(text) {
  const [line, at] = [[], [0, 0]];
  let [value, shift, axis] = [0, 0, 0];
  for (const sign of text) {
    const bits = ALPHABET.indexOf(sign);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    at[axis] += (value >> 1) ^ -(value & 1);
    if (axis) line.push([at[1] / SCALE, at[0] / SCALE]);
    [value, shift, axis] = [0, 0, 1 - axis];
  }
  return line;
}

function inside([lat, lon], ring) {
  let odd = false;
  for (let n = 0, before = ring.length - 1; n < ring.length; before = n, n += 1) {
    const [[y1, x1], [y2, x2]] = [ring[n], ring[before]];
    if ((y1 > lat) !== (y2 > lat) && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}

/** Provinces as rings, borders by what they part, and which provinces hold at least a tenth of these places. */
export function geometry(country, places) {
  const arcs = country.arcs.split(" ").map(decoded);
  const owners = arcs.map(() => []);
  const provinces = country.old.map(([name, merged, rings], n) => {
    for (const arc of rings.flat()) owners[arc < 0 ? ~arc : arc].push(n);
    const shapes = rings.map((ring) => ring.flatMap((arc) => (arc < 0 ? arcs[~arc].slice().reverse() : arcs[arc])));
    const held = places.filter((place) => shapes.some((ring) => inside([place.lat, place.lon], ring)));
    return { name, merged, shapes, held, own: held.length > 0 && held.length >= places.length / 10 };
  });
  const kind = ([a, b]) => {
    if (provinces[a].own !== Boolean(provinces[b] && provinces[b].own)) return "outline";
    if (b === undefined) return "coast";
    return provinces[a].merged === provinces[b].merged ? "former" : "border";
  };
  const borders = { former: [], coast: [], border: [], outline: [] };
  arcs.forEach((arc, n) => { if (owners[n].length) borders[kind(owners[n])].push(arc); });
  return { provinces, borders };
}

/** A map in `shell.box`; `places`: [{name, lat, lon}] get their names and are what "the whole province" means. */
export function draw(shell, places, tiles, options = {}) {
  const { L, country } = shell;
  const calm = still();
  const map = L.map(shell.find("canvas"), {
    renderer: L.canvas({ padding: 0.4 }), zoomControl: false, minZoom: 4, maxZoom: 18, zoomSnap: 0.25,
    maxBounds: BOUNDS, maxBoundsViscosity: 0.8, zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm,
    inertia: !calm, ...options,
  });
  shell.map = map;
  L.control.zoom({ zoomInTitle: shell.say("zoom_in"), zoomOutTitle: shell.say("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, position: "topright" }).addTo(map);
  const { provinces, borders } = geometry(country, places);
  const own = provinces.filter((province) => province.own);
  shell.home = L.latLngBounds(own.length ? own.flatMap((province) => province.held) : COUNTRY).pad(0.12);
  const colour = painter(shell.box);
  if (tiles.url) {
    L.tileLayer(tiles.url, { maxZoom: 18, referrerPolicy: "origin" }).addTo(map);
  } else {
    const fill = (name) => ({ stroke: true, weight: 1, color: name, fillColor: name, fillOpacity: 1 });
    colour(L.polygon(country.around.split(" ").map((line) => [decoded(line)]), { interactive: false }), fill("around"), map);
    for (const { own: ours, shapes } of provinces) {
      colour(L.polygon(shapes.map((ring) => [ring]), { interactive: false }), fill(ours ? "own" : "land"), map);
    }
    for (const [kind, weight] of [["former", 0.8], ["coast", 1], ["border", 1]]) {
      colour(L.polyline(borders[kind], { interactive: false }), { weight, color: "line", dashArray: kind === "former" ? "3 5" : null }, map);
    }
    grid(shell, colour);
  }
  colour(L.polyline(borders.outline, { interactive: false }), { weight: 2.5, color: "outline" }, map);
  for (const at of country.islands) colour(L.circleMarker(at, { radius: 2.5, interactive: false }), { stroke: false, fillColor: "outline", fillOpacity: 1 }, map);
  for (const { lat, lon } of places) colour(L.circleMarker([lat, lon], { radius: 2, interactive: false }), { stroke: false, fillColor: "line", fillOpacity: 1 }, map);
  credit(shell, tiles);
  sovereign(shell);
  shell.label = names(shell, places);
  map.on("moveend", shell.label);
  for (const [name, bounds] of [["province", shell.home], ["country", L.latLngBounds(COUNTRY)]]) {
    shell.find(name).addEventListener("click", () => map.fitBounds(bounds, { animate: false }));
  }
  return map;
}

/** Colours are those of the sheet, and change with it. */
function painter(box) {
  const painted = [];
  const paint = ([layer, style]) => {
    const sheet = getComputedStyle(box);
    const value = (name) => sheet.getPropertyValue(`--map-${name}`).trim();
    layer.setStyle({ ...style, ...(style.color && { color: value(style.color) }), ...(style.fillColor && { fillColor: value(style.fillColor) }) });
  };
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => painted.forEach(paint));
  return (layer, style, map) => {
    painted.push([layer, style]);
    paint([layer, style]);
    return layer.addTo(map);
  };
}

/** Where no streets are drawn, lines at round distances show that one moves, and how far. */
function grid({ L, map }, colour) {
  const lines = colour(L.polyline([], { interactive: false }), { weight: 1, color: "grid" }, map);
  const redraw = () => {
    if (map.getZoom() < 12) { lines.setLatLngs([]); return; }
    const view = map.getBounds().pad(0.4);
    const middle = Math.round(map.getCenter().lat);
    const pixel = 156543 * Math.cos((middle * Math.PI) / 180) / 2 ** map.getZoom();
    const step = (METRES.find((metres) => metres / pixel > 60) || 5000) / 111320;
    const across = step / Math.cos((middle * Math.PI) / 180);
    const found = [];
    for (let lat = Math.ceil(view.getSouth() / step) * step; lat < view.getNorth(); lat += step) found.push([[lat, view.getWest()], [lat, view.getEast()]]);
    for (let lon = Math.ceil(view.getWest() / across) * across; lon < view.getEast(); lon += across) found.push([[view.getSouth(), lon], [view.getNorth(), lon]]);
    lines.setLatLngs(found);
  };
  map.on("moveend", redraw);
}

function credit({ map, say }, tiles) {
  const words = document.createElement("span");
  words.textContent = tiles.credit ? `${tiles.credit} · ${say("credit")}` : say("credit");
  map.attributionControl.setPrefix("").addAttribution(words.innerHTML);
}

const text = (L, words, kind, at, pane, map) => L.marker(at, {
  pane, interactive: false, keyboard: false, icon: L.divIcon({ className: `map-name ${kind}`, iconSize: null, html: el("span", {}, ...lines(words)) }),
}).addTo(map);

/** What stands in brackets goes below. */
const lines = (words) => words.split(" (").flatMap((part, n) => (n ? [" ", el("br"), `(${part}`] : [part]));

/** Bien Dong and both archipelagos: above tiles, shapes and markers, at every zoom. */
function sovereign({ L, map, country }) {
  map.createPane("sovereign").classList.add("map-sovereign");
  for (const [words, lat, lon, sea] of country.labels) text(L, words, sea ? "sea" : "isles", [lat, lon], "sovereign", map);
}

/** As many names as there is room for; first those of the marks in `shell.spots`. */
function names(shell, places) {
  const { L, map, country } = shell;
  map.createPane("names").classList.add("map-names");
  const layer = L.layerGroup().addTo(map);
  const provinces = country.merged.map(([name, lat, lon]) => ({ name, lat, lon }));
  return () => {
    layer.clearLayers();
    const near = map.getZoom() >= SMALL;
    const size = map.getSize();
    const taken = country.labels.map(([words, lat, lon]) => area(map, words, lat, lon, 1.6));
    for (const spot of shell.spots || []) {
      const at = map.latLngToContainerPoint(spot.at);
      taken.push({ left: at.x - 30, right: at.x + 30, top: at.y - 19, bottom: at.y + 19 });
    }
    const marked = near ? (shell.spots || []).filter((spot) => spot.name) : [];
    for (const { name, lat, lon, under } of [...marked.map((spot) => ({ ...spot, lat: spot.at[0], lon: spot.at[1], under: 20 })), ...(near ? places : provinces)]) {
      const box = area(map, name, lat, lon, 1, under);
      const out = box.right < 0 || box.bottom < 0 || box.left > size.x || box.top > size.y;
      if (out || taken.some((one) => one.left < box.right && one.right > box.left && one.top < box.bottom && one.bottom > box.top)) continue;
      taken.push(box);
      text(L, name, near ? `commune${under ? " marked" : ""}` : "province", [lat, lon], "names", layer);
    }
  };
}

function area(map, words, lat, lon, large, under = 0) {
  const at = map.latLngToContainerPoint([lat, lon]);
  const half = words.length * 3.9 + 4;
  return { left: at.x - half, right: at.x + half, top: at.y + under - (under ? 0 : 12 * large), bottom: at.y + 14 * large + under };
}
