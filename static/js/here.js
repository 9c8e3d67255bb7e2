// The list of what this phone keeps: what waits and why, the codes of what was sent, a copy, and the broom.
import { el, megabytes, moment, speaker } from "./report/dom.js";
import { kick, start, watch } from "./sender.js";
import { zip } from "./zip.js";

const queue = self.hoidapQueue;

export function bind(box) {
  const page = { box, say: speaker(box.dataset.words), told: box.querySelector("[data-told]") };
  let drawn = "";
  let later = 0;
  page.draw = async () => {
    const rows = (await queue.reports()).reverse();
    const files = await Promise.all(rows.map((row) => queue.files(row.id)));
    const now = JSON.stringify([rows, files.map((list) => list.map(({ id, state, offset }) => [id, state, offset]))]);
    if (now === drawn) return;
    const list = box.querySelector("[data-list]");
    clearTimeout(later);
    if (list.querySelector(":active")) { later = setTimeout(page.draw, 300); return; } // a finger is on one of the buttons
    drawn = now;
    box.querySelector("[data-none]").hidden = rows.length > 0;
    for (const part of box.querySelectorAll("[data-all]")) part.hidden = !rows.length;
    settle(list, rows.map((row, at) => item(page, row, files[at])));
  };
  box.querySelector("[data-export]").addEventListener("click", () => guarded(page, async () => save(page, await queue.reports())));
  box.querySelector("[data-wipe]").addEventListener("click", () => guarded(page, () => wipe(page)));
  watch(page.draw);
  start();
  page.draw().catch(() => say(page, "failed"));
}

/** Only what changed is drawn anew, and who stood on a button stands there still. */
function settle(list, items) {
  const before = [...list.children];
  const on = list.contains(document.activeElement) ? document.activeElement : null;
  const kept = items.map((one) => before.find((old) => old.isEqualNode(one)) || one);
  const ids = (rows) => rows.map((one) => one.dataset.id).join();
  if (ids(before) !== ids(kept)) list.replaceChildren(...kept);
  else before.forEach((old, at) => { if (old !== kept[at]) old.replaceWith(kept[at]); });
  if (!on || on === document.activeElement) return;
  const here = kept.find((one) => one.dataset.id === on.closest("li").dataset.id);
  const again = list.contains(on) ? on : here && [...here.querySelectorAll("button")].find((one) => one.textContent === on.textContent);
  if (again) again.focus({ preventScroll: true });
}

function say(page, word) {
  page.told.hidden = false;
  page.told.textContent = page.say(word);
}

const guarded = (page, act) => Promise.resolve().then(act).then(page.draw).catch(() => say(page, "failed"));

function standing(row, files, words) {
  const waiting = files.filter((file) => file.state === "waiting").length;
  if (row.state === "sent") return words("sent", { n: waiting });
  if (row.state === "done" && files.length) return words("done_left", { n: files.length });
  return words(row.state);
}

function reasons(row, files, words) {
  const said = [];
  if (row.state === "parked") {
    const { code, more } = row.reason || { code: "tries" };
    const sentences = typeof more === "object" && more ? Object.values(more).join(" ") : "";
    said.push(words(`why_${code}`, { n: more, said: sentences }));
  }
  for (const file of files) {
    if (file.state !== "refused") continue;
    const { code, said: text } = file.reason || {};
    said.push(words(code === "lost" ? "file_lost" : text ? "file_said" : "file_refused", { name: file.name, said: text }));
  }
  return said;
}

const cut = (text) => (text.length > 160 ? `${text.slice(0, 160).replace(/\s+\S*$/, "")}…` : text);

function item(page, row, files) {
  const words = page.say;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const facts = [row.received_at ? words("received", { at: moment(row.received_at) }) : words("written", { at: moment(row.written_at || row.touched_at) })];
  if (files.length) facts.push(words("files", { n: files.length, mb: megabytes(size) }));
  return el("li", { "data-id": row.id },
    el("h3", {}, standing(row, files, words)),
    el("p", { class: "pre" }, cut(row.fields.text || "") || words("no_text")),
    el("p", { class: "small" }, facts.join(" · ")),
    ...reasons(row, files, words).map((text) => el("p", { class: "notice plain" }, text)),
    ...(row.number ? [el("p", {}, el("span", { class: "small" }, `${words("number")}: `), el("span", { class: "code" }, row.number)),
      el("p", {}, el("span", { class: "small" }, `${words("code")}: `), el("span", { class: "code long" }, row.code))] : []),
    el("div", { class: "acts" }, ...acts(page, row, files)));
}

function acts(page, row, files) {
  const button = (word, act, quiet = true) => el("button", { type: "button", class: quiet ? "btn quiet" : "btn", on: () => guarded(page, act) }, page.say(word));
  const shown = [];
  if (row.state === "draft") shown.push(button("act_resume", () => resume(row.id), false));
  if (["waiting", "parked", "sent"].includes(row.state) || files.some(queue.mayYetCome)) shown.push(button("act_send", () => queue.again(row.id).then(kick), false));
  const mendable = (row.state === "waiting" && !row.frozen) || (row.state === "parked" && !row.number && row.reason.code !== "conflict");
  if (mendable) shown.push(button("act_mend", () => queue.reopen(row.id).then(() => resume(row.id))));
  if (row.code) shown.push(button("act_see", () => see(row.code)));
  if (row.state !== "done" || files.length) shown.push(button("act_copy", async () => save(page, [await queue.report(row.id)])));
  shown.push(button("act_drop", () => { if (window.confirm(page.say(row.state === "done" ? "ask_drop_sent" : "ask_drop"))) return queue.drop(row.id); return null; }));
  return shown;
}

function resume(id) {
  sessionStorage.setItem("hoidap-draft", id);
  location.href = "/gui";
}

/** The code goes to the page that opens a report inside this tab, never in an address. */
function see(code) {
  sessionStorage.setItem("hoidap-code", code);
  location.href = "/theo-doi";
}

async function save(page, rows) {
  const files = [];
  for (const [at, row] of rows.entries()) {
    const { fields, state, number, code, received_at, written_at } = row;
    const list = await queue.files(row.id);
    const about = { state, number, code, received_at, written_at, fields, files: list.map(({ name, size, sha256 }) => ({ name, size, sha256 })) };
    files.push({ name: `${at + 1}/phan-anh.json`, bytes: new TextEncoder().encode(JSON.stringify(about, null, 1)) });
    for (const [n, file] of list.entries()) {
      const ending = file.type === "image/jpeg" ? "jpg" : (file.name.split(".").pop() || "bin");
      files.push({ name: `${at + 1}/anh-${n + 1}.${ending}`, bytes: new Uint8Array(await queue.bytesOf(file.id)) });
    }
  }
  const link = el("a", { href: URL.createObjectURL(zip(files)), download: page.say("copy_name", { day: new Date().toISOString().slice(0, 10) }) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  say(page, "copy_told");
}

async function wipe(page) {
  if (!window.confirm(page.say("ask_wipe"))) return;
  await queue.wipe();
  sessionStorage.clear();
  say(page, "wiped");
}
