"""The Accounts list, the palette and settings in a browser: keyboard first, then what the mouse does."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories import Cast, as_user, make, make_account
from tests.journeys.checks import clean, settle
from trackline.accounts.models import Account, SavedView
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

Open = Callable[..., Page]


@pytest.fixture
def accounts(cast: Cast) -> list[Any]:
    """A group of two and another account beside the cast's own."""
    rail = make_account("Ardent Rail", owner=cast.owner, tier=2, arr=1_000_000)
    below = make_account("Ardent Signalling", owner=cast.owner, parent=rail, tier=3, currency="USD", arr=5)
    return [rail, below, make_account("Nordwall Logistik", owner=cast.owner, tier=2, arr=700_000, tags=["pilot"])]


def names(page: Page) -> list[str]:
    return page.locator(".accounts-table tbody .name a").all_inner_texts()


def test_search_filter_and_back(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all")
    assert names(page) == ["Ardent Rail", "Ardent Signalling", "Nordwall Logistik", "Okada Brandt Mobility"]
    page.keyboard.press("/")
    page.keyboard.type("ard")
    expect(page.locator("h1")).to_have_text("2 accounts, €1.00m ARR")
    expect(page.locator("#list-q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.get_by_role("button", name="Tier", exact=True).click()
    page.get_by_label("Tier 2").check()
    expect(page.locator(".filter-chip")).to_contain_text("Tier 2")
    assert names(page) == ["Ardent Rail"]
    clean(page)
    page.keyboard.press("Escape")
    page.get_by_label("Remove: Tier 2").click()
    expect(page.locator("h1")).to_contain_text("2 accounts")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("1 account,")


def test_many_change_at_once_and_come_back(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    page.locator(".bulk-bar").get_by_role("button", name="Tags").click()
    page.locator("#dialog [role=combobox]").fill("vip")
    page.keyboard.press("Enter")
    clean(page)
    page.get_by_role("button", name="Change 2 accounts").click()
    expect(page.locator(".toast")).to_contain_text("Tags changed: 2 accounts")
    assert Account.objects.get(name="Nordwall Logistik").tags == ["pilot", "vip"]
    expect(page.locator("#dialog")).not_to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone: 2 changes")
    assert Account.objects.get(name="Nordwall Logistik").tags == ["pilot"]


def test_what_refuses_stays_in_the_dialog(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all&q=ardent rail")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".bulk-bar").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 1 account").click()
    expect(page.locator("#dialog")).to_contain_text("1 account was left as it is")
    expect(page.locator("#dialog")).to_contain_text("Ardent Rail is the parent of Ardent Signalling")
    clean(page)


def test_a_cell_is_edited_and_a_row_opens_beside(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.locator("td.editing select").select_option("1")
    expect(page.locator(".toast")).to_contain_text("Tier: Tier 2 → Tier 1")
    page.locator(f"#row-account-{accounts[0].pk}").hover()
    page.get_by_label("Open Ardent Rail beside").click()
    expect(page.locator("#panel")).to_contain_text("Ardent Rail")
    clean(page)


def test_columns_and_views_are_kept(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?view=all")
    page.get_by_role("button", name="Columns").click()
    page.locator("#columns-menu").get_by_label("Industry").check()
    expect(page.locator("thead")).to_contain_text("Industry")
    page.keyboard.press("Escape")
    page.goto("/accounts?tier=2&order=-arr")
    expect(page.locator("thead")).to_contain_text("Industry")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name").fill("Middle of the book")
    clean(page)
    page.get_by_role("button", name="Save view").last.click()
    expect(page.locator(".view-tabs [aria-current]")).to_have_text("Middle of the book")
    assert SavedView.objects.get().query == "tier=2&order=-arr"


def test_what_is_seen_is_sorted_and_exported(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all&tier=2")
    heading = page.get_by_role("columnheader", name="ARR")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", re.compile("descending|ascending"))
    settle(page)
    first = names(page)
    heading.get_by_role("link").click()
    expect(page.locator(".accounts-table tbody .name a").first).to_have_text(first[-1])
    assert sorted(first) == ["Ardent Rail", "Nordwall Logistik"]
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.locator("#export-menu").get_by_role("link", name="CSV").click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1:]] == names(page), "the rows that are shown, in their order"


def test_a_record_is_deleted_and_brought_back(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?order=name&view=all")
    page.locator(f"#row-account-{accounts[2].pk}").hover()
    page.get_by_label("Open Nordwall Logistik beside").click()
    page.locator("#panel").get_by_role("button", name="Delete").click()
    expect(page.locator(".toast")).to_contain_text("Nordwall Logistik")
    expect(page.locator("#panel")).to_contain_text("Katrin deleted this account")
    expect(page.locator("#list")).not_to_contain_text("Nordwall Logistik")
    assert Account.objects.get(name="Nordwall Logistik").deleted_at is not None
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#list")).to_contain_text("Nordwall Logistik")
    assert Account.objects.alive().filter(name="Nordwall Logistik").exists()

    records.delete(as_user(accounts[2].owner, timezone.now()), registry.get("account"), accounts[2].pk)
    page.goto("/deleted")
    page.get_by_role("button", name="Bring back Nordwall Logistik").click()
    expect(page.locator("#list")).not_to_contain_text("Nordwall Logistik")
    assert Account.objects.alive().filter(name="Nordwall Logistik").exists()


def test_the_tree_folds(open_page: Open, accounts: list[Any]) -> None:
    page = open_page("owner", "/accounts?mode=tree&order=name")
    assert names(page) == ["Ardent Rail", "Ardent Signalling", "Nordwall Logistik", "Okada Brandt Mobility"]
    page.get_by_role("button", name="1 below Ardent Rail").click()
    expect(page.locator(".accounts-table tbody tr")).to_have_count(3)
    clean(page)


def test_the_palette_jumps_and_does(open_page: Open, cast: Cast, accounts: list[Any]) -> None:
    make("contact", account=cast.account, name="Sabine Keller")
    page = open_page("owner", "/accounts")
    page.keyboard.press("Control+k")
    page.keyboard.type("sabine")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Sabine Keller")
    clean(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/contact/*")
    page.keyboard.press("Control+k")
    page.keyboard.type("note okada")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Log a note on Okada Brandt Mobility")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("New note")


def test_a_setting_is_changed_and_undone(open_page: Open) -> None:
    page = open_page("admin", "/settings/book")
    page.get_by_role("button", name="Change Name").click()
    page.locator("#s-value").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#s-value-error")).to_be_visible()
    clean(page)
    page.locator("#s-value").fill("Ferrova")
    page.keyboard.press("Enter")
    expect(page.locator(".setting-value").first).to_have_text("Ferrova")
    page.keyboard.press("Control+z")
    expect(page.locator(".setting-value").first).to_have_text("My book")


def test_a_token_is_shown_once(open_page: Open) -> None:
    page = open_page("owner", "/settings/tokens")
    page.keyboard.press("n")
    page.get_by_label("Name").fill("Warehouse feed")
    page.get_by_role("button", name="Make token").click()
    expect(page.locator("#bearer")).to_contain_text("tl_")
    clean(page)
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#settings-page")).to_contain_text("Warehouse feed")
