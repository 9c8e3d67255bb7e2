// A text that smells of fire, accident or violence is answered with the number to call, before anything else.
import { fold } from "./dom.js";

export function bindUrgent(box, field) {
  const rows = [...box.querySelectorAll("[data-when]")];
  const look = () => {
    const text = ` ${fold(field.value)} `;
    const typed = field.value.normalize("NFC").toLowerCase();
    const hit = (row) => row.dataset.when.split("|").some((words) => text.includes(` ${words} `))
      || (row.dataset.marked || "").split("|").some((words) => words && typed.includes(words));
    for (const row of rows) row.hidden = !hit(row);
    box.hidden = rows.every((row) => row.hidden);
  };
  field.addEventListener("input", look);
  look();
}
