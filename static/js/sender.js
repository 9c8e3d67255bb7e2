// Sends what waits on this phone while a page is open, and tells whoever watches that something moved.
import "./queue.js";
import "./queue-send.js";

const queue = self.hoidapQueue;
self.hoidapSolve = solve;
const watchers = new Set();
let running = null;
let timer = 0;
let started = false;
let misses = 0;
/** What the last attempt found: {offline} or null before any. */
export let last = null;

export const watch = (watcher) => { watchers.add(watcher); };
const tell = () => watchers.forEach((watcher) => watcher());

/** Try now; one attempt at a time in this page, one sender at a time on this phone. */
export function kick() {
  running = running || run().catch(() => {}).finally(() => { running = null; tell(); });
  return running;
}

async function run() {
  clearTimeout(timer);
  const found = await queue.count();
  if (!found.waiting && !found.sent && !found.shared) return;
  const steps = setInterval(tell, 2000); // for browsers without BroadcastChannel
  const awake = found.files && navigator.wakeLock ? navigator.wakeLock.request("screen").catch(() => null) : null;
  try {
    later();
    last = (await queue.drain()) || last;
    misses = last && last.offline ? misses + 1 : 0;
  } finally {
    clearInterval(steps);
    if (awake) awake.then((lock) => lock && lock.release());
    await plan();
  }
}

/** The next attempt when the first report is due again, within a minute; without a network ever more seldom. */
async function plan() {
  const waiting = (await queue.reports()).filter((row) => row.state === "waiting" || row.state === "sent");
  if (!waiting.length) return;
  const next = Math.min(...waiting.map((row) => row.next_at)) - Date.now();
  clearTimeout(timer);
  timer = setTimeout(kick, Math.min(60000, Math.max(1500 * 2 ** Math.min(misses + 1, 6), next)));
}

/** The work before a report, away from the page; null where a browser cannot. */
function solve(task) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./proof.js", import.meta.url));
    const end = (then, value) => { worker.terminate(); then(value); };
    worker.onmessage = ({ data }) => end(resolve, data);
    worker.onerror = () => end(reject, new Error("no worker"));
    worker.postMessage(task);
  });
}

/** Asks the browser to wake the service worker when there is a network; few browsers can. */
function later() {
  if (!("serviceWorker" in navigator) || !("SyncManager" in window)) return;
  navigator.serviceWorker.ready.then((it) => it.sync && it.sync.register("hoidap-queue")).catch(() => {});
}

export function start() {
  if (started) return;
  started = true;
  if ("BroadcastChannel" in window) new BroadcastChannel("hoidap").addEventListener("message", ({ data }) => {
    if (data.id) queue.gone.set(data.id, data);
    tell();
  });
  window.addEventListener("online", kick);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) kick(); });
  setInterval(() => { if (!document.hidden) kick(); }, 60000);
  kick();
}
