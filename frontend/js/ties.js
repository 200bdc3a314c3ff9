// Lines between people over a picture: [data-ties="key"] holds people [data-tie-end="id"] and a hidden list of
// a[data-tie="from"][data-toward="to"][data-kind]; [data-ties-switch="key"] shows and hides them. A line opens what it stands for.
import { on } from "./delegate.js";

const SVG = "http://www.w3.org/2000/svg";
const HIDDEN_KEY = "tl_ties";
const GAP = 3;

const make = (name, attributes) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

/** Whether the lines of a picture are shown: as they were left in this session, else as the page wants it. */
function shown(key, button) {
  const kept = JSON.parse(sessionStorage.getItem(HIDDEN_KEY) ?? "{}");
  return kept[key] ?? !button?.hasAttribute("data-off");
}

/** Where the way from the middle of a box to a point leaves the box. */
function edge(box, [x, y]) {
  const [cx, cy] = [box.x + box.w / 2, box.y + box.h / 2];
  const [dx, dy] = [x - cx, y - cy];
  const scale = Math.min(dx ? (box.w / 2 + GAP) / Math.abs(dx) : Infinity, dy ? (box.h / 2 + GAP) / Math.abs(dy) : Infinity);
  return [cx + dx * Math.min(scale, 1), cy + dy * Math.min(scale, 1)];
}

function boxes(region) {
  const origin = region.getBoundingClientRect();
  const found = new Map();
  for (const end of region.querySelectorAll("[data-tie-end]")) {
    const box = end.getBoundingClientRect();
    if (box.width) found.set(end.dataset.tieEnd, { x: box.left - origin.left, y: box.top - origin.top, w: box.width, h: box.height });
  }
  return found;
}

function line(tie, from, to, bend) {
  const [ax, ay, bx, by] = [from.x + from.w / 2, from.y + from.h / 2, to.x + to.w / 2, to.y + to.h / 2];
  const far = Math.hypot(bx - ax, by - ay) || 1;
  // Bent to one side, so that it keeps clear of reporting lines and of the line that leads back.
  const push = Math.min(56, 18 + far / 6) * bend;
  const middle = [(ax + bx) / 2 - ((by - ay) / far) * push, (ay + by) / 2 + ((bx - ax) / far) * push];
  let [[sx, sy], [ex, ey]] = [edge(from, middle), edge(to, middle)];
  if (Math.abs(bx - ax) < Math.min(from.w, to.w) / 2) {
    // One above the other: around what stands between them, at the right.
    [sx, sy, ex, ey] = [from.x + from.w + GAP, ay, to.x + to.w + GAP, by];
    [middle[0], middle[1]] = [Math.max(sx, ex) + (26 + far / 8) * bend, (ay + by) / 2];
  } else if (Math.abs(by - ay) < Math.min(from.h, to.h) / 2) {
    // Side by side: over the tops.
    [sx, sy, ex, ey] = [ax, from.y - GAP, bx, to.y - GAP];
    [middle[0], middle[1]] = [(ax + bx) / 2, Math.min(sy, ey) - (16 + far / 16) * bend];
  }
  const path = `M${sx} ${sy}Q${middle[0]} ${middle[1]} ${ex} ${ey}`;
  const turn = (Math.atan2(ey - middle[1], ex - middle[0]) * 180) / Math.PI;
  const { kind } = tie.dataset;
  const group = make("g", { class: `tie ${kind}` });
  const title = make("title", {});
  title.textContent = tie.textContent;
  const head = kind === "blocks" ? "M0 -6V6" : "M-8 -4.5L0 0L-8 4.5Z";
  group.append(title, make("path", { class: "hit", d: path }), make("path", { class: "way", d: path }),
    make("path", { class: kind === "blocks" ? "bar" : "end", d: head, transform: `translate(${ex} ${ey}) rotate(${turn})` }));
  group.addEventListener("click", () => tie.click());
  group.ends = [tie.dataset.tie, tie.dataset.toward];
  return group;
}

function draw(region) {
  region.querySelector(":scope > svg.ties")?.remove();
  const ties = [...region.querySelectorAll("[data-tie]")];
  const button = document.querySelector(`[data-ties-switch="${region.dataset.ties}"]`);
  const visible = shown(region.dataset.ties, button);
  button?.setAttribute("aria-pressed", String(visible));
  if (!visible || ties.length === 0) return;
  const places = boxes(region);
  const pairs = new Map();
  const canvas = make("svg", { class: "ties", "aria-hidden": "true", width: region.scrollWidth, height: region.scrollHeight });
  for (const tie of ties) {
    const [from, to] = [places.get(tie.dataset.tie), places.get(tie.dataset.toward)];
    if (!from || !to) continue;
    const pair = `${tie.dataset.tie}>${tie.dataset.toward}`;
    const again = pairs.get(pair) ?? 0;
    pairs.set(pair, again + 1);
    canvas.append(line(tie, from, to, 1 + again * 0.8));
  }
  region.append(canvas);
}

const all = () => document.querySelectorAll("[data-ties]").forEach(draw);
let asked = 0;
const soon = () => {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(all);
};

on("click", "[data-ties-switch]", (event, button) => {
  const key = button.dataset.tiesSwitch;
  const kept = JSON.parse(sessionStorage.getItem(HIDDEN_KEY) ?? "{}");
  sessionStorage.setItem(HIDDEN_KEY, JSON.stringify({ ...kept, [key]: !shown(key, button) }));
  soon();
});

// Whom somebody moves stands out while they have the pointer or the focus.
for (const [name, state] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) {
  document.addEventListener(name, (event) => {
    const end = event.target.closest?.("[data-tie-end]");
    const region = end?.closest("[data-ties]");
    const canvas = region?.querySelector(":scope > svg.ties");
    if (!canvas) return;
    canvas.classList.toggle("some", state && [...canvas.children].some((one) => one.ends.includes(end.dataset.tieEnd)));
    for (const one of canvas.children) one.classList.toggle("near", state && one.ends.includes(end.dataset.tieEnd));
  });
}

document.addEventListener("htmx:afterSettle", soon);
document.addEventListener("toggle", soon, true);
window.addEventListener("resize", soon);
window.addEventListener("load", soon);
document.fonts?.ready.then(soon);
soon();
