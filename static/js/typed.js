// <… data-typed="name">: a page with several forms. What stands in the others when one of them is sent is kept by
// this tab, put back when the page comes again, and forgotten with that. Closing the page keeps nothing.
const LONGEST = 10 * 60000; // an answer that takes longer than this has lost its page
const words = (form) => [...form.elements].filter((field) => field.name && field.matches("textarea, select, input:not([type=hidden], [type=file], [type=password])"));
const changed = (field) => (/^(radio|checkbox)$/.test(field.type) ? field.checked && !field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue);
const forms = () => [...document.querySelectorAll("main form[data-submit-once]")];
const address = (form) => form.getAttribute("action");

export function bind(mark) {
  const name = `hoidap-typed ${mark.dataset.typed}`;
  restore(name);
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const others = forms().includes(event.target) ? forms().filter((form) => form !== event.target) : [];
    const kept = others.flatMap((form) => words(form).filter(changed).map((field) => [address(form), field.name, field.value]));
    try {
      sessionStorage.removeItem(name);
      if (kept.length) sessionStorage.setItem(name, JSON.stringify({ at: Date.now(), kept }));
    } catch { /* a browser that keeps nothing: as without a script */ }
  });
}

function restore(name) {
  let found = null;
  try {
    found = JSON.parse(sessionStorage.getItem(name));
    sessionStorage.removeItem(name);
  } catch { return; }
  if (!found || Date.now() - found.at > LONGEST) return;
  for (const [action, field, value] of found.kept) {
    const form = forms().find((one) => address(one) === action);
    const place = form && words(form).find((one) => one.name === field && (!/^(radio|checkbox)$/.test(one.type) || one.value === value));
    if (!place) continue;
    if (/^(radio|checkbox)$/.test(place.type)) place.checked = true;
    else if (!place.value) place.value = value;
    const folded = place.closest("details");
    if (folded) folded.open = true;
  }
}
