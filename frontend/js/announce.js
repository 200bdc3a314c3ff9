// One polite live region for the whole page.
let timer = 0;

/** Has assistive technology say the text; the same text twice in a row is said twice. */
export function announce(text) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = "";
  clearTimeout(timer);
  timer = setTimeout(() => (region.textContent = text), 60);
}
