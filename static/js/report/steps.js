// <form data-steps>: one question at a time inside the one document, kept on this phone at every stroke.
// Without JavaScript, or where nothing can be kept, the same document is the long form.
import "../queue.js";
import { answers, faults, mend, show } from "./check.js";
import { el, localDay, moment, speaker } from "./dom.js";
import { begin, keeper, keeping, matter, read, remember, write } from "./draft.js";
import { bindPhotos } from "./photos.js";
import { bindPlaces } from "./places.js";
import { insideApp, warnInside } from "./surroundings.js";
import { bindUrgent } from "./urgent.js";

const queue = self.hoidapQueue;
const SENT = "da-gui";
// What sends is fetched with the first word or step: by then the service worker keeps it too.
let sending = null;
const sender = () => {
  sending = sending || import("./send.js").catch((fault) => { sending = null; throw fault; });
  return sending;
};
const canKeep = () => window.isSecureContext && window.indexedDB && window.crypto && crypto.subtle;

export async function bind(form) {
  if (!canKeep()) return;
  const typed = typedAlready(form.elements.text);
  let draft;
  const met = new URLSearchParams(location.search).get("cung"); // its page came without a network
  try { draft = await begin(typed, met); } catch { return; }
  await new Walk(form, draft).start(typed);
}

/** Somebody was faster than this script. What a browser puts back on its way back may have been sent long ago. */
function typedAlready(text) {
  const [came] = performance.getEntriesByType("navigation");
  return text.value.trim() !== text.defaultValue.trim() && !(came && came.type === "back_forward");
}

class Walk {
  constructor(form, draft) {
    this.form = form;
    this.draft = draft;
    this.say = speaker(form.dataset.words);
    this.sections = [...form.querySelectorAll("[data-step]")];
    this.find = (name) => form.querySelector(`[data-${name}]`);
    this.nearBox = this.find("near");
    this.panel = document.querySelector("[data-after]");
    this.name = document.title.split(" – ").slice(1).join(" – ");
    this.at = 0;
    this.sent = null;
  }

  async start(typed) {
    const { form, draft } = this;
    this.touched = typed;
    if (draft.found) write(form, draft.fields);
    else form.elements.joins.value = draft.fields.joins || "";
    if (!form.elements.happened.value) form.elements.happened.value = localDay(new Date());
    form.elements.happened.max = localDay(new Date());
    form.elements.secret.value = draft.secret;
    this.save = keeper(draft, form, (kept) => this.told(kept));
    this.untold = [];
    this.waits = el("p", { role: "status" });
    this.sections[this.sections.length - 1].append(this.waits);
    this.keeping = keeping((left) => this.kept(left), (text) => this.missed(text));
    this.photos = bindPhotos(form, draft, this.say, () => this.save(), this.keeping);
    await this.photos.draw();
    this.places = bindPlaces(form, this.say);
    this.places.near();
    this.apart();
    this.fold("voice", "voice", (...all) => import("./voice.js").then(({ bindVoice }) => bindVoice(...all)));
    this.fold("film", "video", (...all) => import("./film.js").then(({ bindFilm }) => bindFilm(...all)));
    bindUrgent(this.find("urgent"), form.elements.text);
    this.listen();
    this.dress();
    if (!(await this.shownAgain())) this.enter();
    if (typed && !this.sent) this.save();
    await this.photos.chosen();
  }

  /** A fold whose module is fetched when it is opened, or when a file of its kind waits in it. */
  async fold(name, kind, bind) {
    const box = this.find(name);
    if (!box) return;
    box.hidden = false;
    const open = () => bind(box, this.form, this.draft, this.say, () => this.save(), this.keeping);
    if ((await queue.files(this.draft.id)).some((row) => row.kind === kind)) box.open = true;
    if (box.open) open();
    else box.addEventListener("toggle", () => open().catch(() => { box.open = false; }), { once: true });
  }

  listen() {
    const { form } = this;
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, (event) => { this.apart(); this.save(); mend(this.find("faults"), event.target, this.say); });
    }
    form.addEventListener("submit", (event) => this.submitted(event), { capture: true });
    this.find("next").addEventListener("click", () => this.next());
    this.find("back").addEventListener("click", () => history.back());
    this.find("forget").addEventListener("click", () => this.forget());
    for (const button of form.querySelectorAll("[data-day]")) button.addEventListener("click", () => this.day(Number(button.dataset.day)));
    for (const radio of form.querySelectorAll("[name=category]")) radio.addEventListener("change", () => this.near());
    window.addEventListener("popstate", () => this.travelled());
    window.addEventListener("pagehide", () => { if (!this.sent && this.touched) this.save(); });
    form.addEventListener("input", () => { this.touched = true; });
    form.addEventListener("input", () => { sender().catch(() => {}); }, { once: true });
  }

  /** The page as it looks when it walks. */
  dress() {
    const { form } = this;
    form.classList.add("walk");
    for (const part of form.querySelectorAll("[data-walk], [data-days], [data-shared]")) part.hidden = false;
    warnInside(form.querySelector("[data-inapp]"));
    if (this.draft.found) {
      const box = this.find("resumed");
      box.querySelector("[role=status]").textContent = this.say("resumed", { at: moment(this.draft.touched_at) });
      box.hidden = false;
    }
  }

  told(kept) {
    const word = kept === false ? "not_kept" : insideApp() ? "kept_inapp" : "kept";
    this.find("kept").textContent = this.say(word);
  }

  // Going from step to step

  /** Back through the steps works after a reload too: the steps before this one are laid into the history. */
  enter() {
    const wanted = location.hash.slice(1) || (this.draft.found && this.draft.step) || "";
    const at = Math.max(0, this.sections.findIndex((section) => section.dataset.step === wanted));
    if (!history.state || history.state.walk === undefined) {
      history.replaceState({ walk: 0 }, "", "#" + this.sections[0].dataset.step);
      for (let n = 1; n <= at; n += 1) history.pushState({ walk: n }, "", "#" + this.sections[n].dataset.step);
    }
    this.show(at, false);
  }

  travelled() {
    if (this.sent) { location.replace("/gui"); return; } // what was sent is not on this form any more
    const at = this.sections.findIndex((section) => section.dataset.step === location.hash.slice(1));
    if (at >= 0) this.show(at);
  }

  show(at, focus = true) {
    this.at = at;
    const section = this.sections[at];
    this.sections.forEach((one) => { one.hidden = one !== section; });
    const { final } = this;
    this.head(at > 0);
    this.find("back").hidden = !at;
    this.find("next").hidden = final;
    this.find("send").hidden = !final;
    show(this.form, this.find("faults"), [], this.say);
    const heading = section.querySelector("h2");
    const step = this.say("step", { n: at + 1, m: this.sections.length });
    this.find("count").textContent = step;
    document.title = `${this.say("title", { step, question: heading.lastChild.textContent })} – ${this.name}`;
    if (final) { this.summary(); this.keeping.all(); }
    if (section.contains(this.nearBox)) this.near();
    if (focus) { heading.tabIndex = -1; heading.focus(); window.scrollTo(0, 0); }
  }

  /** The page keeps its one heading; after the first step it is only heard, and the question is seen. */
  head(heard) {
    const head = document.querySelector("[data-head]");
    head.classList.toggle("sr", heard);
    head.querySelector(".urgent").hidden = heard;
  }

  go(section) {
    sender().catch(() => {});
    const at = this.sections.indexOf(section);
    history.pushState({ walk: at }, "", "#" + section.dataset.step);
    this.draft.step = section.dataset.step;
    if (this.draft.found || this.touched) this.save();
    this.show(at);
  }

  next() {
    const found = faults(this.sections[this.at], this.say);
    if (show(this.form, this.find("faults"), found, this.say)) return;
    this.find("resumed").hidden = true;
    this.go(this.sections[this.at + 1]);
  }

  day(back) {
    const date = new Date();
    date.setDate(date.getDate() - back);
    this.form.elements.happened.value = localDay(date);
    this.form.elements.happened.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** "Tôi cũng gặp" was pressed for another commune or category: this is a report of its own again. */
  apart() {
    const { joins } = this.form.elements;
    if (joins.value && this.draft.met !== undefined && this.draft.met !== matter(this.form.elements)) joins.value = "";
  }

  /** What others reported around here: fetched at its step, and again for another category. */
  near() {
    import("./near.js").then(({ look }) => look(this.nearBox, this.form, this.draft, this.say)).catch(() => {});
  }

  async summary() {
    const before = this.sections.slice(0, -1);
    answers(this.find("answers"), before, await queue.files(this.draft.id), (section) => this.go(section), this.say);
  }

  async forget() {
    if (!window.confirm(this.say("ask_forget"))) return;
    await queue.drop(this.draft.id);
    remember(null);
    this.touched = false;
    location.replace("/gui");
  }

  // What is still being kept

  get final() { return this.at === this.sections.length - 1; }

  kept(left) {
    this.waits.textContent = left ? this.say("keeping") : "";
    if (left || !this.final || this.sent) return;
    this.summary();
    if (!this.busy) this.tellMissed();
  }

  /** Not kept: said beside its field, and again before sending when that is out of sight. */
  missed(text) {
    if (this.sent) this.panel.prepend(el("p", { class: "notice plain", role: "alert" }, text));
    else if (this.at) this.untold.push({ field: null, text });
  }

  /** Whether there is something to say that nobody has seen. What no script took from its field is not kept either. */
  tellMissed() {
    for (const input of this.form.querySelectorAll("input[type=file]")) {
      for (const { name } of input.files) this.missed(this.say("file_left", { name }));
      input.value = "";
    }
    const found = this.untold.splice(0);
    return found.length > 0 && show(this.form, this.find("faults"), found, this.say);
  }

  // Sending

  async submitted(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!this.final) { this.next(); return; }
    if (this.busy) return;
    this.busy = true;
    try { await this.send(); } finally { this.busy = false; }
  }

  /** Whatever is still being kept is waited for, and what could not be kept is said first. */
  async send() {
    const button = this.find("send");
    const label = button.textContent;
    button.setAttribute("aria-busy", "true");
    button.textContent = this.say("preparing");
    try {
      await this.keeping.all();
      if (!this.tellMissed() && !this.faulty()) await this.hand();
    } finally {
      button.removeAttribute("aria-busy");
      button.textContent = label;
    }
  }

  /** Goes to the first step where something is missing, if any. */
  faulty() {
    for (const section of this.sections) {
      const found = faults(section, this.say);
      if (!found.length) continue;
      if (section !== this.sections[this.at]) this.go(section);
      return show(this.form, this.find("faults"), found, this.say);
    }
    return false;
  }

  async hand() {
    try {
      await this.enqueue();
    } catch {
      this.touched = false;
      if (await this.plainly().catch(() => false)) return;
      show(this.form, this.find("faults"), [{ field: null, text: this.say("state_failed") }], this.say);
    }
  }

  async enqueue() {
    await this.save();
    const fields = read(this.form);
    await this.photos.ready(fields.visibility === this.form.dataset.keepsExif);
    const shared = document.getElementById("f-shared").checked;
    const row = await queue.submit(this.draft.id, fields, { shared });
    if (!row) throw new Error("not kept");
    queue.persist().catch(() => {});
    remember(null);
    try { sessionStorage.setItem("hoidap-sent", row.id); } catch { /* the list has it too */ }
    history.pushState({ sent: row.id }, "", "#" + SENT);
    this.follow(row.id);
  }

  /** This phone has no room even for the words, but there is a network: they go as from a page without scripts. */
  async plainly() {
    const { form } = this;
    if (!form.elements.csrf_token || navigator.onLine === false) return false;
    await this.photos.giveBack().catch(() => {});
    form.submit();
    return true;
  }

  follow(id) {
    this.sent = id;
    this.form.hidden = true;
    this.head(false);
    document.querySelector("[data-head] .urgent").hidden = true;
    window.scrollTo(0, 0);
    sender().then(({ follow }) => follow(this.panel, id, this.say, (errors) => this.mend(id, errors)), () => this.waiting(id));
  }

  /** It is kept, and the network went before even the script that sends had come. */
  waiting(id) {
    document.querySelector("h1").textContent = this.say(insideApp() ? "state_waiting_inapp" : "state_waiting");
    this.panel.querySelector("[data-lead]").textContent = insideApp() ? "" : this.say("state_waiting_text");
    this.panel.hidden = false;
    window.addEventListener("online", () => this.follow(id), { once: true });
  }

  /** After a reload the panel stands where it stood, unless a shared device has let the report go. */
  async shownAgain() {
    let id = null;
    try { id = sessionStorage.getItem("hoidap-sent"); } catch { /* then a new form */ }
    if (location.hash.slice(1) !== SENT || !id || !(await queue.report(id))) return false;
    this.follow(id);
    return true;
  }

  /** The server (or its sender) wants something changed: the report is a draft again, at the first such step. */
  async mend(id, errors) {
    if (!this.sent) return;
    this.sent = null;
    if (!(await queue.reopen(id))) { this.sent = id; return; }
    remember(id);
    if (errors === null || this.draft.id !== id) { location.replace("/gui"); return; }
    this.draft.state = "draft";
    this.panel.hidden = true;
    this.form.hidden = false;
    document.querySelector("h1").textContent = this.name.split(" – ")[0];
    const found = Object.entries(errors).map(([name, text]) => ({ field: this.fieldOf(name), text }));
    const first = found.map(({ field }) => field && field.closest("[data-step]")).find(Boolean);
    this.go(first || this.sections[this.sections.length - 1]);
    show(this.form, this.find("faults"), found, this.say);
  }

  fieldOf(name) {
    const field = this.form.elements[name];
    return field instanceof RadioNodeList ? field[0] : field && field.type !== "hidden" ? field : null;
  }
}
