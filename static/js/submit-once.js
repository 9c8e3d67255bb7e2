// <form data-submit-once="Đang gửi…">: a second press within ten seconds does nothing. The button is
// never disabled, and after ten seconds (or when the page comes back) it can be pressed again.
// Without a network a page that says so ([data-no-network]) keeps what was typed instead of giving way to an error.
function held() {
  const box = document.querySelector("[data-no-network]");
  if (!box || navigator.onLine !== false) return false;
  box.hidden = false;
  box.focus();
  window.addEventListener("online", () => { box.hidden = true; }, { once: true });
  return true;
}

export function bind(form) {
  let sentAt = 0;
  const settle = (button, label) => { button.removeAttribute("aria-busy"); button.textContent = label; };
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (held()) { event.preventDefault(); return; }
    if (Date.now() - sentAt < 10000) { event.preventDefault(); return; }
    sentAt = Date.now();
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    if (!button) return;
    const label = button.textContent;
    button.setAttribute("aria-busy", "true");
    if (form.dataset.submitOnce) button.textContent = form.dataset.submitOnce;
    const again = () => { sentAt = 0; settle(button, label); };
    setTimeout(again, 10000);
    window.addEventListener("pageshow", again, { once: true });
  });
}
