// <button type="button" hidden data-geolocate="f-lat f-lon f-accuracy" data-status="id">
// Watches for up to 15 seconds and keeps the best position; a good one ends it at once.
// The words on the screen are in the page (data-wait, data-better, data-done, data-far, data-fail), not here.
const SECONDS = 15;
const GOOD = 15; // metres

export function bind(button) {
  if (!("geolocation" in navigator)) return;
  const fields = button.dataset.geolocate.split(" ").map((id) => document.getElementById(id));
  const status = document.getElementById(button.dataset.status);
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = button.dataset.wait;
    look((best) => { status.textContent = (button.dataset.better ?? button.dataset.wait).replace("{m}", Math.round(best.coords.accuracy)); })
      .then((best) => take(best, fields, status, button))
      .catch(() => { status.textContent = button.dataset.fail; });
  });
}

function look(better) {
  return new Promise((resolve, reject) => {
    let best = null;
    const end = () => {
      navigator.geolocation.clearWatch(id);
      clearTimeout(timer);
      if (best) resolve(best); else reject(new Error("no position"));
    };
    const id = navigator.geolocation.watchPosition((position) => {
      if (!best || position.coords.accuracy < best.coords.accuracy) { best = position; better(best); }
      if (best.coords.accuracy <= GOOD) end();
    }, (fault) => { if (fault.code === fault.PERMISSION_DENIED) end(); },
    { enableHighAccuracy: true, timeout: SECONDS * 1000, maximumAge: 10000 });
    const timer = setTimeout(end, SECONDS * 1000);
  });
}

function take({ coords, timestamp }, [lat, lon, accuracy], status, button) {
  lat.value = coords.latitude.toFixed(6);
  lon.value = coords.longitude.toFixed(6);
  accuracy.value = Math.round(coords.accuracy);
  const here = { lat: Number(lat.value), lon: Number(lon.value) };
  lat.dataset.at = new Date(timestamp).toISOString();
  status.textContent = button.dataset.done.replace("{m}", accuracy.value);
  lat.dispatchEvent(new Event("change", { bubbles: true }));
  if (!button.dataset.far) return;
  import("./report/places.js").then(({ outside }) => {
    const same = Number(lat.value) === here.lat && Number(lon.value) === here.lon;
    if (same && outside(button.form, here)) status.textContent = button.dataset.far.replace("{m}", accuracy.value);
  }).catch(() => {});
}
