"""The main way by keyboard alone, and the shortcuts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, Cast
from tests.journeys.checks import clean, settle
from trackline.accounts.models import Account

Open = Callable[..., Page]


@pytest.fixture
def signing_in(visit: Open, cast: Cast) -> Page:
    """The sign-in page of somebody on the way to the accounts."""
    return visit(None, "/accounts")


def test_sign_in_find_edit_and_save_without_a_mouse(signing_in: Page, cast: Cast) -> None:
    page = signing_in
    page.keyboard.type("katrin")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Password")).to_be_focused()
    clean(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/accounts/{cast.account.key}")
    page.keyboard.press("1")
    page.wait_for_url("**/track")
    settle(page)
    reach(page, "td[data-cell*='/cell/region']")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing :is(input, select)").locator("visible=true").first).to_be_focused()
    page.keyboard.type("Kansai")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Region: not set → Kansai")
    assert Account.objects.get(pk=cast.account.pk).region == "Kansai"
    page.keyboard.press("Escape")
    expect(page.locator("td.editing")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    assert Account.objects.get(pk=cast.account.pk).region == ""


def reach(page: Page, selector: str, steps: int = 80) -> None:
    """Press Tab until an element has the focus: whoever cannot point gets there at all."""
    for _ in range(steps):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached in {steps} steps")


def test_shortcuts_go_where_the_sheet_says(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", "/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Search and commands")
    clean(page)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    for keys, address in (("ga", "**/accounts"), ("gi", "**/import"), ("gs", "**/settings*"), ("gt", "**/")):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(address)
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/accounts")
    page.keyboard.press("n")
    page.wait_for_url("**/accounts/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_the_palette_changes_things(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", f"/accounts/{cast.account.key}")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("option").first).to_be_visible()
    page.keyboard.type("nothing is called so")
    expect(palette).to_contain_text("Nothing")
    page.keyboard.press("Control+a")
    page.keyboard.type("settings people")
    option = palette.get_by_role("option").first
    expect(option).to_contain_text("People")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/people")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
