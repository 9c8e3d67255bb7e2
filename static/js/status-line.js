// <aside data-queue>: what waits on this phone, in one line on every page. A phone that never kept
// anything loads nothing for it.
import { start, watch } from "./sender.js";

const queue = self.hoidapQueue;
const RESUME_WITHIN = 30 * 60000;

export function bind(box) {
  const show = () => queue.count().then((found) => draw(box, found)).catch(() => {});
  watch(show);
  start();
  show();
  if (location.search === "?pwa") resume();
}

function draw(box, found) {
  const text = box.querySelector("[role=status]");
  const [name, n] = found.parked ? ["parked", found.parked] : found.waiting ? ["waiting", found.waiting]
    : found.sent ? [found.others ? "sentFiles" : "sent", found.files] : found.draft && location.pathname !== "/gui" ? ["draft", found.draft] : ["", 0];
  const said = name ? box.dataset[name].replace("{n}", n).replace("{p}", found.percent) : "";
  if (text.textContent !== said) text.textContent = said;
  box.querySelector("[data-resume]").hidden = name !== "draft";
  box.querySelector("[data-see]").hidden = name === "draft" || location.pathname === "/may-nay";
  box.hidden = !name;
}

/** Android may end the app while its camera is open: started again, it goes back to what was being written. */
async function resume() {
  const drafts = (await queue.reports()).filter((row) => row.state === "draft");
  if (drafts.some((row) => Date.now() - row.touched_at < RESUME_WITHIN)) location.replace("/gui");
}
