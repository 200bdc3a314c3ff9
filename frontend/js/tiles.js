// Dashboards: tiles are dragged by their head, resized at their corner, or picked up with Space and moved with the arrows; the
// page is not loaded again. Region: [data-tiles="URL"][data-version]; a tile: [data-tile="id"][data-w][data-h][data-name], with
// [data-grip] at its corner; [data-tile-do] in its menu. POST URL sends tiles=id:w:h,… and version, and answers tl:arranged.
import Sortable from "sortablejs";
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const REGION = "[data-tiles]";
const LIMITS = { w: [2, 12], h: [2, 8] };
const DEEDS = { wider: ["w", 1], narrower: ["w", -1], taller: ["h", 1], shorter: ["h", -1] };
const KEYS = { ArrowRight: "wider", ArrowLeft: "narrower", ArrowDown: "taller", ArrowUp: "shorter" };
const PAUSE = 500;
let lifted = null;
let pulled = null;
let timer = 0;
let sending = false;

const tilesOf = (region) => [...region.querySelectorAll(":scope > [data-tile]")];
const placesOf = (region) => tilesOf(region).map((tile) => [tile.dataset.tile, tile.dataset.w, tile.dataset.h].join(":"));
const told = (tile) => {
  const all = tilesOf(tile.parentElement);
  return `${tile.dataset.name}: place ${all.indexOf(tile) + 1} of ${all.length}, ${tile.dataset.w} wide, ${tile.dataset.h} tall`;
};

function resize(tile, side, size) {
  const [least, most] = LIMITS[side];
  const wanted = Math.min(most, Math.max(least, size));
  tile.classList.replace(`tile-${side}${tile.dataset[side]}`, `tile-${side}${wanted}`);
  tile.dataset[side] = wanted;
}

function put(region, places) {
  for (const place of places) {
    const [id, w, h] = place.split(":");
    const tile = region.querySelector(`:scope > [data-tile="${CSS.escape(id)}"]`);
    if (!tile) continue;
    resize(tile, "w", Number(w));
    resize(tile, "h", Number(h));
    region.append(tile);
  }
}

/** What the server holds: remembered when first seen, and after each answer. */
function kept(region) {
  region.kept ??= placesOf(region);
  return region.kept;
}

function save(region) {
  clearTimeout(timer);
  timer = setTimeout(() => send(region), PAUSE);
}

function send(region) {
  if (lifted || pulled) return;
  if (sending) {
    save(region);
    return;
  }
  const places = placesOf(region);
  if (places.join() === kept(region).join()) return;
  sending = true;
  region.sent = places;
  htmx.ajax("POST", region.dataset.tiles, { source: region, swap: "none", values: { tiles: places.join(), version: region.dataset.version } });
}

document.addEventListener("htmx:afterRequest", (event) => {
  const region = event.detail.elt;
  if (!region?.matches?.(REGION) || !region.sent) return;
  sending = false;
  if (event.detail.xhr?.status < 400) region.kept = region.sent;
  else put(region, kept(region));
  region.sent = null;
});

document.addEventListener("tl:arranged", (event) => {
  const region = document.querySelector(REGION);
  if (region) region.dataset.version = event.detail.version;
});

function shift(tile, step) {
  const other = step < 0 ? tile.previousElementSibling : tile.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(tile);
  else other.after(tile);
}

function does(tile, deed) {
  if (deed in DEEDS) {
    const [side, step] = DEEDS[deed];
    resize(tile, side, Number(tile.dataset[side]) + step);
  } else shift(tile, deed === "earlier" ? -1 : 1);
  announce(told(tile));
}

on("click", "[data-tile-do]", (event, item) => {
  const tile = item.closest("[data-tile]");
  const region = tile.closest(REGION);
  kept(region);
  does(tile, item.dataset.tileDo);
  tile.focus();
  tile.scrollIntoView({ block: "nearest" });
  save(region);
});

function drop(keep) {
  const { tile, before } = lifted;
  const region = tile.closest(REGION);
  lifted = null;
  tile.classList.remove("lifted");
  if (keep) save(region);
  else {
    put(region, before);
    announce("Put back");
  }
  tile.focus();
}

on("keydown", `${REGION} > [data-tile]`, (event, tile) => {
  if (event.target !== tile || event.ctrlKey || event.metaKey || event.altKey) return;
  const region = tile.closest(REGION);
  if (lifted) {
    if (event.key === "Enter" || event.key === " ") drop(true);
    else if (event.key === "Escape") drop(false);
    else if (event.key in KEYS) {
      if (event.shiftKey) does(tile, KEYS[event.key]);
      else does(tile, event.key === "ArrowLeft" || event.key === "ArrowUp" ? "earlier" : "later");
      tile.focus();
      tile.scrollIntoView({ block: "nearest" });
    } else return;
  } else if (event.key === " ") {
    kept(region);
    lifted = { tile, before: placesOf(region) };
    tile.classList.add("lifted");
    announce(`Picked up ${told(tile)}. Arrows move it, Shift with arrows resizes it, Enter keeps, Escape puts back.`);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

on("focusout", "[data-tile]", (event, tile) => {
  setTimeout(() => lifted?.tile === tile && document.activeElement !== tile && drop(false), 0);
});

// Pulled at the corner: a twelfth or a row more or less for each that the pointer goes.
on("pointerdown", "[data-grip]", (event, grip) => {
  const tile = grip.closest("[data-tile]");
  const region = tile.closest(REGION);
  const style = getComputedStyle(region);
  const [gap, row] = [parseFloat(style.columnGap), parseFloat(style.gridAutoRows)];
  const columns = style.gridTemplateColumns.split(" ").length;
  const room = region.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  kept(region);
  pulled = {
    tile, x: event.clientX, y: event.clientY, w: Number(tile.dataset.w), h: Number(tile.dataset.h),
    column: (room + gap) / columns, row: row + gap,
  };
  tile.classList.add("lifted");
  grip.setPointerCapture(event.pointerId);
  event.preventDefault();
  event.stopPropagation();
});

on("pointermove", "[data-grip]", (event) => {
  if (!pulled) return;
  resize(pulled.tile, "w", pulled.w + Math.round((event.clientX - pulled.x) / pulled.column));
  resize(pulled.tile, "h", pulled.h + Math.round((event.clientY - pulled.y) / pulled.row));
});

for (const type of ["pointerup", "pointercancel"]) {
  on(type, "[data-grip]", () => {
    if (!pulled) return;
    const { tile } = pulled;
    pulled = null;
    tile.classList.remove("lifted");
    announce(told(tile));
    save(tile.closest(REGION));
  });
}

// A new tile comes to the end of the page: show it once it stands there.
document.addEventListener("tl:tile-added", (event) => {
  const show = () => document.querySelector(`[data-tile="${CSS.escape(event.detail.tile)}"]`);
  document.addEventListener(
    "htmx:afterSettle",
    () => {
      show()?.scrollIntoView({ block: "center" });
      show()?.focus({ preventScroll: true });
    },
    { once: true },
  );
});

htmx.onLoad((root) => {
  const regions = root.matches?.(REGION) ? [root] : root.querySelectorAll(REGION);
  for (const region of regions) {
    kept(region);
    Sortable.create(region, {
      draggable: "[data-tile]",
      handle: ".tile-head",
      filter: "button, [popover], [data-grip]",
      preventOnFilter: false,
      animation: 120,
      delay: 180,
      delayOnTouchOnly: true,
      onEnd: ({ item, oldIndex, newIndex }) => {
        if (oldIndex === newIndex) return;
        announce(told(item));
        save(region);
      },
    });
  }
});
