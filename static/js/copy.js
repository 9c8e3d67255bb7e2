// Buttons that need a script are hidden in the page and shown here.
// data-copy="text"; data-save="text" data-name="file.txt"; data-print. data-done: words after it worked.
export function bind(button) {
  const { copy, save, name, done } = button.dataset;
  if (copy !== undefined && !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (copy !== undefined) await navigator.clipboard.writeText(copy);
      else if (save !== undefined) saveText(save, name);
      else { window.print(); return; }
      if (done) button.textContent = done;
    } catch { /* the code stands on the page; it can be written down */ }
  });
}

function saveText(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
