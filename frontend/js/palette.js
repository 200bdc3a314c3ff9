// Command palette. GET data-palette-url?q=… answers groups of role="option" links; recent choices are kept in this browser.
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const RECENT_KEY = "tl_recent";
const WAIT_MS = 110;

let turn = 0;
let timer = 0;

const dialog = () => document.getElementById("palette");
const input = () => dialog()?.querySelector("[role=combobox]");
const list = () => dialog()?.querySelector("[role=listbox]");
const options = () => [...(list()?.querySelectorAll("[role=option]") ?? [])];

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** Puts a page at the front of the recent ones. */
export function visited(entry) {
  try {
    const others = recent().filter((other) => other.url !== entry.url);
    localStorage.setItem(RECENT_KEY, JSON.stringify([entry, ...others].slice(0, 8)));
  } catch {
    // A browser that keeps nothing simply has no recent pages.
  }
}

export function openPalette() {
  const element = dialog();
  if (!element || element.open) return;
  element.showModal();
  const field = input();
  field.value = "";
  field.focus();
  load();
}

function recentGroup() {
  const template = document.getElementById("palette-recent");
  const entries = recent();
  if (!template || entries.length === 0) return null;
  const group = template.content.firstElementChild.cloneNode(true);
  const option = group.querySelector("[role=option]");
  for (const entry of entries) {
    const item = option.cloneNode(true);
    item.href = entry.url;
    item.querySelector(".label").textContent = entry.label;
    item.querySelector(".meta").textContent = entry.meta ?? "";
    group.append(item);
  }
  option.remove();
  return group;
}

async function load() {
  const own = ++turn;
  const typed = input().value.trim();
  const url = new URL(document.body.dataset.paletteUrl ?? "/search/palette", window.location.href);
  url.searchParams.set("q", typed);
  url.searchParams.set("from", window.location.pathname);
  let html = "";
  try {
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected) window.location.reload();
    else if (answer.ok) html = await answer.text();
  } catch {
    html = "";
  }
  if (own !== turn || !dialog().open) return;
  const parsed = new DOMParser().parseFromString(html, "text/html").body;
  const groups = typed ? [] : [recentGroup()].filter(Boolean);
  list().replaceChildren(...groups, ...parsed.children);
  const all = options();
  all.forEach((option, index) => {
    option.id = `palette-option-${index}`;
    option.tabIndex = -1;
  });
  const empty = dialog().querySelector("[data-palette-empty]");
  empty.hidden = all.length > 0;
  empty.textContent = typed ? `Nothing matches “${typed}”.` : "Type a name, or what you want to do.";
  activate(all[0] ?? null);
  if (typed) announce(`${all.length} results`);
}

function activate(option) {
  for (const other of options()) {
    other.classList.toggle("active", other === option);
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    input().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input().removeAttribute("aria-activedescendant");
}

function choose(option, beside) {
  const { href } = option;
  const label = option.dataset.label ?? option.querySelector(".label")?.textContent.trim();
  if (href && option.dataset.kind !== "action") visited({ url: new URL(href).pathname, label, meta: option.querySelector(".meta")?.textContent.trim() });
  dialog().close();
  if (option.dataset.post) htmx.ajax("POST", option.dataset.post, { source: document.body, swap: "none" });
  else if (option.dataset.get) htmx.ajax("GET", option.dataset.get, { target: option.dataset.target ?? "#dialog", swap: "innerHTML" });
  else if (option.dataset.click) document.querySelector(option.dataset.click)?.click();
  else if (href && beside) window.open(href, "_blank", "noopener");
  else if (href) window.location.assign(href);
}

on("click", "[data-open-palette]", (event) => {
  event.preventDefault();
  openPalette();
});

on("input", "#palette [role=combobox]", () => {
  clearTimeout(timer);
  timer = setTimeout(load, WAIT_MS);
});

on("mousemove", "#palette [role=option]", (event, option) => {
  if (!option.classList.contains("active")) activate(option);
});

on("click", "#palette [role=option]", (event, option) => {
  event.preventDefault();
  choose(option, event.ctrlKey || event.metaKey);
});

on("keydown", "#palette [role=combobox]", (event) => {
  const all = options();
  const at = all.findIndex((option) => option.classList.contains("active"));
  if (event.key === "ArrowDown") activate(all[(at + 1) % all.length] ?? null);
  else if (event.key === "ArrowUp") activate(all.at(at - 1) ?? null);
  else if (event.key === "Enter" && !event.isComposing && at >= 0) choose(all[at], event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
});

// A record's page names itself: <main data-recent="Okada Brandt Mobility" data-recent-meta="Account">.
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-recent]");
  if (page) visited({ url: window.location.pathname, label: page.dataset.recent, meta: page.dataset.recentMeta ?? "" });
});
