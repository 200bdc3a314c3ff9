// What must be seen and used over everything. A modal dialog covers what lies outside it and makes it inert, so that a message
// that comes while one is open moves into it, and out again before the dialog closes or its content is replaced.
const lifted = new Set();

function home(element) {
  const open = [...document.querySelectorAll("dialog:modal")].filter((dialog) => !element.contains(dialog));
  return open.find((dialog) => dialog.contains(document.activeElement)) ?? open.at(-1) ?? document.body;
}

/** Puts an element with `popover="manual"` over all that is open. */
export function lift(element) {
  lifted.add(element);
  const place = home(element);
  if (element.parentElement !== place) place.append(element);
  if (element.matches(":popover-open")) element.hidePopover();
  element.showPopover();
}

/** Takes the elements out of a dialog; answers which they were. */
function rescue(dialog) {
  const inside = [...lifted].filter((element) => dialog.contains(element));
  for (const element of inside) document.body.append(element);
  return inside;
}

// On the window: before the listeners of the document that empty a closed dialog.
window.addEventListener(
  "close",
  (event) => {
    if (event.target instanceof HTMLDialogElement) rescue(event.target).forEach(lift);
  },
  true,
);

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (!(target instanceof Element)) return;
  const inside = rescue(target);
  if (inside.length > 0) document.addEventListener("htmx:afterSwap", () => inside.forEach(lift), { once: true });
});
