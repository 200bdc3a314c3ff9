"""The ranking in a browser: score the book, open a row to its parts, step through rows, narrow, sort, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Cast, make_account, make_model
from tests.journeys.checks import LAYOUT, clean, settle, sideways

Open = Callable[..., Page]


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Thirteen accounts and a model of two criteria."""
    criteria = [
        {"key": key, "label": label, "weight": weight, "direction": direction, "feeds": [{"kind": "field", "name": name}]}
        for key, label, weight, direction, name in (
            ("arr", "Revenue", 70, "up", "arr"), ("size", "Size", 30, "down", "client_fte"),
        )
    ]  # fmt: skip
    make_model(name="Revenue and size", from_on=None, criteria=criteria)
    for number in range(12):
        fte = None if number == 4 else 100 + number
        make_account(f"Account {number:02}", arr=10_000 * number, client_fte=fte, owner=cast.owner, region="EMEA")
    return cast


def test_from_the_empty_page_to_every_contribution(open_page: Open, many: Cast) -> None:
    page = open_page("owner", "/book")
    clean(page)
    page.get_by_role("button", name="Score the book").click()
    expect(page.locator("h1")).to_contain_text("13 accounts score for another tier")
    rows = page.locator("table.ranking tr[data-row]")
    expect(rows).to_have_count(13)
    settle(page)
    clean(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Okada Brandt Mobility")).to_be_visible()
    expect(panel.locator(".book-parts > li")).to_have_count(2)
    panel.get_by_role("button", name="Next of the list").click()
    expect(panel.get_by_role("heading", name=rows.nth(1).locator(".name").inner_text())).to_be_visible()
    settle(page)
    clean(page)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_narrow_and_sort(open_page: Open, many: Cast) -> None:
    page = open_page("owner", "/book")
    page.get_by_role("button", name="Score the book").click()
    rows = page.locator("table.ranking tr[data-row]")
    expect(rows).to_have_count(13)
    page.keyboard.press("/")
    page.keyboard.type("account 04")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("1 missing")
    page.get_by_label("Search accounts").fill("")
    expect(rows).to_have_count(13)
    page.get_by_label("Region").select_option("EMEA")
    expect(rows).to_have_count(12)
    heading = page.locator("th", has=page.get_by_role("link", name="Account", exact=True))
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("Account 00")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_contain_text("Account 11")
    for width in (390, 320):
        assert sideways(page, width) == ""
    clean(page, LAYOUT)
