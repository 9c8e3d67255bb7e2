// The queue of reports on this phone; docs/adr/0006-nothing-lost.md says what it promises. This half keeps what
// was written; queue-send.js, which pages fetch when there is something to send, sends it.
// A classic script: pages import it for what it sets, the service worker takes it with importScripts.
// It holds no word that anybody reads; pages turn states and reasons into sentences.
(function (scope) {
  "use strict";
  const PART = 1 << 20;
  const STORES = { reports: { keyPath: "id" }, files: { keyPath: "id" }, parts: { keyPath: ["file", "no"] }, meta: { keyPath: "key" } };

  const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
  const random = () => hex(crypto.getRandomValues(new Uint8Array(16)));
  const sha256 = (bytes) => crypto.subtle.digest("SHA-256", bytes);

  // The database. A browser may close the connection of a page in the background: then it is opened again.

  let opened = null;

  function connection() {
    opened = opened || new Promise((resolve, reject) => {
      const wish = indexedDB.open("hoidap", 1);
      wish.onupgradeneeded = () => {
        for (const [name, how] of Object.entries(STORES)) {
          const store = wish.result.createObjectStore(name, how);
          if (name === "files") store.createIndex("report", "report");
        }
      };
      wish.onblocked = wish.onerror = () => reject(wish.error);
      wish.onsuccess = () => {
        wish.result.onclose = () => { opened = null; };
        wish.result.onversionchange = () => { wish.result.close(); opened = null; };
        resolve(wish.result);
      };
    }).catch((fault) => { opened = null; throw fault; });
    return opened;
  }

  const ask = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  /** Do `work` in one transaction; it has ended on the disk when this promise does. */
  async function within(stores, mode, work) {
    for (let again = false; ; again = true) {
      let transaction;
      try {
        transaction = (await connection()).transaction(stores, mode, { durability: "strict" });
      } catch (fault) {
        if (again) throw fault;
        opened = null;
        continue;
      }
      const ended = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error || new Error("aborted"));
      });
      try {
        const result = await work(...stores.map((name) => transaction.objectStore(name)));
        await ended;
        return result;
      } catch (fault) {
        try { transaction.abort(); } catch { /* it has ended already */ }
        await ended.catch((why) => { if (why && why.name === "QuotaExceededError") throw why; });
        throw fault;
      }
    }
  }

  const parts = (file, bytes) => {
    const cut = [];
    for (let at = 0; at < bytes.byteLength; at += PART) cut.push({ file, no: cut.length, bytes: bytes.slice(at, at + PART) });
    return cut;
  };
  const partsOf = (file) => IDBKeyRange.bound([file, 0], [file, Infinity]);

  /** Something moved; `gone` is the last of a report that leaves this phone, for the screens that show it. */
  function changed(gone) {
    try { localStorage.setItem("hoidap-queue", "1"); } catch { /* a service worker has none */ }
    try {
      const channel = new BroadcastChannel("hoidap");
      channel.postMessage(gone || "changed");
      channel.close();
    } catch { /* other tabs look again by themselves */ }
  }

  // Reports and files, as pages use them

  const reports = () => within(["reports"], "readonly", (store) => ask(store.getAll()))
    .then((rows) => rows.sort((a, b) => a.made_at - b.made_at));
  const report = (id) => within(["reports"], "readonly", (store) => ask(store.get(id)));
  const files = (id) => within(["files"], "readonly", (store) => ask(store.index("report").getAll(id)))
    .then((rows) => rows.sort((a, b) => a.added_at - b.added_at));

  const fresh = () => ({ id: random(), secret: random(), state: "draft", fields: {}, made_at: Date.now(), touched_at: Date.now(), tries: 0, next_at: 0, frozen: false });

  /** Change a report in one transaction. `change` gets the row as it is now, and may return false to leave it. */
  const alter = (id, change) => within(["reports"], "readwrite", async (store) => {
    const row = await ask(store.get(id));
    if (!row || change(row) === false) return null;
    store.put(row);
    return row;
  });

  /** Keep what was typed. A report that is on its way is not written over. */
  async function keepDraft(draft) {
    const kept = await within(["reports"], "readwrite", async (store) => {
      const row = await ask(store.get(draft.id));
      if (row && row.state !== "draft") return false;
      store.put({ ...draft, touched_at: Date.now() });
      return true;
    });
    changed();
    return kept;
  }

  /** Keep a file, or other bytes for one that is kept: its parts, then its record, or nothing of it. Throws "late"
   *  when its report is no draft any more: what the report promised to bring has been said. Null when the file that
   *  was to get other bytes has been thrown away meanwhile. */
  async function keepFile(file, bytes) {
    const row = { kind: "photo", state: "waiting", offset: 0, added_at: Date.now(), ...file, id: file.id || random(),
      size: bytes.byteLength, sha256: hex(await sha256(bytes)) };
    const kept = await within(["parts", "files", "reports"], "readwrite", async (store, records, all) => {
      const owner = await ask(all.get(row.report));
      if (!owner || owner.state !== "draft") throw new Error("late");
      if (file.id && !(await ask(records.get(file.id)))) return null;
      store.delete(partsOf(row.id));
      for (const part of parts(row.id, bytes)) store.put(part);
      records.put(row);
      return row;
    });
    changed();
    return kept;
  }

  async function bytesOf(id, from = 0, to = Infinity) {
    const first = Math.floor(from / PART);
    const last = to === Infinity ? Infinity : Math.ceil(to / PART) - 1;
    const range = IDBKeyRange.bound([id, first], [id, last]);
    const rows = await within(["parts"], "readonly", (store) => ask(store.getAll(range)));
    const whole = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes.byteLength, 0));
    rows.reduce((at, row) => { whole.set(new Uint8Array(row.bytes), at); return at + row.bytes.byteLength; }, 0);
    return whole.slice(from - first * PART, to === Infinity ? undefined : to - first * PART).buffer;
  }

  const dropFile = (id) => within(["parts", "files"], "readwrite", (store, records) => {
    store.delete(partsOf(id));
    records.delete(id);
  });

  /** Take a report off this phone, with its files. */
  async function drop(id) {
    for (const file of await files(id)) await dropFile(file.id);
    await within(["reports"], "readwrite", (store) => { store.delete(id); });
    changed();
  }

  /** From draft to queue. From the first attempt on nothing of it changes any more. */
  async function submit(id, fields, more = {}) {
    const row = await alter(id, (it) => {
      if (it.state !== "draft") return false;
      Object.assign(it, more, { fields, state: "waiting", written_at: it.written_at || new Date().toISOString(), next_at: 0, tries: 0, reason: null });
    });
    changed();
    return row;
  }

  /** Back from the queue to be mended: when it was refused, or as long as no attempt was made. */
  const reopen = (id) => alter(id, (it) => {
    if (it.state !== "parked" && (it.state !== "waiting" || it.frozen)) return false;
    Object.assign(it, { state: "draft", frozen: false });
  });

  /** Try anew, also with files that somebody on the way refused; what the server's receipt refuses stays refused. */
  const again = (id) => within(["reports", "files"], "readwrite", async (store, records) => {
    const row = await ask(store.get(id));
    if (!row) return null;
    const turned = (await ask(records.index("report").getAll(id))).filter(mayYetCome);
    for (const file of turned) records.put({ ...file, state: "waiting", reason: null });
    const state = row.state === "parked" ? "waiting" : row.state === "done" && turned.length ? "sent" : row.state;
    Object.assign(row, { state, next_at: 0, tries: 0 });
    store.put(row);
    return row;
  });
  const mayYetCome = (file) => file.state === "refused" && file.reason.code === "refused";

  async function wipe() {
    await within(Object.keys(STORES), "readwrite", (...stores) => { stores.forEach((store) => store.clear()); });
    changed();
    try { localStorage.removeItem("hoidap-queue"); } catch { /* nothing was there */ }
  }

  async function setting(key, value) {
    if (value === undefined) return within(["meta"], "readonly", (store) => ask(store.get(key))).then((row) => row && row.value);
    return within(["meta"], "readwrite", (store) => { store.put({ key, value }); });
  }

  /** Bytes that still fit, as the browser guesses; null when it does not say. */
  async function room() {
    if (!navigator.storage || !navigator.storage.estimate) return null;
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : Math.max(0, quota - usage);
  }

  const persist = () => (navigator.storage && navigator.storage.persist ? navigator.storage.persist() : Promise.resolve(false));

  const mark = (id, more) => within(["files"], "readwrite", async (store) => {
    const it = await ask(store.get(id));
    if (it) store.put({ ...it, ...more });
  });

  /** How many wait, have files on their way, are parked or being written; how much of the bytes is over;
   *  and what a shared device should have let go of. */
  async function count() {
    const found = { draft: 0, waiting: 0, sent: 0, parked: 0, done: 0, files: 0, others: 0, percent: 0, shared: 0 };
    let whole = 0;
    let over = 0;
    for (const row of await reports()) {
      found[row.state] += 1;
      found.shared += row.shared && row.state === "done" ? 1 : 0;
      if (row.state !== "sent") continue;
      for (const file of await files(row.id)) {
        if (file.state !== "waiting") continue;
        found.files += 1;
        found.others += file.kind === "photo" ? 0 : 1;
        whole += file.size;
        over += file.offset;
      }
    }
    found.percent = whole ? Math.floor((100 * over) / whole) : 0;
    return found;
  }

  const inner = { ask, changed, random, sha256, within };
  scope.hoidapQueue = { again, alter, bytesOf, count, drop, dropFile, files, fresh, inner, keepDraft, keepFile, mark, mayYetCome, persist, reopen, report, reports, room, setting, submit, wipe };
})(self);
