// Keeps the keyboard's place when a part of the page is replaced.
let lost = null;

function keyOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.dataset.focus) return `[data-focus="${CSS.escape(element.dataset.focus)}"]`;
  if (element.getAttribute("name")) return `[name="${CSS.escape(element.getAttribute("name"))}"]`;
  return null;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  const target = event.detail.target;
  lost = active && active !== document.body && target?.contains(active) ? { key: keyOf(active) } : null;
});

/** Gives the keyboard to what a refused form says about it; answers whether there is such a thing. */
function refused(part) {
  const place = part.matches(".conflict") ? part : part.querySelector(".form-errors, .conflict") ?? part.querySelector("[aria-invalid=true]");
  if (!place) return false;
  if (!place.matches("input, select, textarea")) place.tabIndex = -1;
  place.focus();
  return true;
}

// A form that was sent as a whole page comes back as one.
document.addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("main");
  if (main) refused(main);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target;
  if (!(part instanceof Element)) return;
  const status = event.detail.xhr?.status ?? 0;
  if ((status === 409 || status === 412 || status === 422) && refused(part)) {
    lost = null;
    return;
  }
  const wanted = part.matches("[data-autofocus]") ? part : part.querySelector("[data-autofocus]");
  if (wanted) wanted.focus();
  else if (lost && (document.activeElement === document.body || document.activeElement === null)) {
    const same = lost.key ? document.querySelector(lost.key) : null;
    if (same) same.focus({ preventScroll: true });
    else if (part.isConnected) {
      if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
      part.focus({ preventScroll: true });
    }
  }
  lost = null;
});
