// Rows of lists and boards: moving with j and k, ticking, ranges, and the bar for what is ticked.
import { announce } from "./announce.js";
import { on } from "./delegate.js";
import { openPanel, panelOpen } from "./panel.js";

const ROW = "[data-row]";
let last = null;

const rows = () => [...document.querySelectorAll(ROW)].filter((row) => row.getClientRects().length > 0);

/** The row with the keyboard's focus, else the one whose panel is open. */
export function currentRow() {
  return document.activeElement?.closest?.(ROW) ?? document.querySelector(`${ROW}.current`);
}

/** Moves to the next (1) or previous (-1) row; the open panel follows. */
export function stepRow(step) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  const link = next.querySelector("[data-panel]");
  if (panelOpen() && link) openPanel(link.dataset.panel, link);
  return true;
}

on("click", "[data-step]", (event, button) => stepRow(Number(button.dataset.step)));

/** Opens the current row: its page, or its panel. */
export function openRow(inPanel) {
  const row = currentRow();
  if (!row) return false;
  const link = (inPanel && row.querySelector("[data-panel]")) || row.querySelector("[data-open]") || row.querySelector("a[href]");
  link?.click();
  return Boolean(link);
}

// --- selection ---

const box = (row) => row.querySelector("[data-select]");

function set(row, on) {
  const input = box(row);
  if (input && !input.disabled) input.checked = on;
}

function ranged(from, to, state) {
  const all = rows();
  const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((x, y) => x - y);
  if (a < 0) return;
  for (const row of all.slice(a, b + 1)) set(row, state);
}

/** Ticks or unticks the current row, or all rows from the last one to it. */
export function toggleRow(range) {
  const row = currentRow();
  const input = row && box(row);
  if (!input) return false;
  const state = !input.checked;
  if (range && last?.isConnected) ranged(last, row, state);
  else set(row, state);
  last = row;
  sync(row);
  return true;
}

/** Unticks everything; false when nothing was ticked. */
export function clearSelection() {
  const ticked = document.querySelectorAll(`${ROW} [data-select]:checked, [data-select-all]:checked`);
  if (ticked.length === 0) return false;
  ticked.forEach((input) => (input.checked = false));
  sync();
  return true;
}

function sync() {
  const inputs = [...document.querySelectorAll(`${ROW} [data-select]`)];
  const ticked = inputs.filter((input) => input.checked);
  for (const input of inputs) {
    input.closest(ROW).classList.toggle("selected", input.checked);
  }
  for (const all of document.querySelectorAll("[data-select-all]")) {
    all.checked = inputs.length > 0 && ticked.length === inputs.length;
    all.indeterminate = ticked.length > 0 && ticked.length < inputs.length;
  }
  document.querySelectorAll("[data-selectable]").forEach((list) => list.classList.toggle("selecting", ticked.length > 0));
  document.querySelectorAll("[data-bulk-bar]").forEach((bar) => {
    bar.hidden = ticked.length === 0;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = String(ticked.length);
  });
  document.querySelectorAll("[data-bulk-hide]").forEach((bar) => (bar.hidden = ticked.length > 0));
  if (inputs.length) announce(ticked.length ? `${ticked.length} selected` : "Selection cleared");
}

on("click", "[data-select]", (event, input) => {
  const row = input.closest(ROW);
  if (event.shiftKey && last?.isConnected && last !== row) ranged(last, row, input.checked);
  last = row;
  sync();
});

on("change", "[data-select-all]", (event, input) => {
  for (const row of rows()) set(row, input.checked);
  sync();
});

on("click", "[data-select-clear]", clearSelection);

// The ids travel with any request that is sent from the bulk bar.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.closest("[data-bulk-bar], [data-with-selection]")) return;
  const ids = [...document.querySelectorAll(`${ROW} [data-select]:checked`)].map((input) => input.value);
  event.detail.parameters["ids"] = ids.join(",");
});

// After a swap the list is new and nothing is ticked.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target instanceof Element && event.target.querySelector?.("[data-select]")) {
    last = null;
    sync();
  }
});
