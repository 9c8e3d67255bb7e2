// <button type="button" hidden data-geolocate="f-lat f-lon f-accuracy" data-status="id">
// The words on the screen are in the page (data-wait, data-done, data-fail), not here.
export function bind(button) {
  if (!("geolocation" in navigator)) return;
  const [lat, lon, accuracy] = button.dataset.geolocate.split(" ").map((id) => document.getElementById(id));
  const status = document.getElementById(button.dataset.status);
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = button.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        lat.value = coords.latitude.toFixed(6);
        lon.value = coords.longitude.toFixed(6);
        accuracy.value = Math.round(coords.accuracy);
        status.textContent = button.dataset.done.replace("{m}", accuracy.value);
      },
      () => { status.textContent = button.dataset.fail; },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}
