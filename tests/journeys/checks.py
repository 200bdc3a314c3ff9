"""What must hold of every page in every state: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = ("color-contrast",)
"""The only rule that a change of theme can break."""
LAYOUT = ("target-size", "scrollable-region-focusable")
"""The rules that a narrow window can break where the words stay the same."""

_RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false})"


def clean(page: Page, rules: tuple[str, ...] = RULES) -> None:
    """Assert that axe finds nothing on the page as it is now."""
    found = findings(page, rules)
    assert not found, (page.url, found)


def findings(page: Page, rules: tuple[str, ...] = RULES) -> list[tuple[str, list[str]]]:
    """Return what axe finds: each rule with the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(_RUN, list(rules))["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]


def settle(page: Page) -> None:
    """Wait until what was swapped in answers to clicks, and colours have changed: milliseconds no hand is as fast as."""
    page.evaluate(_SETTLED)


def sideways(page: Page, width: int) -> str:
    """Return the elements that stick out of a window of some width, or an empty text."""
    page.set_viewport_size({"width": width, "height": 844})
    return str(page.evaluate(_STICKING_OUT))


_STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return "";
  const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return out.slice(0, 5).map((e) => e.cloneNode(false).outerHTML).join(" ") || "the page itself";
}"""
_SETTLED = """() => new Promise((done) => {
  const busy = () => document.querySelector(".htmx-added, .htmx-settling, .htmx-request") || document.getAnimations().length;
  const look = () => (busy() ? requestAnimationFrame(look) : done());
  requestAnimationFrame(look);
})"""
