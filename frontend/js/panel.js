// Side panel: a record beside its list, with its own address (?panel=contact/12).
import htmx from "htmx.org";
import { on } from "./delegate.js";

let opener = null;
// What the panel shows. The address says so too, until a list that is fetched again puts its own in place.
let shown = null;

const panel = () => document.getElementById("panel");
const address = () => new URL(window.location.href).searchParams.get("panel");

function load(value) {
  const base = document.body.dataset.panelBase ?? "/panel/";
  // A source of its own: requests of one source wait for each other, and only the last one waits.
  return htmx.ajax("GET", `${base}${value}`, { source: "#panel-content", target: "#panel-content", swap: "innerHTML" });
}

function show(value) {
  const element = panel();
  if (!element) return;
  document.body.classList.add("panel-open");
  element.hidden = false;
  shown = value;
  mark(value);
  load(value).then(() => {
    const heading = element.querySelector("h2");
    if (heading && !element.querySelector("[data-autofocus]")) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  });
}

function hide() {
  const element = panel();
  if (!element || element.hidden) return false;
  element.hidden = true;
  document.body.classList.remove("panel-open");
  document.getElementById("panel-content")?.replaceChildren();
  shown = null;
  mark(null);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
  return true;
}

function mark(value) {
  for (const row of document.querySelectorAll("[data-row].current")) row.classList.remove("current");
  if (!value) return;
  const link = document.querySelector(`[data-panel="${CSS.escape(value)}"]`);
  link?.closest("[data-row]")?.classList.add("current");
}

/** Opens a record's panel and gives it an address. */
export function openPanel(value, source = null) {
  const url = new URL(window.location.href);
  const already = url.searchParams.has("panel");
  opener = source ?? opener;
  url.searchParams.set("panel", value);
  // Stepping from record to record is one visit: Back closes the panel.
  window.history[already ? "replaceState" : "pushState"]({ panel: value }, "", url);
  show(value);
}

/** Closes the panel; false when none was open. */
export function closePanel() {
  if (!hide()) return false;
  const url = new URL(window.location.href);
  url.searchParams.delete("panel");
  window.history.replaceState({}, "", url);
  return true;
}

export const panelOpen = () => panel()?.hidden === false;

on("click", "[data-panel]", (event, link) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return;
  event.preventDefault();
  openPanel(link.dataset.panel, link);
});

on("click", "[data-panel-close]", (event) => {
  event.preventDefault();
  closePanel();
});

document.addEventListener("tl:close-panel", closePanel);

// What the panel shows has changed by itself: a form became the record it made.
document.addEventListener("tl:panel-at", (event) => {
  if (!panelOpen()) return;
  const url = new URL(window.location.href);
  url.searchParams.set("panel", event.detail.panel);
  window.history.replaceState({ panel: event.detail.panel }, "", url);
  shown = event.detail.panel;
  mark(shown);
});

for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
  document.addEventListener(name, () => {
    if (!panelOpen() || address()) return;
    const url = new URL(window.location.href);
    url.searchParams.set("panel", shown);
    window.history.replaceState({ panel: shown }, "", url);
  });
}

// What was changed elsewhere, or undone, may be what the panel shows. What is being filled in is left alone, and the
// place is kept.
document.addEventListener("tl:changed", () => {
  const element = panel();
  if (!panelOpen() || element.querySelector(".panel-form, .editing")) return;
  const top = element.querySelector(".panel-body")?.scrollTop ?? 0;
  load(shown).then(() => {
    const body = element.querySelector(".panel-body");
    if (body) body.scrollTop = top;
  });
});

// A list that was fetched again shows which of its rows is open.
document.addEventListener("htmx:afterSettle", () => {
  if (panelOpen()) mark(shown);
});

window.addEventListener("popstate", () => {
  const value = address();
  if (value) show(value);
  else hide();
});

document.addEventListener("DOMContentLoaded", () => {
  const value = address();
  const element = panel();
  if (!value || !element) return;
  if (document.getElementById("panel-content")?.childElementCount) {
    document.body.classList.add("panel-open");
    element.hidden = false;
    shown = value;
    mark(value);
  } else show(value);
});
