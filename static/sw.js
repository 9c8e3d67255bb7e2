// The service worker, served at /sw.js by the application, which writes the hash of the static tree in.
// It keeps three pages that belong to nobody (the form, the list of this phone, "no network") with the files
// they need, all of one version; and it empties the queue when the browser says there is a network.
// It never touches a request that carries something (not GET), nor pages where private matters are read.
const VERSION = "__TREE_HASH__";
importScripts(...["queue", "queue-send", "proof"].map((name) => `/static/${VERSION}/js/${name}.js`));
const CACHE = `hoidap-${VERSION}`;
const OFFLINE = "/khong-co-mang";
const FORM = "/gui?vo";
const HERE = "/may-nay";
const FILES = [
  "css/app.css", "icons/icon-48.png", "js/app.js", "js/code-check.js", "js/copy.js", "js/geolocate.js", "js/here.js", "js/keep.js",
  "js/proof.js", "js/queue.js", "js/queue-send.js", "js/secret.js", "js/sender.js", "js/status-line.js", "js/submit-once.js", "js/typed.js", "js/worker.js", "js/zip.js",
  "js/report/check.js", "js/report/dom.js", "js/report/draft.js", "js/report/near.js", "js/report/photos.js", "js/report/places.js",
  "js/report/send.js", "js/report/shrink.js", "js/report/steps.js", "js/report/surroundings.js", "js/report/urgent.js",
  "js/report/voice.js", "js/report/film.js",
].map((name) => `/static/${VERSION}/${name}`);
const PAGES = [OFFLINE, FORM, HERE];
const PATIENCE = 5000; // a network that is there and carries nothing

// What an address shows when it cannot be fetched. Everything else private is left to the browser.
const INSTEAD = { "/gui": FORM, "/may-nay": HERE, "/theo-doi": HERE };
const PRIVATE = ["/theo-doi", "/co-quan", "/gui", "/hang-doi"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then(async (cache) => {
    await cache.addAll(FILES);
    // The form is refused where an installation takes no reports: the rest must work all the same.
    await Promise.all(PAGES.map((page) => cache.add(page).catch(() => {})));
  }));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n.startsWith("hoidap-") && n !== CACHE).map((n) => caches.delete(n))))
    .then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "skip-waiting") self.skipWaiting();
});

self.addEventListener("sync", (event) => {
  event.waitUntil(self.hoidapQueue.drain().then((found) => {
    if (found?.offline) throw new Error("still offline"); // the browser tries again later
  }));
});

const isPrivate = (path) => PRIVATE.some((start) => path === start || path.startsWith(`${start}/`));
const kept = (address) => caches.open(CACHE).then((cache) => cache.match(address));

/** The network, and after some seconds without an answer what is kept; the network again when nothing is. */
async function page(request, instead) {
  const fetched = fetch(request);
  fetched.catch(() => {});
  const patience = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  try {
    const answer = await Promise.race([fetched, patience]);
    if (answer) return answer;
    return (await kept(instead)) ?? await fetched;
  } catch {
    return (await kept(instead)) ?? (await kept(OFFLINE)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && INSTEAD[url.pathname] && url.search !== "?mot-trang") {
    event.respondWith(page(request, INSTEAD[url.pathname]));
  } else if (isPrivate(url.pathname)) {
    return;
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(request).then((file) => file ?? fetch(request)));
  }
});
