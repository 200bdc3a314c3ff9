// Buttons that copy: data-copy holds the text, data-copy-path a path of this site, data-copy-from points at the element with it.
import { announce } from "./announce.js";
import { on } from "./delegate.js";

on("click", "[data-copy], [data-copy-from], [data-copy-path]", async (event, button) => {
  const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
  const text = source ? source.value ?? source.textContent : button.dataset.copy ?? `${location.origin}${button.dataset.copyPath}`;
  const label = button.querySelector("[data-copy-label]");
  try {
    await navigator.clipboard.writeText(text.trim());
    announce("Copied");
    if (!label) return;
    const was = label.textContent;
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = was), 1600);
  } catch {
    // Without the right to the clipboard the text is selected, ready for the keyboard.
    if (!source) return;
    const range = document.createRange();
    range.selectNodeContents(source);
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(range);
    announce("Selected. Copy with the keyboard.");
  }
});
