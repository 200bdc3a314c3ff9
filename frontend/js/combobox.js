// Type-ahead after the ARIA combobox pattern. The server answers GET data-url?q=… with <li role="option" data-value data-label>.
import { announce } from "./announce.js";
import { on } from "./delegate.js";
import { place } from "./overlay.js";

const BOX = "[data-combobox]";
const WAIT_MS = 140;
const state = new WeakMap();

function parts(box) {
  return {
    input: box.querySelector("[role=combobox]"),
    list: box.querySelector("[role=listbox]"),
    values: box.querySelector("[data-values]"),
  };
}

const multiple = (box) => box.hasAttribute("data-multiple");
const chosen = (box) => [...parts(box).values.querySelectorAll("input[type=hidden]")].map((field) => field.value).filter(Boolean);

async function search(box) {
  const { input, list } = parts(box);
  const own = (state.get(box) ?? 0) + 1;
  state.set(box, own);
  const url = new URL(box.dataset.url, window.location.href);
  const typed = input.value.trim();
  // An untouched single choice shows the whole list, not only itself.
  url.searchParams.set("q", typed === (box.dataset.label ?? "") ? "" : typed);
  let html;
  try {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    html = await answer.text();
  } catch {
    html = null;
  }
  if (state.get(box) !== own || document.activeElement !== input) return;
  list.replaceChildren();
  if (html === null) note(list, "The list could not be fetched. Try again.");
  else list.append(...new DOMParser().parseFromString(html, "text/html").body.children);
  const taken = new Set(chosen(box));
  const options = [...list.querySelectorAll("[role=option]")];
  options.forEach((option, index) => {
    option.id = `${list.id}-${index}`;
    option.setAttribute("aria-selected", String(taken.has(option.dataset.value)));
  });
  if (html !== null && options.length === 0) note(list, typed ? `Nothing matches “${typed}”.` : "Nothing to choose from.");
  expand(box, true);
  activate(box, typed && options.length ? options[0] : options.find((option) => option.getAttribute("aria-selected") === "true") ?? null);
  announce(options.length === 1 ? "1 result" : `${options.length} results`);
}

function note(list, text) {
  const item = document.createElement("li");
  item.className = "option-note";
  item.textContent = text;
  list.append(item);
}

function expand(box, open) {
  const { input, list } = parts(box);
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) return activate(box, null);
  const area = box.querySelector(".combobox-box");
  list.style.width = `${area.getBoundingClientRect().width}px`;
  place(list, area);
  return undefined;
}

function activate(box, option) {
  const { input, list } = parts(box);
  list.querySelectorAll(".active").forEach((other) => other.classList.remove("active"));
  if (option) {
    option.classList.add("active");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  } else input.removeAttribute("aria-activedescendant");
}

function choose(box, option) {
  const { input, values } = parts(box);
  const { value, label } = option.dataset;
  if (multiple(box)) {
    if (chosen(box).includes(value)) remove(box, value);
    else add(box, value, label ?? option.textContent.trim());
    input.value = "";
    box.dataset.label = "";
  } else {
    values.querySelector("input").value = value;
    input.value = label ?? option.textContent.trim();
    box.dataset.label = input.value;
    const clear = box.querySelector("[data-combobox-clear]");
    if (clear) clear.hidden = value === "";
  }
  expand(box, false);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function add(box, value, label) {
  const template = box.querySelector("template");
  const tag = template.content.firstElementChild.cloneNode(true);
  tag.querySelector("[data-tag-label]").textContent = label;
  tag.querySelector("input").value = value;
  const button = tag.querySelector("button");
  button.setAttribute("aria-label", `Remove ${label}`);
  parts(box).values.append(tag);
}

function remove(box, value) {
  for (const field of parts(box).values.querySelectorAll("input[type=hidden]")) {
    if (field.value === value) field.closest(".tag")?.remove();
  }
}

// Free tags: what was typed is the value.
function addTyped(box) {
  const { input } = parts(box);
  const text = input.value.trim().replace(/,$/, "");
  if (!text || chosen(box).includes(text)) return false;
  add(box, text, text);
  input.value = "";
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

let timer = 0;

on("input", `${BOX} [role=combobox]`, (event, input) => {
  event.stopPropagation();
  const box = input.closest(BOX);
  if (!box.dataset.url) return;
  clearTimeout(timer);
  timer = setTimeout(() => search(box), WAIT_MS);
}, true);

on("change", `${BOX} [role=combobox]`, (event) => event.stopPropagation(), true);

on("click", `${BOX} .combobox-box`, (event, area) => {
  const box = area.closest(BOX);
  const { input, list } = parts(box);
  if (event.target.closest("button")) return;
  input.focus();
  if (list.hidden && box.dataset.url) search(box);
});

on("mousedown", `${BOX} [role=option]`, (event, option) => {
  event.preventDefault();
  choose(option.closest(BOX), option);
});

on("click", `${BOX} .tag button`, (event, button) => {
  const box = button.closest(BOX);
  button.closest(".tag").remove();
  parts(box).input.focus();
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

on("click", "[data-combobox-clear]", (event, button) => {
  const box = button.closest(BOX);
  parts(box).values.querySelector("input").value = "";
  parts(box).input.value = "";
  box.dataset.label = "";
  button.hidden = true;
  parts(box).input.focus();
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

on("keydown", `${BOX} [role=combobox]`, (event, input) => {
  if (event.isComposing) return;
  const box = input.closest(BOX);
  const { list } = parts(box);
  const options = [...list.querySelectorAll("[role=option]")];
  const active = list.querySelector(".active");
  const open = !list.hidden;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      if (!open) {
        if (box.dataset.url) search(box);
      } else if (options.length) {
        const step = event.key === "ArrowDown" ? 1 : -1;
        const at = active ? options.indexOf(active) + step : step > 0 ? 0 : -1;
        activate(box, options.at(((at % options.length) + options.length) % options.length));
      }
      break;
    }
    case "Enter":
      if (open && active) choose(box, active);
      else if (box.hasAttribute("data-free") && addTyped(box)) break;
      else return;
      break;
    case ",":
      if (!box.hasAttribute("data-free") || !addTyped(box)) return;
      break;
    case "Tab":
      if (open && active && input.value !== (box.dataset.label ?? "")) choose(box, active);
      return;
    case "Escape":
      if (!open) return;
      input.value = multiple(box) ? "" : box.dataset.label ?? "";
      expand(box, false);
      break;
    case "Backspace": {
      const tags = box.querySelectorAll(".tag");
      if (input.value !== "" || tags.length === 0) return;
      tags[tags.length - 1].remove();
      box.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);

on("focusout", BOX, (event, box) => {
  if (box.contains(event.relatedTarget)) return;
  const { input, values } = parts(box);
  if (box.hasAttribute("data-free")) addTyped(box);
  else if (!multiple(box)) {
    // Emptied by hand means "none"; half-typed text means what was chosen before.
    if (input.value.trim() === "" && values.querySelector("input").value !== "") {
      values.querySelector("input").value = "";
      box.dataset.label = "";
      box.dispatchEvent(new Event("change", { bubbles: true }));
    } else input.value = box.dataset.label ?? "";
  } else input.value = "";
  expand(box, false);
});

// The list stays under its entry while the page moves.
window.addEventListener("scroll", (event) => {
  for (const list of document.querySelectorAll(".combobox-list:not([hidden])")) {
    if (!(event.target instanceof Node && list.contains(event.target))) place(list, list.closest(BOX).querySelector(".combobox-box"));
  }
}, { capture: true, passive: true });
