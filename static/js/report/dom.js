// Small helpers that the modules of the form share.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") made.addEventListener("click", value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** say("step", {n: 1}) from the words that came with the page. */
export const speaker = (json) => {
  const words = JSON.parse(json);
  return (name, values = {}) => fill(words[name], values);
};

/** Without marks, in small letters: so that "duong" finds "Đường". */
export const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[\u0111\u0110]/g, "d")
  .toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

export const megabytes = (bytes) => (Math.max(bytes, 100000) / 1e6).toFixed(1).replace(".", ",");

const two = (n) => String(n).padStart(2, "0");
export const moment = (at) => {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())} ${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`;
};
export const localDay = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
