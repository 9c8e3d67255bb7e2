// Photos of the form: each is on this phone's disk before anything else is done with it, then made smaller.
import "../queue.js";
import { el, megabytes } from "./dom.js";
import { shrink, withFacts, withoutFacts } from "./shrink.js";

const queue = self.hoidapQueue;

const photosOf = async (draft) => (await queue.files(draft.id)).filter((row) => row.kind === "photo");

export function bindPhotos(form, draft, say, save, keeping) {
  const inputs = [...form.querySelectorAll("input[type=file][name]")];
  const group = inputs[0].closest(".field");
  const list = el("ul", { class: "kept thumbs", role: "list", "data-thumbs": true });
  const told = el("div", { class: "tight", role: "status" });
  group.querySelector(".tiles").before(told, list);
  const limits = { count: Number(form.dataset.photoLimit), bytes: Number(form.dataset.photoBytes) };
  const context = { draft, say, list, told, limits, keeping };
  const keepAll = async (chosen) => {
    told.replaceChildren();
    await save();
    for (const file of chosen) await keep(context, file);
  };
  const take = async (input) => {
    const chosen = [...input.files];
    input.value = ""; // at once: nobody else finds the same photos here
    if (chosen.length) await keeping.run(keepAll(chosen));
  };
  for (const input of inputs) {
    input.addEventListener("click", () => { save(); }); // the camera may cost this page its life
    input.addEventListener("change", () => take(input));
  }
  return {
    draw: () => draw(context),
    ready: (named) => ready(draft.id, named),
    giveBack: () => giveBack(draft, inputs[inputs.length - 1]),
    /** What somebody chose who was faster than this script. */
    chosen: async () => { for (const input of inputs) await take(input); },
  };
}

async function keep(context, file) {
  const { draft, limits, say } = context;
  const complain = (word, values = {}) => {
    const text = say(word, { name: file.name, ...values });
    context.told.append(el("p", { class: "err" }, text));
    context.keeping.missed(text);
  };
  if ((await photosOf(draft)).length >= limits.count) { complain("photo_many", { n: limits.count }); return; }
  if (file.type && !file.type.startsWith("image/")) { complain("photo_kind"); return; }
  const bytes = await file.arrayBuffer().catch(() => null);
  if (!bytes) { complain("photo_unread"); return; }
  if (!bytes.byteLength) { complain("photo_empty"); return; }
  try {
    await store(context, { report: draft.id, name: file.name, type: file.type || "image/jpeg" }, bytes);
  } catch (fault) {
    if (fault.message === "too large") complain("photo_large", { mb: Math.round(limits.bytes / 2 ** 20) });
    else complain(isLate(fault) ? "file_late" : "photo_full");
  }
  await draw(context);
}

const isLate = (fault) => fault.message === "late";

/** As it came, at once; then made smaller. Where it does not fit as it came, it may still fit made smaller. */
async function store(context, about, bytes) {
  const room = await queue.room().catch(() => null);
  const fits = room === null || room > bytes.byteLength * 1.2 + (1 << 20);
  const row = fits ? await queue.keepFile(about, bytes).catch((fault) => { if (isLate(fault)) throw fault; return null; }) : null;
  if (row) await draw(context);
  const small = await shrink(bytes, about.type);
  if (small) {
    const smaller = queue.keepFile({ ...about, ...row, ...small, bytes: undefined }, small.bytes);
    await smaller.catch((fault) => { if (!row || !isLate(fault)) throw fault; }); // else it goes as it came
  } else if (bytes.byteLength > context.limits.bytes) {
    if (row) await queue.dropFile(row.id);
    throw new Error("too large");
  } else if (!row) throw new Error("full");
}

async function draw(context) {
  const { draft, list, say } = context;
  const rows = await photosOf(draft);
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...rows.map((row, at) => el("li", {},
    row.thumb ? el("img", { src: URL.createObjectURL(new Blob([row.thumb], { type: "image/jpeg" })), alt: say("photo_alt", { n: at + 1 }) }) : "",
    el("div", { class: "tight" }, el("p", { class: "small" }, say("photo_kept", { name: row.name, mb: megabytes(row.size) })),
      el("p", {}, el("button", { type: "button", class: "btn quiet", on: () => remove(context, row.id) }, say("photo_drop", { n: at + 1 })))))));
}

async function remove(context, id) {
  await queue.dropFile(id);
  await draw(context);
  context.list.closest(".field").querySelector("input[type=file]").focus();
}

/** Before sending: the camera's facts go back in under an open name, and stay out under every other. */
async function ready(report, named) {
  for (const row of await queue.files(report)) {
    const wanted = Boolean(named && row.drawn && row.exif);
    if (!row.drawn || wanted === Boolean(row.with_facts)) continue;
    const bytes = await queue.bytesOf(row.id);
    await queue.keepFile({ ...row, with_facts: wanted }, wanted ? withFacts(bytes, row.exif) : withoutFacts(bytes));
  }
}

/** Into the field again, as a form without scripts sends them; none with the camera's facts. */
async function giveBack(draft, input) {
  const all = new DataTransfer();
  for (const row of await photosOf(draft)) {
    const bytes = await queue.bytesOf(row.id);
    all.items.add(new File([row.drawn ? withoutFacts(bytes) : bytes], row.name, { type: row.type }));
  }
  input.files = all.files;
}
