// Entries of one line: a saved one empties itself and waits for the next; <details data-keep> stay as they were left.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (!(elt instanceof HTMLFormElement) || !elt.hasAttribute("data-line") || !(xhr?.status < 300)) return;
  elt.reset();
  const note = elt.querySelector("[data-problem]");
  if (note) note.hidden = true;
  elt.querySelector("input:not([type=hidden])")?.focus();
});

const KEEP_KEY = "tl_open";

const kept = () => new Set((sessionStorage.getItem(KEEP_KEY) ?? "").split(" ").filter(Boolean));

document.addEventListener(
  "toggle",
  (event) => {
    const name = event.target instanceof HTMLDetailsElement ? event.target.dataset.keep : null;
    if (!name) return;
    const names = kept();
    if (event.target.open) names.add(name);
    else names.delete(name);
    sessionStorage.setItem(KEEP_KEY, [...names].join(" "));
  },
  true,
);

document.addEventListener("htmx:afterSwap", (event) => {
  const names = kept();
  for (const details of event.detail.target?.querySelectorAll?.("details[data-keep]") ?? []) {
    if (names.has(details.dataset.keep)) details.open = true;
  }
});
