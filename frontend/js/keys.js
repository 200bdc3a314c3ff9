// Keyboard map. An element takes a key by data-key="n" (or "g t"): the key clicks it, or focuses it where it takes text.
// Letters never act while typing or with a dialog open, and can be switched off (WCAG 2.1.4).
import { on, typing } from "./delegate.js";
import { openPalette } from "./palette.js";
import { closePanel } from "./panel.js";
import { clearSelection, currentRow, openRow, stepRow, toggleRow } from "./rows.js";
import { undoLast } from "./toast.js";

const OFF_KEY = "tl_keys_off";
const PREFIX_MS = 1200;

let prefix = false;
let prefixTimer = 0;

const off = () => localStorage.getItem(OFF_KEY) === "1";

function press(key) {
  const row = currentRow();
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const shown = (element) => element.getClientRects().length > 0;
  const inRow = row ? [...row.querySelectorAll(selector)].find(Boolean) : null;
  // A bar that is folded away at this width still leads where its key says.
  const element = inRow ?? [...document.querySelectorAll(selector)].sort((a, b) => Number(shown(b)) - Number(shown(a)))[0];
  if (!element) return false;
  if (typing(element)) {
    element.focus();
    element.select?.();
  } else element.click();
  return true;
}

function single(event) {
  const { key } = event;
  if (prefix) {
    prefix = false;
    return press(`g ${key.toLowerCase()}`);
  }
  switch (key) {
    case "g":
      prefix = true;
      clearTimeout(prefixTimer);
      prefixTimer = setTimeout(() => (prefix = false), PREFIX_MS);
      return true;
    case "j":
      return stepRow(1);
    case "k":
      return stepRow(-1);
    case "x":
    case "X":
      return toggleRow(event.shiftKey);
    case "?": {
      if (document.activeElement?.matches(".why")) {
        document.activeElement.click();
        return true;
      }
      const sheet = document.getElementById("shortcuts");
      sheet?.showModal();
      return Boolean(sheet);
    }
    case "e": {
      const cell = currentRow()?.querySelector("[data-cell]");
      return press("e") || (cell ? (cell.click(), true) : false);
    }
    default:
      return /^[a-z0-9/[\]]$/.test(key) ? press(key) : false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const target = event.target;
  if (command && event.key === "Enter" && target instanceof HTMLElement) {
    const form = target.closest("form");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (typing(target)) {
    if (event.key === "Escape" && target.matches("input[type=search]")) target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (command && !event.shiftKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undoLast();
    return;
  }
  if (command || event.altKey) return;
  if (event.key === "Escape") {
    if (!document.querySelector("[popover]:not([popover=manual]):popover-open") && (closePanel() || clearSelection())) event.preventDefault();
    return;
  }
  if (event.key === "Enter") {
    if (target instanceof HTMLElement && target.matches("[data-row], [data-card]") && openRow(event.shiftKey)) event.preventDefault();
    return;
  }
  if (event.key.length === 1 && !off() && single(event)) event.preventDefault();
});

on("change", "[data-keys-toggle]", (event, input) => {
  if (input.checked) localStorage.removeItem(OFF_KEY);
  else localStorage.setItem(OFF_KEY, "1");
});

document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("[data-keys-toggle]")) input.checked = !off();
});
