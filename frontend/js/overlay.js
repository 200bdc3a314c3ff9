// Dialogs, popovers and menus: native elements; this adds opening from swaps, placing, arrow keys and closing.
import { focusable, on } from "./delegate.js";

// --- dialogs ---

on("click", "[data-dialog]", (event, button) => {
  const dialog = document.querySelector(button.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
  }
});

on("click", "[data-close]", (event, button) => {
  const dialog = button.closest("dialog");
  if (dialog) {
    event.preventDefault();
    dialog.close();
  }
});

// A click on the backdrop hits the dialog itself, outside its box.
on("mousedown", "dialog[open]", (event, dialog) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && !dialog.querySelector("form[data-guard]")) dialog.close();
});

// Whatever is swapped into #dialog opens it; an empty answer closes it.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = document.getElementById("dialog");
  if (event.detail.target !== dialog || !dialog) return;
  if (dialog.childElementCount === 0) dialog.close();
  else if (!dialog.open) dialog.showModal();
});

document.addEventListener("tl:close-dialog", closeDialogs);

// A form in the dialog that did its work closes it, unless its answer goes to a place in the dialog.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, target, xhr, requestConfig } = event.detail;
  const dialog = elt?.closest?.("dialog[open]");
  if (!dialog || requestConfig?.verb === "get" || !(xhr?.status < 400)) return;
  // Once the answer has replaced the form, htmx reports the dialog itself as what sent it.
  if (target === dialog) return;
  if (xhr.status === 204 || !target || target === elt || !dialog.contains(target)) dialog.close();
});

/** Closes every open dialog; the browser gives focus back to what opened it. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

document.addEventListener(
  "close",
  (event) => {
    if (event.target.id === "dialog") event.target.replaceChildren();
  },
  true,
);

// --- popovers and menus ---

const owners = new WeakMap();

on(
  "click",
  "[popovertarget]",
  (event, button) => {
    const popover = document.getElementById(button.getAttribute("popovertarget"));
    if (popover) owners.set(popover, button);
  },
  true,
);

document.addEventListener(
  "toggle",
  (event) => {
    const popover = event.target;
    if (!(popover instanceof HTMLElement) || !popover.hasAttribute("popover")) return;
    const owner = owners.get(popover) ?? document.querySelector(`[popovertarget="${popover.id}"]`);
    owner?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open" || !owner) return;
    place(popover, owner);
    if (popover.matches(".menu")) focusable(popover)[0]?.focus({ preventScroll: true });
  },
  true,
);

/** Puts a fixed element under its owner, or above it where there is no room, inside the window. */
export function place(element, owner) {
  const at = owner.getBoundingClientRect();
  const size = element.getBoundingClientRect();
  const gap = 4;
  const edge = 8;
  const below = at.bottom + gap + size.height <= window.innerHeight - edge;
  const top = below ? at.bottom + gap : Math.max(edge, at.top - gap - size.height);
  const toEnd = at.left + size.width > window.innerWidth - edge;
  const left = toEnd ? at.right - size.width : at.left;
  element.style.top = `${top}px`;
  element.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - size.width - edge))}px`;
}

// While the page moves, what is open stays at its button, and goes with it when that leaves the window.
function follow(event) {
  for (const open of document.querySelectorAll("[popover]:not([popover=manual]):popover-open")) {
    if (event.target instanceof Element && open.contains(event.target)) continue;
    const owner = owners.get(open);
    const at = owner?.getBoundingClientRect();
    if (!at) continue;
    if (at.bottom < 0 || at.top > window.innerHeight) open.hidePopover();
    else place(open, owner);
  }
}

window.addEventListener("scroll", follow, { capture: true, passive: true });
window.addEventListener("resize", follow, { passive: true });

on("keydown", ".menu", (event, menu) => {
  const items = focusable(menu);
  const index = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items.at((index + step + items.length) % items.length)?.focus();
  else if (event.key === "Home") items.at(0)?.focus();
  else if (event.key === "End") items.at(-1)?.focus();
  else return;
  event.preventDefault();
});

// Choosing ends the menu, except where several things may be ticked.
on("click", ".menu:not([data-stay]) .menu-item", (event, item) => {
  const menu = item.closest("[popover]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
});
