// Inline edit. <td data-cell="URL"> shows a value; GET URL answers the same cell with a form in it (class "editing"),
// the form posts to URL and the answer is the cell again: the new value (200), or the form with what is wrong (422, 412).
import htmx from "htmx.org";
import { on } from "./delegate.js";
import { place } from "./overlay.js";

const CELL = "[data-cell]";
const before = new Map();
const widths = new Map();
let move = null;

function open(cell) {
  if (cell.matches(".editing, .opening")) return;
  before.set(cell.dataset.cell, cell.cloneNode(true));
  widths.set(cell.dataset.cell, cell.getBoundingClientRect().width);
  htmx
    .ajax("GET", cell.dataset.cell, { source: cell, target: cell, swap: "outerHTML" })
    .finally(() => cell.classList.remove("opening"));
  // After the copy was kept and the form asked for: what is on its way to being edited is not swapped away either.
  cell.classList.add("opening");
}

function restore(cell) {
  const old = before.get(cell.dataset.cell);
  if (!old) return;
  const fresh = old.cloneNode(true);
  cell.replaceWith(fresh);
  htmx.process(fresh);
  before.delete(fresh.dataset.cell);
  fresh.focus();
}

function neighbour(cell, direction) {
  const row = cell.closest("tr");
  if (direction === "right" || direction === "left") {
    // After the last cell of a row comes the first one of the next.
    const cells = [...row.closest("table").querySelectorAll(CELL)];
    return cells[cells.indexOf(cell) + (direction === "right" ? 1 : -1)] ?? null;
  }
  let next = row;
  do next = direction === "down" ? next.nextElementSibling : next.previousElementSibling;
  while (next && !next.querySelector(CELL));
  return next?.children[cell.cellIndex]?.matches(CELL) ? next.children[cell.cellIndex] : null;
}

function save(cell, direction) {
  const form = cell.querySelector("form");
  if (!form) return;
  move = { url: cell.dataset.cell, direction };
  if (unchanged(form)) {
    restore(cell);
    go();
  } else form.requestSubmit();
}

function unchanged(form) {
  if (form.querySelector("[aria-invalid=true]")) return false;
  for (const box of form.querySelectorAll("[data-combobox]")) {
    const values = [...box.querySelectorAll("[data-values] input[type=hidden]")].map((field) => field.value).filter(Boolean);
    if (values.join(",") !== (box.dataset.initial ?? "")) return false;
  }
  return [...form.elements].every((field) => {
    if (!field.name || field.type === "hidden") return true;
    if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].every((option) => option.selected === option.defaultSelected);
    return field.defaultValue === undefined || field.defaultValue === field.value;
  });
}

function go() {
  if (!move) return;
  const { url, direction } = move;
  move = null;
  const cell = document.querySelector(`${CELL}[data-cell="${CSS.escape(url)}"]`);
  if (!cell || !direction) return;
  const next = neighbour(cell, direction);
  if (next) open(next);
  else cell.focus();
}

on("click", `${CELL}:not(.editing)`, (event, cell) => {
  if (event.target.closest("a, button, input, summary") || window.getSelection()?.toString()) return;
  open(cell);
});

// A link names the field that waits for a value (#fill-industry), and the page opens it.
function fill() {
  const name = /^#fill-([a-z_]+)$/.exec(location.hash)?.[1];
  const cell = name && document.querySelector(`main ${CELL}[data-cell*="/cell/${name}?"]`);
  if (!cell) return;
  // Neither a reload opens it again, nor is the same link without effect.
  history.replaceState(history.state, "", location.pathname + location.search);
  cell.scrollIntoView({ block: "center" });
  open(cell);
}

window.addEventListener("hashchange", fill);
fill();

on("keydown", CELL, (event, cell) => {
  const editing = cell.classList.contains("editing");
  if (event.isComposing || event.target.closest("[aria-expanded=true]")) return;
  if (!editing) {
    if (event.target !== cell) return;
    const arrow = { ArrowDown: "down", ArrowUp: "up", ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (event.key === "Enter" || event.key === "F2") open(cell);
    else if (arrow) neighbour(cell, arrow)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const multiline = event.target.matches("textarea");
  // Two versions stand side by side: Enter presses the button that chooses, Tab goes from one to the other.
  const choosing = event.target.closest(".conflict");
  if (event.key === "Escape") restore(cell);
  else if (choosing) return;
  else if (event.key === "Enter" && (!multiline || event.ctrlKey || event.metaKey)) save(cell, event.shiftKey ? "up" : "down");
  else if (event.key === "Tab") save(cell, event.shiftKey ? "left" : "right");
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// A choice is an answer: it is saved at once, and the place is kept.
on("change", `${CELL}.editing select, ${CELL}.editing input[type=checkbox], ${CELL}.editing .combobox:not([data-multiple])`, (event, field) => {
  save(field.closest(CELL), null);
});

// Leaving the cell saves it, unless what it holds was refused.
on("focusout", `${CELL}.editing`, (event, cell) => {
  if (cell.contains(event.relatedTarget) || cell.querySelector(".conflict, [aria-invalid=true]")) return;
  setTimeout(() => {
    if (cell.isConnected && !cell.contains(document.activeElement) && document.hasFocus()) save(cell, null);
  }, 0);
});

// What needs room lies over the cell, what is wrong stands under it, wherever that has scrolled to.
function placeNotes(cell) {
  if (!cell.matches(".panel-value")) {
    const at = cell.getBoundingClientRect();
    for (const wide of cell.querySelectorAll("textarea, .combobox")) {
      const width = Math.min(Math.max(at.width - 4, 260), window.innerWidth - 16);
      wide.style.width = `${width}px`;
      wide.style.left = `${Math.max(8, Math.min(at.left + 2, window.innerWidth - width - 8))}px`;
      wide.style.top = `${at.top + 4}px`;
    }
  }
  for (const note of cell.querySelectorAll(".cell-error, .conflict")) place(note, cell);
}

window.addEventListener("scroll", () => {
  for (const cell of document.querySelectorAll(`${CELL}.editing`)) placeNotes(cell);
}, { capture: true, passive: true });

// What moved with a saved value: it comes with the cell and goes wherever it stands, in full where there is room.
function follow(cell) {
  const sent = cell.querySelector(":scope > template[data-values]");
  for (const part of sent?.content.children ?? []) {
    const { value, heading } = part.dataset;
    const places = document.querySelectorAll(heading ? `[data-heading="${CSS.escape(heading)}"]` : `[data-value="${CSS.escape(value)}"]`);
    for (const place of places) {
      if (!heading && Boolean(place.closest(".panel-value")) !== part.hasAttribute("data-full")) continue;
      const fresh = part.cloneNode(true);
      fresh.removeAttribute("data-full");
      place.replaceWith(fresh);
    }
  }
  sent?.remove();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const cell = event.target;
  if (!(cell instanceof Element) || !cell.matches(CELL)) return;
  if (cell.classList.contains("editing")) {
    // The control may be narrower than the value was: the column keeps its width.
    cell.style.minWidth = `${widths.get(cell.dataset.cell) ?? 0}px`;
    placeNotes(cell);
    // Somebody else's version is read before anything else is typed.
    const field = cell.querySelector(".conflict") ?? cell.querySelector("[data-autofocus]") ?? cell.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    // Typing replaces the value; what somebody quick has typed already stays.
    const text = field instanceof HTMLInputElement && field.type !== "checkbox" && field.type !== "date";
    if (text && field.value === field.defaultValue) field.select();
    const refused = (event.detail.xhr?.status ?? 200) >= 400;
    if (refused) move = null;
    return;
  }
  follow(cell);
  if (!before.delete(cell.dataset.cell)) return;
  cell.classList.add("cell-saved");
  if (move?.direction) go();
  else {
    move = null;
    if (document.activeElement === document.body || document.activeElement === null) cell.focus({ preventScroll: true });
  }
});
