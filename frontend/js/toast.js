// One toast at a time, with its way back. The server sends HX-Trigger: {"toast": {"text": "…", "undo": "/undo/12/"}}.
import htmx from "htmx.org";
import { lift } from "./above.js";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const SHOWN_MS = 8000;
const UNDO_MS = 10 * 60 * 1000;
const UNDO_KEY = "tl_undo";
const PENDING_KEY = "tl_toast";

let current = null;
let timer = 0;

/** Shows what changed; undo is the address that takes it back. */
export function toast({ text, undo }) {
  const place = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!place || !template || !text) return;
  const element = template.content.firstElementChild.cloneNode(true);
  element.querySelector("[data-text]").textContent = text;
  element.querySelectorAll("[data-undo]").forEach((part) => (part.hidden = !undo));
  lift(place);
  place.replaceChildren(element);
  current = { text, undo, element };
  if (undo) remember(undo, text);
  hold();
  release();
}

function dismiss() {
  clearTimeout(timer);
  current?.element.remove();
  current = null;
}

function hold() {
  clearTimeout(timer);
}

function release() {
  clearTimeout(timer);
  timer = setTimeout(leave, SHOWN_MS);
}

/** What was done is still being drawn: its way back stays until it can be seen. */
function leave() {
  if (document.documentElement.classList.contains("loading")) release();
  else dismiss();
}

function remember(url, text) {
  try {
    const stack = undoStack();
    stack.push({ url, text, at: Date.now() });
    sessionStorage.setItem(UNDO_KEY, JSON.stringify(stack.slice(-20)));
  } catch {
    // Storage is full or off: the toast itself still undoes.
  }
}

function undoStack() {
  try {
    const stack = JSON.parse(sessionStorage.getItem(UNDO_KEY) ?? "[]");
    return stack.filter((entry) => Date.now() - entry.at < UNDO_MS);
  } catch {
    return [];
  }
}

/** Takes the last change of the last ten minutes back; says so when there is none. */
export function undoLast() {
  const stack = undoStack();
  const entry = stack.pop();
  if (!entry) {
    announce("Nothing to undo.");
    return;
  }
  sessionStorage.setItem(UNDO_KEY, JSON.stringify(stack));
  dismiss();
  htmx.ajax("POST", entry.url, { source: document.body, swap: "none" });
}

document.addEventListener("toast", (event) => toast(event.detail));

on("click", "[data-toast-undo]", undoLast);
on("click", "[data-toast-close]", dismiss);
on("mouseover", ".toast", hold);
on("focusin", ".toast", hold);
on("mouseout", ".toast", release);
on("focusout", ".toast", release);

// A toast outlives the redirect that follows a change.
window.addEventListener("pagehide", () => {
  if (current) sessionStorage.setItem(PENDING_KEY, JSON.stringify({ text: current.text, undo: current.undo }));
});

document.addEventListener("DOMContentLoaded", () => {
  const pending = sessionStorage.getItem(PENDING_KEY);
  sessionStorage.removeItem(PENDING_KEY);
  const rendered = document.querySelector("template[data-toast]");
  if (rendered) toast({ text: rendered.dataset.text, undo: rendered.dataset.undoUrl });
  else if (pending) {
    const { text, undo } = JSON.parse(pending);
    const stack = undoStack().filter((entry) => entry.url !== undo);
    sessionStorage.setItem(UNDO_KEY, JSON.stringify(stack));
    toast({ text, undo });
  }
});
