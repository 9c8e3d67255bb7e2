// After the press on "send": what this phone knows of the report, in words that never run ahead of the receipt.
import { kick, last, start, watch } from "../sender.js";
import { moment } from "./dom.js";
import { insideApp, offerInstall } from "./surroundings.js";

const queue = self.hoidapQueue;

/** Show the report `id` in `panel` from now on. `mend` is called with the server's faults. */
export function follow(panel, id, say, mend) {
  let told = "";
  const look = async () => {
    const row = await queue.report(id).catch(() => null);
    const known = row || queue.gone.get(id); // a shared device lets go what has arrived
    if (!known) return;
    if (known.state === "parked" && known.reason.code === "faults") { mend(known.reason.more || {}); return; }
    const files = row ? await queue.files(id) : known.files || [];
    const now = JSON.stringify([known.state, known.number, files.map((file) => [file.offset, file.state]), last, known.next_at > Date.now()]);
    if (now === told) return;
    told = now;
    draw(panel, known, files, say);
    if (known.state === "done") offerInstall(panel.querySelector("[data-install]"), await queue.count());
  };
  watch(look);
  start();
  panel.hidden = false;
  panel.querySelector("[data-now]").onclick = async () => { await queue.again(id); kick(); };
  panel.querySelector("[data-mend]").onclick = () => mend(null);
  bindCopy(panel);
  look();
  kick().then(look);
}

function bindCopy(panel) {
  const button = panel.querySelector("[data-copy-code]");
  button.onclick = () => navigator.clipboard.writeText([...panel.querySelectorAll(".groups span")].map((one) => one.textContent).join("-")).catch(() => {});
}

const held = (left) => left.length > 0 && left.every((file) => file.wifi) && queue.costly && queue.costly();

function standing(row, files, say) {
  const left = files.filter((file) => file.state === "waiting");
  const whole = left.reduce((sum, file) => sum + file.size, 0);
  const percent = whole ? Math.floor((100 * left.reduce((sum, file) => sum + file.offset, 0)) / whole) : 0;
  const what = say((left.length ? left : files).every((file) => file.kind === "photo") ? "what_photos" : "what_files");
  const values = { n: left.length, p: percent, what, held: held(left), at: row.received_at ? moment(row.received_at) : "" };
  if (row.state === "done") return files.length ? ["state_left", { ...values, n: files.length }] : ["state_done", values];
  if (row.state === "sent") return ["state_sent", values];
  if (row.state === "parked") return ["state_parked", values];
  const offline = navigator.onLine === false || (last && last.offline);
  if (offline || row.next_at > Date.now()) return ["state_waiting", { ...values, busy: !offline }];
  return ["state_sending", values];
}

function draw(panel, row, files, say) {
  const [state, values] = standing(row, files, say);
  const inside = insideApp();
  const title = state === "state_waiting" && inside ? say("state_waiting_inapp") : say(state, values);
  document.querySelector("h1").textContent = title;
  document.title = `${title} – ${document.title.split(" – ").slice(1).join(" – ")}`;
  const text = state === "state_waiting" ? (values.busy ? "state_busy_text" : inside ? "" : "state_waiting_text") : values.held && row.state === "sent" ? "state_wifi_text" : state === "state_left" && row.shared ? "state_left_shared_text" : `${state}_text`;
  panel.querySelector("[data-lead]").textContent = state === "state_parked" || !text ? "" : say(text, values);
  const meter = panel.querySelector("[data-meter]");
  meter.hidden = row.state !== "sent";
  meter.value = values.p;
  drawNumbers(panel, row, say);
  const why = panel.querySelector("[data-why]");
  why.hidden = row.state !== "parked";
  if (row.state === "parked") why.textContent = say(`why_${row.reason.code}`, { n: row.reason.more, said: "" });
  panel.querySelector("[data-now]").hidden = row.state !== "waiting" && row.state !== "parked";
  panel.querySelector("[data-mend]").hidden = row.state !== "waiting" || row.frozen;
}

function drawNumbers(panel, row, say) {
  if (!row.code) return;
  const code = panel.querySelector("[data-code]");
  code.hidden = false;
  const groups = row.code.replace(/[^0-9A-Z]/g, "").match(/.{1,5}/g);
  const place = code.querySelector(".groups");
  place.replaceChildren(...groups.flatMap((group) => [Object.assign(document.createElement("span"), { textContent: group }), " "]));
  code.querySelector("[data-code-note]").textContent = say(row.shared ? "code_shared" : "code_kept");
  const card = panel.querySelector("[data-number]");
  card.hidden = false;
  card.querySelector(".number").textContent = row.number;
  const { joins } = row.fields;
  card.querySelector("[data-met]").textContent = joins ? say(row.number === joins ? "met_joined" : "met_apart", { number: joins }) : "";
  card.querySelector("[data-due]").textContent = row.due_text ? say("due", { at: row.due_text }) : "";
}
