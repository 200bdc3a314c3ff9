// Boards: drag a card, or pick it up with Space, move it with the arrows and drop it with Enter. "Move to…" menus do the same.
// Card: [data-card][data-move="URL"]; column: [data-column="key"] with [data-cards]; POST URL to=…&before=… answers the board.
import Sortable from "sortablejs";
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const BOARD = "[data-board]";
let lifted = null;

const columnOf = (card) => card.closest("[data-column]");
const nameOf = (column) => column.dataset.name ?? column.querySelector("h2")?.textContent.trim() ?? column.dataset.column;

function remember(card) {
  return { parent: card.parentElement, next: card.nextElementSibling };
}

function putBack(card, home) {
  home.parent.insertBefore(card, home.next?.parentElement === home.parent ? home.next : null);
}

function send(card, home) {
  const column = columnOf(card);
  const board = card.closest(BOARD);
  const values = { to: column.dataset.column, before: card.nextElementSibling?.dataset.card ?? "" };
  board.moving = { card, home, column };
  htmx.ajax("POST", card.dataset.move, { source: board, target: board, swap: "outerHTML", values });
  announce(`Moved to ${nameOf(column)}`);
}

// Refused: the card goes home and the reasons open in a dialog.
document.addEventListener("htmx:beforeSwap", (event) => {
  const board = event.detail.elt;
  if (!board?.matches?.(BOARD) || !board.moving || event.detail.xhr.status < 400) return;
  const { card, home, column } = board.moving;
  putBack(card, home);
  card.classList.add("returned");
  announce(`Not moved to ${nameOf(column)}`);
  event.detail.target = document.getElementById("dialog");
  event.detail.swapOverride = "innerHTML";
  board.moving = null;
});

document.addEventListener("htmx:responseError", (event) => {
  const board = event.detail.elt;
  if (!board?.matches?.(BOARD) || !board.moving) return;
  putBack(board.moving.card, board.moving.home);
  board.moving = null;
});

on("click", "[data-move-to]", (event, item) => {
  const menu = item.closest("[popover]");
  const card = item.closest("[data-card]") ?? document.querySelector(`[popovertarget="${menu?.id}"]`)?.closest("[data-card]");
  const board = card?.closest(BOARD);
  const column = board?.querySelector(`[data-column="${CSS.escape(item.dataset.moveTo)}"] [data-cards]`);
  if (!column) return;
  const home = remember(card);
  column.prepend(card);
  send(card, home);
});

function drop(cancel) {
  const { card, home } = lifted;
  lifted = null;
  card.classList.remove("lifted");
  const moved = card.parentElement !== home.parent || card.nextElementSibling !== home.next;
  if (cancel) {
    putBack(card, home);
    announce("Put back");
  } else if (moved) send(card, home);
  card.focus();
}

function carry(key) {
  const { card } = lifted;
  const cards = card.parentElement;
  if (key === "ArrowUp") card.previousElementSibling?.before(card);
  else if (key === "ArrowDown") card.nextElementSibling?.after(card);
  else {
    const columns = [...card.closest(BOARD).querySelectorAll("[data-column]")];
    const next = columns[columns.indexOf(columnOf(card)) + (key === "ArrowRight" ? 1 : -1)];
    next?.querySelector("[data-cards]")?.prepend(card);
  }
  card.focus();
  const place = [...card.parentElement.children].indexOf(card) + 1;
  announce(`${cards === card.parentElement ? "" : `${nameOf(columnOf(card))}, `}position ${place}`);
}

on("keydown", "[data-card]", (event, card) => {
  if (event.target !== card) return;
  if (lifted) {
    if (event.key === "Enter" || event.key === " ") drop(false);
    else if (event.key === "Escape") drop(true);
    else if (event.key.startsWith("Arrow")) carry(event.key);
    else return;
  } else if (event.key === " " && card.dataset.move) {
    lifted = { card, home: remember(card) };
    card.classList.add("lifted");
    announce(`Picked up ${card.querySelector("h3")?.textContent.trim() ?? "card"}. Arrows move it, Enter drops it, Escape puts it back.`);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

on("focusout", "[data-card]", (event, card) => {
  setTimeout(() => lifted?.card === card && document.activeElement !== card && drop(true), 0);
});

// Small screens show one column; the one that was chosen stays chosen when the board is drawn anew.
const chosen = new Map();

function showStage(board, stage) {
  const columns = [...board.querySelectorAll("[data-column]")];
  if (!columns.some((column) => column.dataset.column === stage)) return;
  board.classList.add("switched");
  for (const column of columns) column.classList.toggle("shown", column.dataset.column === stage);
  for (const button of document.querySelectorAll("[data-stage]")) button.setAttribute("aria-pressed", String(button.dataset.stage === stage));
}

on("click", "[data-stage]", (event, button) => {
  const board = document.querySelector(button.dataset.board ?? BOARD);
  chosen.set(board.id, button.dataset.stage);
  showStage(board, button.dataset.stage);
});

htmx.onLoad((root) => {
  const board = root.matches?.(BOARD) ? root : root.querySelector?.(BOARD);
  if (board && chosen.has(board.id)) showStage(board, chosen.get(board.id));
});

htmx.onLoad((root) => {
  const lists = root.matches?.("[data-cards]") ? [root] : root.querySelectorAll(`${BOARD} [data-cards]`);
  for (const list of lists) {
    let home = null;
    Sortable.create(list, {
      group: list.closest(BOARD).id || "board",
      draggable: "[data-card][data-move]",
      filter: "button, input, a.btn, [popover]",
      preventOnFilter: false,
      animation: 120,
      delay: 180,
      delayOnTouchOnly: true,
      onStart: ({ item }) => (home = remember(item)),
      onMove: ({ to, from }) => {
        document.querySelectorAll(".board-column.over").forEach((column) => column.classList.remove("over"));
        if (to !== from) to.closest(".board-column")?.classList.add("over");
      },
      onEnd: ({ item, to, from, oldIndex, newIndex }) => {
        document.querySelectorAll(".board-column.over").forEach((column) => column.classList.remove("over"));
        if (to !== from || oldIndex !== newIndex) send(item, { parent: from, next: from.children[oldIndex] ?? home?.next ?? null });
      },
    });
  }
});
