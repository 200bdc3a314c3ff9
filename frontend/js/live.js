// Parts that follow the writes of single fields: [data-live][id] is fetched again a moment after a record was written, in one
// request for all of them. Writes that make the page fetch itself anyway are left to that.
import htmx from "htmx.org";

const WAIT_MS = 150;
let timer = 0;
let anyway = false;

for (const name of ["tl:changed", "tl:beside"]) {
  document.addEventListener(name, () => {
    clearTimeout(timer);
    // Both events of one answer are fired one after the other, in either order.
    anyway = !document.querySelector("[data-on-changed]");
    setTimeout(() => (anyway = false), 0);
  });
}

document.addEventListener("tl:touched", () => {
  clearTimeout(timer);
  if (anyway) return;
  timer = setTimeout(() => {
    const ids = [...document.querySelectorAll("[data-live][id]")].map((part) => `#${CSS.escape(part.id)}`);
    if (ids.length === 0) return;
    const [first, ...rest] = ids;
    htmx.ajax("GET", window.location.href, { source: first, target: first, select: first, selectOOB: rest.join(","), swap: "outerHTML show:none" });
  }, WAIT_MS);
});
