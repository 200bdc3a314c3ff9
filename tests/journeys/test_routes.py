"""Growth in the browser: the grid of white space by keyboard, a finding in the route's panel, a stage with its gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.factories import Cast, make
from tests.journeys.checks import settle
from trackline.align.models import Qualification, Route, Stage

Open = Callable[..., Page]


def test_the_keyboard_walks_the_white_space_and_starts_a_route(cast: Cast, open_page: Open) -> None:
    for name in ("Nagoya", "Stuttgart"):
        unit = make("business_unit", account=cast.account, name=name)
    products = [make("product", name=name) for name in ("Inspect", "Trace")]
    make("whitespace_cell", business_unit=unit, product=products[1], value=330_000)
    page = open_page("owner", f"/accounts/{cast.account.key}/align/whitespace")
    page.evaluate("window.kept = true")
    page.locator("[data-place]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    place = page.get_by_role("link", name="Stuttgart, Trace: Not sold, €330k")
    expect(place).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(place).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(".toast")).to_contain_text("Trace, Stuttgart: new unit route started")
    started = page.get_by_role("link", name="Stuttgart, Trace: In pipeline, €330k")
    expect(started).to_be_focused()
    settle(page)
    assert Route.objects.filter(deleted_at=None, value=330_000, product=products[1]).count() == 1
    page.keyboard.press("Control+z")
    expect(place).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel").get_by_role("button", name="Start a new unit route")).to_be_visible()
    assert page.evaluate("window.kept"), "the page was never loaded anew"
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_finding_closes_a_gap_of_a_route(cast: Cast, open_page: Open) -> None:
    route = make("route", account=cast.account, title="Trace, line 4", type="upsell")
    page = open_page("owner", f"/accounts/{cast.account.key}/align?panel=route/{route.pk}")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("nothing found out yet")
    panel.get_by_role("link", name="Record what is known of Champion").click()
    expect(panel.get_by_role("heading", name="qualification")).to_be_visible()
    panel.get_by_label("Score").select_option("4")
    panel.get_by_role("button", name="Add qualification").click()
    expect(panel).to_contain_text("needs its evidence")
    panel.get_by_label("Evidence").fill("She asked the board for the budget.")
    panel.get_by_role("button", name="Add qualification").click()
    expect(panel).to_contain_text("She asked the board for the budget.")
    expect(panel).to_contain_text("What do they need from us to carry it through?")
    assert Qualification.objects.filter(route=route, dimension="champion", score=4).count() == 1


def test_an_administrator_sets_a_gate_and_removes_a_stage(cast: Cast, open_page: Open) -> None:
    stage: Any = Stage.objects.get(pipeline__key="kam7", key="proposal")
    route = make(
        "route", account=cast.account, title="Trace", type="upsell", pipeline=stage.pipeline_id, stage="proposal"
    )
    page = open_page("admin", "/settings/pipelines")
    page.get_by_role("button", name="Gate of Negotiation").click()
    page.locator("#dialog").get_by_role("group", name="Advised").get_by_label("A goal that it serves").check()
    page.get_by_role("button", name="Save the gate").click()
    expect(page.get_by_role("row", name="Negotiation")).to_contain_text("advised: a goal that it serves")
    page.get_by_role("button", name="Remove Proposal").click()
    page.locator("#dialog").get_by_label("Its 1 route goes to").select_option(label="Negotiation")
    page.get_by_role("button", name="Remove the stage").click()
    expect(page.locator(".toast")).to_contain_text("Proposal removed, 1 route moved")
    expect(page.get_by_role("button", name="Gate of Proposal")).to_have_count(0)
    route.refresh_from_db()
    assert route.stage == "negotiation"
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Gate of Proposal")).to_have_count(1)
    route.refresh_from_db()
    assert route.stage == "proposal"
