// The draft: kept at every stroke, held by one tab, found again after the browser was killed.
import "../queue.js";

const queue = self.hoidapQueue;
const KEY = "hoidap-draft";
const APART = ["csrf_token", "secret", "photos"];
const HEART = 4000;

const remembered = () => { try { return sessionStorage.getItem(KEY); } catch { return null; } };
export function remember(id) {
  try { if (id) sessionStorage.setItem(KEY, id); else sessionStorage.removeItem(KEY); } catch { /* the newest is found again */ }
}

/** The draft of this tab, else the newest that no other tab holds, else a new one (kept with its first word).
 *  `typed`: there are new words in the form already, which no older draft may write over.
 *  `met`: "Tôi cũng gặp" was pressed on the page of this case; only a draft that began there is gone on with. */
export async function begin(typed, met) {
  const own = remembered();
  const drafts = (await queue.reports()).filter((row) => row.state === "draft").sort((a, b) => b.touched_at - a.touched_at);
  drafts.sort((a, b) => (b.id === own) - (a.id === own));
  for (const row of drafts) {
    if (typed && row.id !== own) continue;
    if (met && row.began_at !== met) continue;
    if (await hold(row.id, row.id === own)) { remember(row.id); return { ...row, found: true }; }
  }
  const made = { ...queue.fresh(), ...(met && { began_at: met, fields: { joins: met } }) };
  await hold(made.id, true);
  remember(made.id);
  return made;
}

/** This tab alone writes this draft, as long as it lives. */
async function hold(id, own) {
  if (!navigator.locks) return beat(id, own);
  for (let tries = own ? 3 : 1; tries; tries -= 1) { // the page before this one may not be quite gone
    if (await locked(id)) return true;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
  return false;
}

const locked = (id) => new Promise((resolve) => {
  navigator.locks.request(`hoidap-draft-${id}`, { ifAvailable: true }, (lock) => {
    resolve(Boolean(lock));
    return lock ? new Promise(() => {}) : null;
  }).catch(() => resolve(true));
});

/** Where there are no locks: a heartbeat. Of a tab that is dead for some seconds the draft is free. */
async function beat(id, own) {
  const row = await queue.setting(`draft-${id}`);
  if (row && !own && row > Date.now()) return false;
  const write = () => queue.setting(`draft-${id}`, Date.now() + HEART * 2.5).catch(() => {});
  await write();
  setInterval(write, HEART);
  return true;
}

// Between the form and the draft

const own = (form) => [...form.elements].filter((field) => field.name && !APART.includes(field.name) && field.type !== "file");

export function read(form) {
  const fields = {};
  for (const field of own(form)) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) fields[field.name] = field.value;
    } else fields[field.name] = field.value;
  }
  const at = form.elements.lat && form.elements.lat.dataset.at;
  if (at && fields.lat) fields.located_at = at;
  return fields;
}

export function write(form, fields) {
  for (const field of own(form)) {
    if (field.type === "radio" && !fields[field.name]) continue; // a draft from before this was asked
    if (field.type === "radio" || field.type === "checkbox") field.checked = fields[field.name] === field.value;
    else if (fields[field.name] !== undefined) field.value = fields[field.name];
  }
  if (fields.located_at) form.elements.lat.dataset.at = fields.located_at;
}

/** What "Tôi cũng gặp" in the list nearby was said of; for another commune or category it is not said. */
export const matter = ({ commune, category }) => `${commune.value} ${category.value}`;

/** What is on its way to this phone's disk, each with what ends it (a recording): sending waits for all of it.
 *  `told` hears how many there are, `missed` what could not be kept. */
export function keeping(told, missed) {
  const running = new Map();
  return {
    missed,
    run(work, stop = () => {}) {
      const end = () => { running.delete(work); told(running.size); };
      running.set(work, stop);
      told(running.size);
      work.then(end, end);
      return work;
    },
    async all() {
      while (running.size) {
        for (const stop of running.values()) stop();
        await Promise.allSettled([...running.keys()]);
      }
    },
  };
}

/** Writes one after the other; what was typed while one ran is written by the next. */
export function keeper(draft, form, told) {
  let busy = null;
  let dirty = false;
  const once = async () => {
    do {
      dirty = false;
      draft.fields = read(form);
      try { told(await queue.keepDraft(draft)); } catch { told(false); }
    } while (dirty);
  };
  return () => {
    dirty = true;
    busy = busy || once().finally(() => { busy = null; });
    return busy;
  };
}
