"""Working on records in a browser: cells, conflicts, the panel, new records, steps, moves, taking things back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import Cast, as_user, make
from tests.journeys.checks import clean, settle
from trackline.kit.records import services
from trackline.kit.records.types import registry

Open = Callable[..., Page]


@pytest.fixture
def goals(cast: Cast) -> list[Any]:
    """Two goals of the cast's account."""
    return [
        make("goal", account=cast.account, title=title, unit="percent", baseline=5, target=target, owner=cast.owner)
        for title, target in (("Scrap rate, paint shop", 2), ("Complaints", 3))
    ]


def test_a_value_is_edited_in_its_box_saved_and_taken_back(open_page: Open, goals: list[Any]) -> None:
    first = goals[0]
    page = open_page("owner", f"/r/goal?order=title&account={first.account_id}")
    cell = page.locator(f"td[data-cell^='/r/goal/{first.pk}/cell/target']")
    height = cell.bounding_box()["height"]  # type: ignore[index]
    cell.click()
    entry = page.locator("td.editing input.input")
    expect(entry).to_be_focused()
    assert page.locator("td.editing").bounding_box()["height"] == height  # type: ignore[index]
    entry.fill("two")
    entry.press("Enter")
    expect(page.locator(".cell-error")).to_be_visible()
    entry.fill("2.4")
    entry.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Target: 2 % → 2.4 %")
    expect(cell).to_have_text("2.4 %")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    expect(cell).to_have_text("2 %")
    clean(page)


def test_a_change_in_the_panel_shows_in_the_list(open_page: Open, goals: list[Any]) -> None:
    page = open_page("owner", "/r/goal?order=title")
    page.get_by_role("link", name="Complaints").click()
    panel = page.locator("#panel")
    expect(panel.locator(".panel-head h2")).to_have_text("Complaints")
    panel.locator(".panel-fields td[data-cell*='/cell/title']").click()
    page.locator("td.editing input.input").fill("Complaints per million")
    page.keyboard.press("Enter")
    expect(panel.locator(".panel-head h2")).to_have_text("Complaints per million")
    expect(page.locator("#main").get_by_role("link", name="Complaints per million")).to_be_visible()
    expect(page.locator("td.editing select")).to_be_focused()  # Enter has gone down to the next field
    page.keyboard.press("Escape")
    settle(page)
    page.locator("#panel .panel-head h2").click()
    page.keyboard.press("j")
    expect(panel.locator(".panel-head h2")).to_have_text("Scrap rate, paint shop")
    clean(page)


def test_two_people_see_both_versions(open_page: Open, cast: Cast, goals: list[Any]) -> None:
    goal = goals[0]
    page = open_page("owner", "/r/goal")
    page.locator(f"td[data-cell^='/r/goal/{goal.pk}/cell/target']").click()
    entry = page.locator("td.editing input.input")
    expect(entry).to_be_focused()
    services.update(as_user(cast.teammate), registry.get("goal"), goal.pk, {"target": 1})
    entry.fill("2.4")
    entry.press("Enter")
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("Tim changed this")
    expect(conflict).to_contain_text("1 %")
    expect(conflict).to_contain_text("2.4 %")
    clean(page)
    conflict.get_by_role("button", name="Use mine").click()
    expect(page.locator(".toast")).to_contain_text("Target: 1 % → 2.4 %")


def test_who_comes_later_may_keep_what_the_other_has_stored(open_page: Open, goals: list[Any]) -> None:
    goal = goals[0]
    pages = [open_page(person, f"/r/goal/{goal.pk}") for person in ("owner", "teammate")]
    for page in pages:
        page.locator(f"td[data-cell^='/r/goal/{goal.pk}/cell/target']").click()
        expect(page.locator("td.editing input.input")).to_be_focused()
    for page, value in zip(pages, ("1.5", "2.4"), strict=True):
        page.locator("td.editing input.input").fill(value)
        page.keyboard.press("Enter")
    expect(pages[0].locator(".toast")).to_contain_text("Target: 2 % → 1.5 %")
    conflict = pages[1].locator(".conflict")
    expect(conflict).to_contain_text("Katrin changed this")
    expect(conflict).to_be_focused()
    pages[1].keyboard.press("Tab")
    expect(conflict.get_by_role("button", name="Keep theirs")).to_be_focused()
    pages[1].keyboard.press("Enter")
    expect(pages[1].locator(f"td[data-cell^='/r/goal/{goal.pk}/cell/target']")).to_have_text("1.5 %")
    goal.refresh_from_db()
    assert goal.target == Decimal("1.5"), "nothing was overwritten"


def test_a_record_is_made_in_the_panel_and_taken_back(open_page: Open, cast: Cast) -> None:
    page = open_page("owner", f"/r/note?account={cast.account.pk}")
    page.get_by_role("link", name="Add a note").first.click()
    panel = page.locator("#panel")
    panel.get_by_role("button", name="Add note").click()
    expect(panel.locator(".form-errors")).to_be_focused()
    panel.get_by_label("Title").fill("Budget is set in May")
    panel.get_by_role("button", name="Add note").click()
    expect(panel.locator(".panel-head h2")).to_have_text("Budget is set in May")
    expect(page.locator("#main").get_by_role("link", name="Budget is set in May")).to_be_visible()
    assert "panel=note%2F" in page.url
    page.locator("#panel .panel-head h2").click()
    page.keyboard.press("Control+z")
    expect(panel).to_contain_text("Bring it back")
    expect(page.locator("#main").get_by_role("link", name="Budget is set in May")).to_have_count(0)
    panel.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#main").get_by_role("link", name="Budget is set in May")).to_be_visible()
    clean(page)


def test_steps_are_ticked_off_and_added_without_leaving_the_keyboard(open_page: Open, cast: Cast) -> None:
    play = make("play", account=cast.account, title="Win a second sponsor", horizon=60)
    make("step", play=play, title="Plan the call")
    page = open_page("owner", f"/r/play?panel=play/{play.pk}")
    panel = page.locator("#panel")
    panel.get_by_role("checkbox", name="Plan the call").check()
    expect(panel).to_contain_text("1 of 1 done")
    line = panel.get_by_placeholder("Add a step")
    line.fill("Ask finance")
    line.press("Enter")
    expect(panel.get_by_role("checkbox", name="Ask finance")).to_be_visible()
    expect(panel.get_by_placeholder("Add a step")).to_be_focused()
    expect(panel.get_by_placeholder("Add a step")).to_have_value("")
    clean(page)


def test_a_route_passes_its_gate_where_it_was_stopped(open_page: Open, cast: Cast) -> None:
    route = make("route", account=cast.account, title="Predict pilot", type="upsell", owner=cast.owner)
    page = open_page("owner", f"/r/route?panel=route/{route.pk}")
    page.locator("#panel").get_by_role("button", name="Qualifying").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("2 of 3 checks pass")
    clean(page)
    dialog.get_by_label("Value").fill("120k")
    dialog.get_by_role("button", name="Move to Qualifying").click()
    expect(page.locator("#panel")).to_contain_text("Qualifying")
    expect(dialog).to_be_hidden()
