// People carried to a place: drag them, or pick one up with Space, choose the place with the arrows and drop with Enter.
// Region: [data-carry]; who is carried: [data-carried="Name"][data-move="URL"][data-version]; a place:
// [data-place="field=value&…"][data-name], with [data-people] where who is dropped stands. POST URL sends the fields that differ.
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const REGION = "[data-carry]";
const CARRIED = "[data-carried][data-move]";
let dragged = null;
let lifted = null;

const homeOf = (one) => one.parentElement.closest("[data-place]");
const placesFor = (one) => [...one.closest(REGION).querySelectorAll("[data-place]")].filter((place) => place !== one && !one.contains(place));

function over(place) {
  for (const old of document.querySelectorAll("[data-place].over")) if (old !== place) old.classList.remove("over");
  place?.classList.add("over");
}

function send(one, place) {
  const before = new URLSearchParams(one.dataset.at ?? homeOf(one)?.dataset.place);
  const values = {};
  for (const [name, value] of new URLSearchParams(place.dataset.place)) if (before.get(name) !== value) values[name] = value;
  if (Object.keys(values).length === 0) return;
  const home = { parent: one.parentElement, next: one.nextSibling };
  place.querySelector(":scope > [data-people]")?.append(one);
  if (one.dataset.version) values.version = one.dataset.version;
  one.closest(REGION).carrying = { one, home };
  htmx.ajax("POST", one.dataset.move, { source: one.closest(REGION), swap: "none", values });
  announce(`${one.dataset.carried}: ${place.dataset.name}`);
}

// Refused: back home; what was wrong is said where refusals are.
document.addEventListener("htmx:afterRequest", (event) => {
  const region = event.detail.elt;
  if (!region?.matches?.(REGION) || !region.carrying) return;
  const { one, home } = region.carrying;
  region.carrying = null;
  if (!event.detail.failed && event.detail.successful) return;
  if (one.parentElement !== home.parent) home.parent.insertBefore(one, home.next);
});

on("dragstart", CARRIED, (event, one) => {
  dragged = one;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", one.dataset.carried);
  one.classList.add("lifted");
});

on("dragover", "[data-place]", (event, place) => {
  if (!dragged || place.closest(REGION) !== dragged.closest(REGION) || !placesFor(dragged).includes(place)) return;
  event.preventDefault();
  over(place);
});

on("drop", "[data-place]", (event, place) => {
  if (!dragged || !place.classList.contains("over")) return;
  event.preventDefault();
  send(dragged, place);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("lifted");
  dragged = null;
  over(null);
});

/** The nearest place in the direction of the key, seen from where one stands. */
function neighbour(from, places, key) {
  const middle = (element) => {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const [x, y] = middle(from);
  const along = key === "ArrowLeft" || key === "ArrowRight" ? 0 : 1;
  const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best = null;
  let least = Infinity;
  for (const place of places) {
    const [px, py] = middle(place);
    const step = [px - x, py - y];
    const ahead = sign * step[along];
    if (place === from || ahead < 4) continue;
    const aside = Math.abs(step[1 - along]);
    // What lies rather aside than ahead counts only where nothing lies ahead.
    const cost = ahead + 3 * aside + (aside > ahead ? 1e5 : 0);
    if (cost < least) [best, least] = [place, cost];
  }
  return best;
}

function drop(keep) {
  const { one, place } = lifted;
  lifted = null;
  one.classList.remove("lifted");
  over(null);
  if (keep && place) send(one, place);
  else announce("Put back");
  one.focus();
}

on("keydown", CARRIED, (event, one) => {
  if (event.target !== one || event.ctrlKey || event.metaKey || event.altKey) return;
  if (lifted) {
    if (event.key === "Enter" || event.key === " ") drop(true);
    else if (event.key === "Escape") drop(false);
    else if (event.key.startsWith("Arrow")) {
      const next = neighbour(lifted.place ?? one, placesFor(one), event.key);
      if (next) {
        lifted.place = next;
        over(next);
        next.scrollIntoView({ block: "nearest", inline: "nearest" });
        announce(next.dataset.name);
      }
    } else return;
  } else if (event.key === " ") {
    lifted = { one, place: homeOf(one) };
    one.classList.add("lifted");
    over(lifted.place);
    announce(`Picked up ${one.dataset.carried}. Arrows choose a place, Enter drops, Escape puts back.`);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

on("focusout", CARRIED, (event, one) => {
  setTimeout(() => lifted?.one === one && document.activeElement !== one && drop(false), 0);
});
