"""The main steps on a phone: find an account, read it, edit a value, log a note, move a route, tick off what is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Cast, make
from tests.journeys.checks import clean, settle
from tests.workspace.account.world import days, now_context
from trackline.accounts.models import Account
from trackline.align.models import Route
from trackline.track.models import Note

Open = Callable[..., Page]


@pytest.fixture
def phone(open_page: Open) -> Callable[[str], Page]:
    """Open a page as the owner on a phone."""
    return lambda path: open_page("owner", path, width=390, height=844)


def test_the_bar_leads_to_an_account_and_its_values_are_edited(phone: Callable[[str], Page], cast: Cast) -> None:
    page = phone("/")
    bar = page.get_by_role("navigation", name="Main, short")
    bar.get_by_role("button", name="Search").click()
    page.get_by_role("combobox", name="Search or jump").fill("okada")
    page.get_by_role("option", name="Okada Brandt Mobility").first.click()
    page.wait_for_url(f"**/accounts/{cast.account.key}")
    bar.get_by_role("link", name="Accounts").click()
    page.wait_for_url("**/accounts")
    page.locator("#list").get_by_role("link", name="Okada Brandt Mobility").click()
    page.locator(".track").get_by_role("link", name="Track the Situation").click()
    cell = page.locator("tr", has=page.get_by_role("rowheader", name="Region")).locator("[data-cell]")
    cell.click()
    cell.locator("input:visible").fill("Kansai")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Region: not set → Kansai")
    assert Account.objects.get(pk=cast.account.pk).region == "Kansai"
    inside(page, ".toast")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(cell).to_contain_text("not set")
    bar.get_by_role("button", name="More").click()
    page.locator("#more-menu").get_by_role("link", name="Settings", exact=True).click()
    page.wait_for_url("**/settings")


def test_a_note_is_logged_with_the_form_over_the_page(phone: Callable[[str], Page], cast: Cast) -> None:
    page = phone(f"/accounts/{cast.account.key}")
    page.get_by_role("button", name="Log", exact=True).click()
    page.locator("#log-menu").get_by_text("Note", exact=True).click()
    panel = page.locator("#panel")
    expect(panel.get_by_label("Title")).to_be_visible()
    settle(page)
    box: Any = panel.bounding_box()
    assert (box["x"], box["width"]) == (0, 390), "the panel takes the width"
    clean(page)
    panel.get_by_label("Title").fill("Line 4 budget agreed")
    inside(page, "#panel .panel-foot")
    panel.get_by_role("button", name="Add note").click()
    expect(panel.locator(".panel-head h2")).to_have_text("Line 4 budget agreed")
    assert Note.objects.alive().get().title == "Line 4 budget agreed"
    panel.get_by_role("button", name="Close panel").click()
    expect(panel).to_be_hidden()


def test_a_route_is_moved_from_column_to_column(phone: Callable[[str], Page], cast: Cast) -> None:
    route = make("route", ctx=now_context(), account=cast.account, title="Trace, line 4", type="upsell", value=42_000,
                 owner=cast.owner)  # fmt: skip
    page = phone(f"/accounts/{cast.account.key}/align")
    page.get_by_role("button", name="Move Trace, line 4 to…").click()
    page.locator(f"#move-{route.pk}").get_by_role("button", name="Qualifying").click()
    expect(page.locator(".toast")).to_contain_text("Qualifying")
    settle(page)
    page.locator(".stage-switch").get_by_role("button", name="Qualifying 1").click()
    expect(page.locator(f"[data-column=qualifying] [data-card='{route.pk}']")).to_be_visible()
    assert Route.objects.get(pk=route.pk).state == "qualifying"
    clean(page)


def test_what_is_due_is_ticked_off(phone: Callable[[str], Page], cast: Cast) -> None:
    make("action", ctx=now_context(), account=cast.account, title="Send the summary", due_on=days(-3), owner=cast.owner)
    page = phone("/")
    page.get_by_label("Done: Send the summary").check()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing is due")


def inside(page: Page, selector: str) -> None:
    """Assert that an element lies within the window, and above the bar at its foot where that is shown."""
    box: Any = page.locator(selector).bounding_box()
    bar = page.locator(".phone-bar").bounding_box()
    foot = bar["y"] if bar and not page.locator("#panel").is_visible() else 844
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] >= 0 and box["y"] + box["height"] <= foot, (
        selector, box, foot,
    )  # fmt: skip
