// The service worker, served at /sw.js by the application, which writes the hash of the static tree in.
// It knows one thing: a page to show when the network is gone. It never touches a request that carries
// something (not GET), nor the pages where a person or an officer reads private matters.
const VERSION = "__TREE_HASH__";
const CACHE = `hoidap-${VERSION}`;
const OFFLINE = "/khong-co-mang";
const SHELL = [OFFLINE, `/static/${VERSION}/css/app.css`, `/static/${VERSION}/icons/icon-192.png`];
const PRIVATE = ["/theo-doi", "/co-quan", "/gui"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n.startsWith("hoidap-") && n !== CACHE).map((n) => caches.delete(n))))
    .then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "skip-waiting") self.skipWaiting();
});

const isPrivate = (path) => PRIVATE.some((start) => path === start || path.startsWith(`${start}/`));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || isPrivate(url.pathname)) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (SHELL.includes(url.pathname) && url.pathname !== OFFLINE) {
    // Only what the offline page itself needs, so that it is not bare.
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
