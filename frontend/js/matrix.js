// A table of cells to walk through: one of them takes the keyboard, arrows move, R presses the cell's own button.
const PLACE = "[data-place]";

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

const rowsOf = (table) => [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.querySelectorAll(PLACE)]).filter((row) => row.length > 0);

/** The first cell of each table can be reached with Tab, until another one takes its place. */
function prepare() {
  for (const table of document.querySelectorAll("[data-matrix]")) {
    if (!table.querySelector(`${PLACE}[tabindex="0"]`)) table.querySelector(PLACE)?.setAttribute("tabindex", "0");
  }
}

function walk(table, from, key) {
  const rows = rowsOf(table);
  const at = rows.findIndex((row) => row.includes(from));
  const column = rows[at].indexOf(from);
  if (key === "Home") return rows[at][0];
  if (key === "End") return rows[at].at(-1);
  const [down, right] = STEPS[key];
  return rows[at + down]?.[column + right];
}

document.addEventListener("keydown", (event) => {
  const from = event.target.closest?.(`[data-matrix] ${PLACE}`);
  if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS || event.key === "Home" || event.key === "End") {
    event.preventDefault();
    walk(from.closest("[data-matrix]"), from, event.key)?.focus();
  } else if (event.key === "r") {
    event.preventDefault();
    event.stopPropagation();
    from.parentElement.querySelector("[data-start]")?.click();
  }
});

document.addEventListener("focusin", (event) => {
  const place = event.target.closest?.(`[data-matrix] ${PLACE}`);
  if (!place) return;
  for (const other of place.closest("[data-matrix]").querySelectorAll(`${PLACE}[tabindex="0"]`)) other.tabIndex = -1;
  place.tabIndex = 0;
});

document.addEventListener("htmx:afterSettle", prepare);
prepare();
