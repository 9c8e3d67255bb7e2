// <button data-keep="code" data-number data-about data-done hidden>: what a page shows once goes into this phone's own
// list (/may-nay) when somebody wants it there; on a shared device nobody is made to.
import "./queue.js";

const { fresh, inner, reports } = self.hoidapQueue;

async function keep({ keep: code, number, about }) {
  if ((await reports()).some((row) => row.code === code)) return;
  const row = { ...fresh(), secret: null, state: "done", number, code, fields: { text: about }, received_at: new Date().toISOString() };
  await inner.within(["reports"], "readwrite", (store) => { store.put(row); });
  inner.changed();
}

export function bind(button) {
  if (!window.isSecureContext || !window.indexedDB) return;
  button.hidden = false;
  button.addEventListener("click", () => keep(button.dataset).then(() => {
    button.textContent = button.dataset.done;
  }, () => {}));
}
