// The only script tag of the product. It loads a small module for each kind of element the page
// holds, so a page without such an element fetches nothing. Every page works without any of them.
const modules = {
  "data-steps": "./report/steps.js",
  "data-here": "./here.js",
  "data-geolocate": "./geolocate.js",
  "data-code-check": "./code-check.js",
  "data-submit-once": "./submit-once.js",
  "data-typed": "./typed.js",
  "data-secret": "./secret.js",
  "data-keep": "./keep.js",
  "data-copy": "./copy.js",
  "data-save": "./copy.js",
  "data-print": "./copy.js",
};

for (const [attribute, path] of Object.entries(modules)) {
  const found = document.querySelectorAll(`[${attribute}]`);
  if (found.length) import(path).then((m) => found.forEach((el) => m.bind(el))).catch(() => {});
}

// A map is large: its modules are fetched when somebody asks for one, or comes back to one.
for (const button of document.querySelectorAll("[data-map]")) {
  const told = document.getElementById(button.dataset.status);
  button.hidden = false;
  button.onclick = () => import(`./map/${button.dataset.map}.js`).then((m) => m.open(button))
    .catch(() => { told.textContent = button.dataset.fail; });
  if (location.hash.startsWith("#ban-do")) button.click();
}

// The error summary takes the focus, so that a screen reader begins with what must be mended.
document.querySelector("[data-focus]")?.focus();

const keptSomething = () => { try { return localStorage.getItem("hoidap-queue"); } catch { return null; } };
const line = document.querySelector("[data-queue]");
if (line && keptSomething()) import("./status-line.js").then((m) => m.bind(line)).catch(() => {});

const worker = document.querySelector('meta[name="worker"]')?.content;
if (worker && "serviceWorker" in navigator && window.isSecureContext) {
  import("./worker.js").then((m) => m.register(worker)).catch(() => {});
}
