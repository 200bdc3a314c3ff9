// Light, dark or as the system: kept in a cookie, so the server renders the right page at once, and with the person,
// so that it follows them to other browsers.
import htmx from "htmx.org";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

const YEAR = 365 * 24 * 3600;

function mark(theme) {
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
  }
}

on("click", "[data-theme-set]", (event, button) => {
  const theme = button.dataset.themeSet;
  if (theme === "system") document.documentElement.removeAttribute("data-bs-theme");
  else document.documentElement.dataset.bsTheme = theme;
  document.cookie = `tl_theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  mark(theme);
  announce(button.textContent.trim());
  htmx.ajax("POST", "/settings/me/theme", { source: document.body, swap: "none", values: { theme } });
  document.dispatchEvent(new CustomEvent("tl:theme"));
});
