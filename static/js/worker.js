// Registers the service worker and offers a new version; it is never forced on an open form.
export async function register(url) {
  const registration = await navigator.serviceWorker.register(url, { scope: "/" });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && navigator.serviceWorker.controller) offer(fresh);
    });
  });
}

function offer(fresh) {
  const box = document.querySelector("[data-update]");
  const button = box?.querySelector("button");
  if (!button) return;
  box.hidden = false;
  button.addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    fresh.postMessage({ type: "skip-waiting" });
  }, { once: true });
}
