"""Every page of the sample book, on a desk and on a phone, light and dark: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Page, Response

from tests.factories import make_account
from tests.journeys.books import sample_person
from tests.journeys.checks import CONTRAST, RULES, findings, settle, sideways
from tests.pages.table import TABLE
from trackline.accounts.models import Account
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.tabs import TABS

PAGES: dict[str, Sequence[str]] = {
    "the book": ("/", "/?of=team", "/accounts", "/accounts?mode=tree", "/accounts?q=nothing-like-it", "/accounts/new"),
    "search": ("/search?q=renewal", "/search?q=nothing-like-it", "/search", "/deleted", "/nowhere"),
    "an account": ("{account}", "{account}/timeline", "{account}/history", "{account}/group"),
    **{section: [f"{{account}}/{section}/{tab.key}" for tab in tabs] for section, tabs in TABS.items()},
    "a new account": ("{new}", *(f"{{new}}/{section}" for section in TABS)),
    "records": ("/r/goal", "/r/route?state=won", "{goal}", "{route}", "{play}", "{meeting}", "/r/goal/new"),
    "settings": [f"/{pattern}" for pattern in TABLE if pattern.startswith("settings") and TABLE[pattern].get(f"GET /{pattern}")],
}  # fmt: skip
NOT_THERE = ("/nowhere",)


@pytest.mark.parametrize("group", PAGES)
def test_page(sample: None, visit: Callable[..., Page], group: str) -> None:
    page = visit(sample_person("admin"), "/settings/me")
    names = addresses()
    wrong: list[str] = []
    for pattern in PAGES[group]:
        address = pattern.format_map(names)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        response = page.goto(address)
        wrong += [f"{address}, {line}" for line in look(page, response, gone=address in NOT_THERE)]
    if group == "search":
        page.problems.clear()  # type: ignore[attr-defined]  # the browser notes that there is no such page
    assert not wrong, "\n".join(wrong)


def test_sign_in(book: None, visit: Callable[..., Page]) -> None:
    page = visit(None, "/sign-in")
    assert look(page, page.reload()) == []


def look(page: Page, response: Response | None, *, gone: bool = False) -> list[str]:
    """Return what is wrong with the page, a line each."""
    assert response is not None
    wrong = []
    if response.status != (404 if gone else 200):
        wrong.append(f"status {response.status}")
    if page.locator("h1").count() != 1:
        wrong.append(f"headings {page.locator('h1').all_inner_texts()}")
    if not page.title().endswith("Trackline"):
        wrong.append(f"title {page.title()}")
    wrong += _told("desk, light", findings(page, RULES))
    page.emulate_media(color_scheme="dark")
    settle(page)
    wrong += _told("desk, dark", findings(page, CONTRAST))
    for width in (320, 390):
        if out := sideways(page, width):
            wrong.append(f"sticks out at {width}: {out}")
    # Colours of the light theme were looked at on the desk; the phone's layout is the same in both themes.
    wrong += _told("phone, dark", findings(page, RULES))
    return wrong


def _told(state: str, found: list[tuple[str, list[str]]]) -> list[str]:
    return [f"{state}, {rule}: {html[:300]}" for rule, nodes in found for html in nodes[:4]]


def addresses() -> dict[str, str]:
    """Return the pages of the account that has most to show, of one that has nothing yet, and of some records."""
    parent = Account.objects.alive().filter(parent__isnull=True, children__isnull=False).order_by("-arr").first()
    new = make_account("Überlandwerk Bad Königshofen-Grabfeld Netz und Betriebs GmbH")
    names = {"account": f"/accounts/{parent.key}", "new": f"/accounts/{new.key}"}
    for name in ("goal", "route", "play", "meeting"):
        record = registry.get(name).model.objects.alive().filter(account=parent).first()  # type: ignore[attr-defined]
        names[name] = f"/r/{name}/{record.pk}"
    return names
