// Sends what queue.js keeps (docs/adr/0006-nothing-lost.md): every text before any file, one sender at a time.
// A classic script as well; queue.js comes before it.
(function (scope) {
  "use strict";
  const queue = scope.hoidapQueue;
  const { alter, bytesOf, drop, dropFile, files, mark, reports, setting } = queue;
  const { ask, changed, random, sha256, within } = queue.inner;
  const PIECE = { least: 64 * 1024, first: 256 * 1024, most: 2 << 20, seconds: 4 };
  const WAIT = { answer: 120000, lease: 150000, least: 15000, most: 15 * 60000 };
  const UNKNOWN = [401, 403, 404];
  const WIFI_S = 60; // until it is looked again whether there is Wi-Fi
  const TRIES = 20; // of answers that say "our fault"; being offline is not counted
  const ADDRESS = { report: "/hang-doi/phan-anh", file: "/hang-doi/tep", receipt: "/hang-doi/bien-nhan", task: "/hang-doi/thu-thach" };

  // Offline: nobody answered. Later: come again in so many seconds. Refused: for good.
  class Offline extends Error {}
  class Later extends Error { constructor(seconds, asked) { super("later"); this.seconds = seconds; this.asked = asked; } }
  class Refused extends Error { constructor(code, more) { super(code); this.code = code; this.more = more; } }

  const gone = new Map(); // what a shared device has let go, as long as this page is open
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));

  // One sender among all tabs and the service worker: a lock, and a lease that tells whether its holder lives

  const me = random();
  const lease = (take) => within(["meta"], "readwrite", async (store) => {
    const row = await ask(store.get("lease"));
    if (take === "end") { if (row && row.owner === me) store.delete("lease"); return true; }
    const theirs = row && row.owner !== me && row.until > Date.now() && row.until < Date.now() + WAIT.lease * 2;
    if (theirs && take !== "steal") return false;
    store.put({ key: "lease", owner: me, until: Date.now() + WAIT.lease });
    return true;
  });

  async function leased(work) {
    if (!(await lease("take"))) return null;
    try { return await work(); } finally { await lease("end").catch(() => {}); }
  }

  async function alone(work) {
    if (!navigator.locks) return leased(work);
    const held = async (lock) => (lock ? lease("steal").then(work).finally(() => lease("end").catch(() => {})) : "busy");
    const result = await navigator.locks.request("hoidap-sender", { ifAvailable: true }, held).catch(robbed);
    if (result !== "busy") return result;
    const row = await within(["meta"], "readonly", (store) => ask(store.get("lease")));
    if (!row || row.until > Date.now()) return null;
    return navigator.locks.request("hoidap-sender", { steal: true }, held).catch(robbed); // its holder was frozen
  }

  function robbed(fault) {
    if (fault && fault.name === "AbortError") return null;
    throw fault;
  }

  // Speaking to the server

  function after(milliseconds) {
    if (AbortSignal.timeout) return AbortSignal.timeout(milliseconds);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), milliseconds);
    return controller.signal;
  }

  async function speak(row, method, address, headers = {}, body = undefined) {
    if (!(await lease("take"))) throw new Offline(); // somebody else has taken over
    let answer;
    try {
      answer = await fetch(address, { method, body, credentials: "omit", cache: "no-store", redirect: "error",
        headers: { Authorization: `Bearer ${row.secret}`, ...headers }, signal: after(WAIT.answer) });
    } catch { throw new Offline(); }
    if ([408, 425, 429].includes(answer.status) || answer.status >= 500) {
      const seconds = Number(answer.headers.get("Retry-After"));
      throw new Later(seconds > 0 ? seconds : 0, answer.status === 429 || answer.status === 503);
    }
    return answer;
  }

  async function json(answer) {
    try { return await answer.json(); } catch { throw new Offline(); } // a hotspot's log-in page, or cut off
  }

  /** The proof of some work, or null: without one a report goes by a slower lane, and goes all the same. */
  async function proofFor(row) {
    const answer = await speak(row, "GET", ADDRESS.task);
    if (!answer.ok || !scope.hoidapSolve) return null;
    const task = await json(answer);
    return Promise.resolve(task).then(scope.hoidapSolve).catch(() => null);
  }

  async function sendText(row) {
    const proof = await proofFor(row);
    row = await alter(row.id, (it) => { if (it.state !== "waiting") return false; it.frozen = true; });
    if (!row) return;
    const list = (await files(row.id)).map(({ id, kind, size, sha256: sum, type }) => ({ id, kind, size, sha256: sum, type }));
    const body = JSON.stringify({ v: 1, secret: row.secret, fields: row.fields, files: list, written_at: row.written_at, proof });
    const answer = await speak(row, "POST", ADDRESS.report, { "Content-Type": "application/json" }, body);
    if (answer.status === 404 || answer.status === 405) throw new Later(0); // an older server
    if (answer.status === 409 && row.number) await onlyFiles(row);
    if (answer.status === 409) throw new Refused("conflict");
    if (answer.status === 422) throw new Refused("faults", faultsOf(await json(answer)));
    if (!answer.ok) throw new Refused("refused", answer.status);
    const got = await json(answer);
    if (!got.number || !got.code) throw new Offline();
    const { number, code, received_at, due, due_text } = got;
    await alter(row.id, (it) => { Object.assign(it, { state: list.length ? "sent" : "done", number, code, received_at, due, due_text, tries: 0, next_at: 0 }); });
    if (!list.length) await finish(row.id);
    changed();
  }

  /** Sentences by field; under no name what belongs to none. */
  const faultsOf = ({ errors, error }) => (errors && Object.keys(errors).length ? errors : { "": error || "" });

  /** Whether this line costs money, as far as the browser says: then a film may wait for Wi-Fi. */
  const costly = () => Boolean(navigator.connection && navigator.connection.type === "cellular");
  const held = (file) => file.wifi && costly();

  async function sendFiles(row) {
    const waiting = (await files(row.id)).filter((file) => file.state === "waiting" && !held(file));
    for (const file of waiting.sort((a, b) => (a.kind === "video") - (b.kind === "video"))) {
      if (file.offset < file.size) await sendFile(row, file);
    }
    const answer = await speak(row, "GET", ADDRESS.receipt);
    if (UNKNOWN.includes(answer.status)) await textAgain(row);
    if (answer.status !== 200) throw new Later(0);
    await settle(row, await json(answer));
  }

  /** The server does not know this report (it was restored from a backup, perhaps): the text goes first again. */
  async function textAgain(row) {
    await alter(row.id, (it) => { it.state = "waiting"; });
    throw new Later(0);
  }

  /** The server knows it after all: somebody on the way had answered for it. What it has got is not listed any more. */
  async function onlyFiles(row) {
    await alter(row.id, (it) => { it.state = "sent"; });
    throw new Later(0);
  }

  async function begin(row, file) {
    const words = (text) => base64(new TextEncoder().encode(text));
    const about = Object.entries({ id: file.id, sha256: file.sha256, kind: file.kind, type: file.type }).map(([name, text]) => `${name} ${words(text)}`);
    const answer = await speak(row, "POST", ADDRESS.file, { "Tus-Resumable": "1.0.0", "Upload-Length": String(file.size), "Upload-Metadata": about.join(",") });
    if (UNKNOWN.includes(answer.status)) await textAgain(row);
    if (!answer.ok) throw new Refused("refused", answer.status);
    return answer.headers.get("Location") || `${ADDRESS.file}/${file.id}`;
  }

  async function offsetAt(row, place) {
    const answer = await speak(row, "HEAD", place, { "Tus-Resumable": "1.0.0" });
    if (!answer.ok) throw new Later(0);
    return Number(answer.headers.get("Upload-Offset") || 0);
  }

  async function sendFile(row, file) {
    try {
      const place = await begin(row, file);
      let offset = await offsetAt(row, place);
      let length = (await setting("piece")) || PIECE.first;
      let wrong = 0;
      while (offset < file.size) {
        const piece = await bytesOf(file.id, offset, Math.min(offset + length, file.size));
        if (!piece.byteLength) throw new Refused("lost");
        const began = Date.now();
        const answer = await speak(row, "PATCH", place, { "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream", "Upload-Checksum": `sha256 ${base64(await sha256(piece))}` }, piece);
        if (answer.status === 409 || answer.status === 460) {
          wrong += 1;
          if (wrong > 5) throw new Later(0);
          offset = await offsetAt(row, place);
          continue;
        }
        if (answer.status === 404 || answer.status === 410) throw new Later(0); // begun again next time
        if (!answer.ok) throw new Refused("refused", answer.status);
        offset = Number(answer.headers.get("Upload-Offset"));
        length = paced(length, Date.now() - began);
        await mark(file.id, { offset });
        changed();
      }
      await mark(file.id, { offset });
      await setting("piece", length);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      await mark(file.id, { state: "refused", reason: { code: fault.code, status: fault.more } });
    }
  }

  /** The next piece is as long as the line carries in about four seconds, and never jumps. */
  function paced(length, milliseconds) {
    const fit = length * ((PIECE.seconds * 1000) / Math.max(milliseconds, 50));
    return Math.round(Math.min(PIECE.most, Math.max(PIECE.least, Math.min(length * 2, Math.max(length / 4, fit)))));
  }

  /** Believe the receipt, and only it: what it lists by its hash as received may leave this phone. */
  async function settle(row, receipt) {
    const listed = Object.fromEntries((receipt.files || []).map((one) => [one.id, one]));
    for (const file of await files(row.id)) {
      const one = listed[file.id];
      if (one && one.state === "received" && one.sha256 === file.sha256) await dropFile(file.id);
      else if (one && one.state === "refused") await mark(file.id, { state: "refused", reason: { code: "server", said: one.reason || "" } });
      else if (file.state === "waiting") await mark(file.id, { offset: 0 }); // asked for again: the server tells from where
    }
    const left = await files(row.id);
    const waiting = left.filter((file) => file.state === "waiting");
    if (waiting.length) throw waiting.every(held) ? new Later(WIFI_S, true) : new Later(0);
    await alter(row.id, (it) => { Object.assign(it, { state: "done", left: left.length, tries: 0, next_at: 0 }); });
    if (row.shared || !left.length) await finish(row.id, left);
    changed();
  }

  /** What stays of a report that has arrived: its numbers, not its words; on a shared device nothing, not even what was
   *  refused. The screens that show it are told its numbers before it goes. */
  async function finish(id, left = []) {
    const row = await alter(id, (it) => {
      const { text, joins } = it.fields;
      const short = (text || "").length > 80 ? `${text.slice(0, 80).replace(/\s+\S*$/, "")}…` : text || "";
      it.fields = { text: short, ...(joins && { joins }) };
      delete it.met;
    });
    if (!row || !row.shared) return;
    const last = { ...row, secret: null, fields: { ...row.fields, text: "" }, files: left.map(({ kind, size, offset, state }) => ({ kind, size, offset, state })) };
    gone.set(id, last);
    changed(last);
    await drop(id);
  }

  // Draining

  async function attempt(row, act) {
    try {
      await act(row);
      return true;
    } catch (fault) {
      if (fault instanceof Refused) await alter(row.id, (it) => { Object.assign(it, { state: "parked", reason: { code: fault.code, more: fault.more } }); });
      else if (fault instanceof Later) await alter(row.id, (it) => { postpone(it, fault); });
      else if (fault instanceof Offline) return false;
      else throw fault;
      changed();
      return true;
    }
  }

  function postpone(it, fault) {
    if (!fault.asked) it.tries += 1;
    const wait = fault.seconds ? Math.min(fault.seconds * 1000, 3600000) : Math.min(WAIT.most, WAIT.least * 2 ** Math.min(it.tries, 10));
    it.next_at = Date.now() + wait;
    if (it.tries >= TRIES) Object.assign(it, { state: "parked", reason: { code: "tries", more: it.tries } });
  }

  const isDue = (row) => row.next_at <= Date.now() || row.next_at > Date.now() + 2 * 3600000; // or the clock was set back

  /** Without a network nothing is attempted, so that what waits may still be mended. Some browsers say "offline"
   *  wrongly: they are asked twice. */
  async function reachable() {
    if (navigator.onLine !== false) return true;
    const asked = fetch("/healthz", { credentials: "omit", cache: "no-store", signal: after(10000) });
    return asked.then(() => true, () => false);
  }

  /** Send what waits: every text before any file. Says what it found: null when another one is sending. */
  function drain() {
    return alone(async () => {
      // A phone that was put out just then, or an older version of this, left them.
      for (const row of await reports()) if (row.shared && row.state === "done") await finish(row.id, await files(row.id));
      if (!(await reachable())) return { offline: true };
      const tried = new Set();
      for (const [state, act] of [["waiting", sendText], ["sent", sendFiles]]) {
        for (;;) {
          const row = (await reports()).find((one) => one.state === state && isDue(one) && !tried.has(state + one.id));
          if (!row) break;
          tried.add(state + row.id);
          if (!(await attempt(row, act))) return { offline: true };
        }
      }
      return { offline: false };
    });
  }

  Object.assign(queue, { costly, drain, gone, paced });
})(self);
