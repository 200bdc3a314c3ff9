// Column chooser: a form[data-columns] of checkboxes in an order; sends `columns=a,b,c`.
import Sortable from "sortablejs";
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

function write(form) {
  const names = [...form.querySelectorAll("input[type=checkbox][data-column]:checked")].map((input) => input.dataset.column);
  form.querySelector("input[name=columns]").value = names.join(",");
  form.requestSubmit();
}

on("change", "form[data-columns] input[data-column]", (event, input) => write(input.form));

on("keydown", "form[data-columns] li", (event, item) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const up = event.key === "ArrowUp";
  const other = up ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  const focused = document.activeElement;
  if (up) other.before(item);
  else other.after(item);
  focused?.focus();
  announce(`Position ${[...item.parentElement.children].indexOf(item) + 1}`);
  write(item.closest("form"));
});

htmx.onLoad((root) => {
  const lists = [...root.querySelectorAll("form[data-columns] ul")];
  for (const list of lists) {
    Sortable.create(list, { handle: "[data-handle]", animation: 120, onEnd: () => write(list.closest("form")) });
  }
});
