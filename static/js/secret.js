// <input type="hidden" data-secret>: the server always fills it; this is the net under that.
export function bind(input) {
  if (input.value) return;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  input.value = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
