// <input data-code-check data-say-group="Mã chưa đúng ở nhóm thứ {n}." data-say="…" data-error="id">
// The same check as webapp/core/secret_code.py: 25 symbols, two of them a Reed-Solomon check over GF(32)
// with the roots 1 and alpha (x^5 + x^2 + 1). It never mends a code; the server checks again.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const POWER = [];
for (let i = 0, v = 1; i < 31; i += 1, v <<= 1) {
  if (v & 32) v ^= 0b100101;
  POWER.push(v);
}
const log = (value) => POWER.indexOf(value);
const timesAlpha = (value) => (value ? POWER[(log(value) + 1) % 31] : 0);

const pieces = (text) => text.normalize("NFKC").toUpperCase()
  .replace(/[\s_.,:;/|\u2212\u00ad\u200b-\u200d\u2060\ufeff\p{Pd}]+/gu, " ")
  .replace(/O/g, "0").replace(/[IL]/g, "1").split(" ").filter(Boolean);

/** null when the code can be right; else {group: 1..5 or null}. */
export function check(text) {
  const typed = pieces(text);
  const symbols = typed.join("");
  const groups = typed.length > 1 && symbols.length !== 25 ? typed : symbols.match(/.{1,5}/g) ?? [];
  const strange = groups.findIndex((g) => [...g].some((s) => !ALPHABET.includes(s)));
  if (strange >= 0) return { group: strange < 5 ? strange + 1 : null };
  if (symbols.length !== 25) {
    const short = groups.slice(0, 5).findIndex((g) => g.length !== 5);
    if (short >= 0) return { group: short + 1 };
    return { group: groups.length < 5 ? groups.length + 1 : null };
  }
  let total = 0;
  let weighted = 0;
  for (const symbol of symbols) {
    total ^= ALPHABET.indexOf(symbol);
    weighted = timesAlpha(weighted) ^ ALPHABET.indexOf(symbol);
  }
  if (!total && !weighted) return null;
  if (!total || !weighted) return { group: null };
  const power = (log(weighted) - log(total) + 31) % 31;
  return { group: power < 25 ? Math.floor((24 - power) / 5) + 1 : null };
}

export function bind(input) {
  const place = document.getElementById(input.dataset.error);
  if (!place || !input.form) return;
  input.form.addEventListener("submit", (event) => {
    const number = input.dataset.number && input.value.trim().toUpperCase().startsWith(input.dataset.number);
    const wrong = number ? null : check(input.value); // a public number is no code: the server says so
    place.hidden = !wrong;
    if (!wrong) { input.removeAttribute("aria-invalid"); return; }
    event.preventDefault();
    place.textContent = wrong.group ? input.dataset.sayGroup.replace("{n}", wrong.group) : input.dataset.say;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", place.id);
    input.focus();
  }, { capture: true });
  openKept(input);
}

/** A code that this phone keeps, handed over by the page that lists them: it opens without being typed. */
function openKept(input) {
  let code = null;
  try { code = sessionStorage.getItem("hoidap-code"); sessionStorage.removeItem("hoidap-code"); } catch { return; }
  if (!code) return;
  input.value = code;
  input.form.querySelector("button:not([type=button])").click();
}
