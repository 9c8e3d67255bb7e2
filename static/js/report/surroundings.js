// Where the page runs: inside another app's browser, in Safari on an iPhone, or installed already.
const APPS = [[/Zalo/i, "Zalo"], [/FBAN|FBAV|FB_IAB/, "Facebook"], [/Instagram/, "Instagram"], [/Line\//, "LINE"]];

export const insideApp = (agent = navigator.userAgent) => (APPS.find(([sign]) => sign.test(agent)) || [])[1] || "";
export const isIos = (agent = navigator.userAgent) => /iPhone|iPad|iPod/.test(agent);
const installed = () => window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

let prompt = null;
window.addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); prompt = event; });

/** In another app's browser nothing is promised, and the way out is shown. */
export function warnInside(box) {
  const app = insideApp();
  if (!app) return false;
  box.querySelector("[data-app]").textContent = app;
  box.querySelector("[data-ios]").hidden = !isIos();
  const out = box.querySelector("[data-android]");
  out.hidden = !/Android/.test(navigator.userAgent);
  const scheme = location.protocol.replace(":", "");
  out.querySelector("a").href = `intent://${location.host}/gui#Intent;scheme=${scheme};package=com.android.chrome;end`;
  box.hidden = false;
  return true;
}

/** Only when nothing waits: the installed app of an iPhone has a store of its own and would not find it. */
export function offerInstall(box, found) {
  const can = !found.waiting && !found.sent && !found.parked && !insideApp() && !installed() && (prompt || isIos());
  box.hidden = !can;
  if (!can) return;
  box.querySelector("[data-ios]").hidden = Boolean(prompt);
  const button = box.querySelector("[data-install-now]");
  button.hidden = !prompt;
  button.onclick = async () => {
    prompt.prompt();
    await prompt.userChoice;
    prompt = null;
    box.hidden = true;
  };
}
