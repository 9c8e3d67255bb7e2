// A film beside the photos: kept on this phone in parts before anything else, sent last, on Wi-Fi only if so wished.
// Fetched when its fold is opened, or when a film waits in it.
import "../queue.js";
import { el, megabytes } from "./dom.js";

const queue = self.hoidapQueue;
const SECONDS = 60;

export async function bindFilm(box, form, draft, say, save, keeping) {
  const find = (name) => box.querySelector(`[data-film-${name}]`);
  const most = { files: Number(box.dataset.most), bytes: Number(box.dataset.bytes) };
  const own = async () => (await queue.files(draft.id)).filter((row) => row.kind === "video");
  const tell = (word, values) => { find("told").textContent = word ? say(word, values) : ""; };
  const fail = (word, values) => { tell(word, values); keeping.missed(say(word, values)); };

  async function draw() {
    const rows = await own();
    find("list").replaceChildren(...rows.map((row, at) => el("li", {}, el("div", { class: "tight" },
      el("p", { class: "small" }, say("film_kept", { name: row.name, mb: megabytes(row.size) })),
      el("p", {}, el("button", { type: "button", class: "btn quiet", on: () => remove(row.id) }, say("film_drop", { n: at + 1 })))))));
    find("wifi").closest("label").hidden = !rows.length;
    find("wifi").checked = rows.some((row) => row.wifi);
  }

  async function remove(id) {
    await queue.dropFile(id);
    tell("");
    await draw();
    box.querySelector("input[type=file]").focus();
  }

  async function keep(file) {
    const about = { name: file.name, mb: megabytes(file.size) };
    if ((await own()).length >= most.files) { fail("film_many", { ...about, n: most.files }); return; }
    if (file.type && !file.type.startsWith("video/")) { fail("film_kind", about); return; }
    if (file.size > most.bytes) { fail("film_large", { ...about, most: Math.round(most.bytes / 2 ** 20) }); return; }
    const room = await queue.room().catch(() => null);
    if (room !== null && room < file.size * 1.1 + (4 << 20)) { fail("film_full", about); return; }
    tell("film_keeping", about);
    const bytes = await file.arrayBuffer().catch(() => null);
    if (!bytes || !bytes.byteLength) { fail("film_unread", about); return; }
    const wifi = find("wifi").checked;
    try {
      await queue.keepFile({ report: draft.id, kind: "video", type: file.type || "video/mp4", name: file.name, wifi }, bytes);
      tell(await long(file) ? "film_long" : "", about);
    } catch (fault) { fail(fault.message === "late" ? "file_late" : "film_full", about); }
    await draw();
  }

  async function keepAll(chosen) {
    await save();
    for (const file of chosen) await keep(file);
  }

  async function take(input) {
    const chosen = [...input.files];
    input.value = ""; // at once: nobody else finds the same film here
    if (chosen.length) await keeping.run(keepAll(chosen));
  }

  for (const input of box.querySelectorAll("input[type=file]")) {
    input.addEventListener("click", () => { save(); }); // the camera may cost this page its life
    input.addEventListener("change", () => take(input));
  }
  find("wifi").addEventListener("change", async ({ target }) => {
    for (const row of await own()) await queue.mark(row.id, { wifi: target.checked });
  });
  await draw();
  // Somebody was faster than this script, which comes only when the fold is opened.
  for (const input of box.querySelectorAll("input[type=file]")) await take(input);
}

/** Whether it is much longer than advised, as far as this browser can tell within two seconds. */
function long(file) {
  return new Promise((resolve) => {
    const player = document.createElement("video");
    const end = (answer) => { URL.revokeObjectURL(player.src); resolve(answer); };
    setTimeout(() => end(false), 2000);
    player.preload = "metadata";
    player.onloadedmetadata = () => end(player.duration > SECONDS * 1.2);
    player.onerror = () => end(false);
    player.src = URL.createObjectURL(file);
  });
}
