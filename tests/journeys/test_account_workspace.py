"""A manager works on an account in the browser: sections, boards, notes, one-click done, and the keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.factories import Cast, make
from tests.journeys.checks import settle
from tests.workspace.account.world import days, fill, now_context
from trackline.accounts.models import RelationshipLine
from trackline.align.models import Route, Stage
from trackline.kickoff.models import Action
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.track.models import Note

Open = Callable[..., Page]


def test_the_line_leads_through_the_sections_by_key_and_back(cast: Cast, open_page: Open) -> None:
    fill(cast, 2)
    page = open_page("owner", f"/accounts/{cast.account.key}")
    page.evaluate("window.kept = true")
    current = page.locator(".track [aria-current]")
    for key, path in (("1", "track"), ("3", "align"), ("5", "kickoff")):
        page.keyboard.press(key)
        page.wait_for_url(f"**/{path}")
        expect(current).to_have_attribute("data-focus", f"track-{path}")
        settle(page)
    cadences = page.locator(".sub-tabs").get_by_role("link", name="Cadences")
    cadences.click()
    page.wait_for_url("**/kickoff/cadences")
    expect(page.locator(".sub-tabs [aria-current]")).to_have_text("Cadences 2")
    expect(cadences).to_be_focused()
    settle(page)
    page.get_by_role("navigation", name="Of this account").get_by_role("link", name="Timeline").click()
    page.wait_for_url("**/timeline")
    expect(page.locator("#account-pages [aria-current]")).to_have_text("Timeline")
    expect(page.locator("#account-pages [aria-current]")).to_be_focused()
    settle(page)
    page.get_by_role("link", name="People", exact=True).click()
    page.wait_for_url("**/timeline?of=people")
    settle(page)
    page.keyboard.press("5")
    page.wait_for_url("**/kickoff")
    expect(page.locator("#account-pages [aria-current]")).to_have_count(0)
    expect(page).to_have_title("Okada Brandt Mobility, Kickoff the Plan · Trackline")
    assert page.evaluate("window.kept"), "the page was never loaded anew"
    page.go_back()
    page.wait_for_url("**/timeline?of=people")
    expect(page.locator("#account-pages [aria-current]")).to_have_text("Timeline")
    page.keyboard.press("0")
    page.wait_for_url(f"**/{cast.account.key}")
    expect(page.get_by_role("heading", name="Goals", exact=True)).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_note_is_logged_from_anywhere_and_taken_back(cast: Cast, open_page: Open) -> None:
    page = open_page("owner", f"/accounts/{cast.account.key}/align")
    page.keyboard.press("l")
    page.get_by_role("menu").or_(page.locator("#log-menu")).get_by_text("Note", exact=True).click()
    page.locator("#panel").get_by_label("Title").fill("Line 4 budget agreed")
    page.locator("#panel").get_by_role("button", name="Add note").click()
    expect(page.locator(".toast")).to_contain_text("Note added")
    assert Note.objects.filter(title="Line 4 budget agreed", deleted_at=None).count() == 1
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.locator(".toast")).not_to_contain_text("Note added")
    assert Note.objects.filter(title="Line 4 budget agreed", deleted_at=None).count() == 0


def test_a_route_moves_on_the_board_and_a_refused_move_says_what_is_missing(cast: Cast, open_page: Open) -> None:
    route = make("route", ctx=now_context(), account=cast.account, title="Trace, line 4", type="upsell",
                 value=420_000, owner=cast.owner)  # fmt: skip
    page = open_page("owner", f"/accounts/{cast.account.key}/align")
    card = page.locator(f"[data-card='{route.pk}']")
    card.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    # The count in the column's head comes from the server: the board has fetched itself again.
    expect(page.locator("[data-column=qualifying] h2")).to_have_text("Qualifying 1")
    expect(page.locator(".toast")).to_contain_text("Qualifying")
    assert Route.objects.get(pk=route.pk).state == "qualifying"

    settle(page)
    card = page.locator(f"[data-card='{route.pk}']")
    card.hover()
    card.locator(".card-menu").click()
    card.locator("[data-move-to=pursuing]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Not moved to Pursuing")
    expect(dialog).to_contain_text("An expected close date")
    expect(page.locator("[data-column=qualifying] .card.returned")).to_have_count(1)
    dialog.get_by_label("Expected close").fill(days(60).isoformat())
    dialog.get_by_role("button", name="Move to Pursuing").click()
    expect(page.locator("[data-column=pursuing] h2")).to_have_text("Pursuing 1")


def test_a_card_is_dragged_through_its_gate(cast: Cast, open_page: Open) -> None:
    route = make("route", ctx=now_context(), account=cast.account, title="Trace, line 4", type="upsell",
                 value=420_000, owner=cast.owner)  # fmt: skip
    page = open_page("owner", f"/accounts/{cast.account.key}/align")
    drag(page, route.pk, "qualifying")
    expect(page.locator("[data-column=qualifying] h2")).to_have_text("Qualifying 1")
    assert Route.objects.get(pk=route.pk).state == "qualifying"
    settle(page)
    drag(page, route.pk, "pursuing")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Not moved to Pursuing")
    dialog.get_by_role("button", name="Keep it where it is").click()
    expect(page.locator("[data-column=qualifying] .card")).to_have_count(1)
    assert Route.objects.get(pk=route.pk).state == "qualifying"


def test_the_stages_of_another_pipeline_have_gates_too(cast: Cast, open_page: Open) -> None:
    stage: Any = Stage.objects.get(pipeline__key="kam7", key="proposal")
    services.update(now_context(), registry.get("stage"), stage.pk, {"needs": ["goal"]})
    route = make("route", ctx=now_context(), account=cast.account, title="Trace, line 4", type="upsell",
                 value=420_000, owner=cast.owner, pipeline=stage.pipeline_id, stage="solution_validation")  # fmt: skip
    goal = make("goal", ctx=now_context(), account=cast.account, title="Scrap", baseline=10, target=0)
    make("route", ctx=now_context(), account=cast.account, title="Elsewhere", type="upsell")
    page = open_page("owner", f"/accounts/{cast.account.key}/align")
    page.evaluate("window.kept = true")
    page.get_by_label("Pipeline").select_option("kam7")
    expect(page.locator("[data-column=solution_validation] h2")).to_have_text("Solution validation 1")
    page.get_by_role("button", name="Gate of Proposal").click()
    expect(page.locator("#gate-proposal")).to_contain_text("A goal that it serves")
    page.keyboard.press("Escape")
    drag(page, route.pk, "proposal")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Not moved to Proposal")
    expect(page.locator("[data-column=solution_validation] .card.returned")).to_have_count(1)
    dialog.get_by_role("combobox", name="Goal").press_sequentially("Scr")
    dialog.get_by_role("option", name="Scrap").click()
    dialog.get_by_role("button", name="Move to Proposal").click()
    expect(page.locator("[data-column=proposal] h2")).to_have_text("Proposal 1")
    settle(page)
    page.locator(f"[data-card='{route.pk}']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-column=negotiation] h2")).to_have_text("Negotiation 1")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-column=proposal] h2")).to_have_text("Proposal 1")
    route.refresh_from_db()
    assert (route.stage, route.goal_id, route.probability) == ("proposal", goal.pk, 65)
    assert "pipeline=kam7" in page.url
    assert page.evaluate("window.kept"), "the page was never loaded anew"
    assert page.problems == []  # type: ignore[attr-defined]


def drag(page: Page, route: int, column: str) -> None:
    """Drag a card by the mouse, as a hand does: not in one jump."""
    card = page.locator(f"[data-card='{route}']").bounding_box()
    place = page.locator(f"[data-column={column}]").bounding_box()
    assert card is not None and place is not None
    page.mouse.move(card["x"] + 20, card["y"] + 12)
    page.mouse.down()
    page.mouse.move(card["x"] + 40, card["y"] + 20, steps=4)
    page.mouse.move(place["x"] + 40, place["y"] + place["height"] / 2, steps=12)
    page.mouse.up()


def test_today_ticks_off_with_one_click_and_undoes_it(cast: Cast, open_page: Open) -> None:
    action = make("action", ctx=now_context(), account=cast.account, title="Send the summary", due_on=days(-3),
                  owner=cast.owner)  # fmt: skip
    page = open_page("owner", "/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 thing is due")
    page.get_by_label("Done: Send the summary").check()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing is due")
    assert Action.objects.get(pk=action.pk).status == "done"
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 thing is due")
    assert Action.objects.get(pk=action.pk).status == "open"


def test_the_head_follows_the_edit_of_a_cell(cast: Cast, open_page: Open) -> None:
    page = open_page("owner", f"/accounts/{cast.account.key}/track/profile")
    before = page.locator(".track .total").inner_text()
    cell = page.locator("tr", has=page.get_by_role("rowheader", name="Renewal date")).locator("[data-cell]")
    cell.click()
    cell.locator("input[type=date]").fill(days(90).isoformat())
    page.keyboard.press("Enter")
    expect(page.locator(".account-head")).to_contain_text("90\u00a0d")
    expect(page.locator(".account-head")).to_contain_text("not prepared")
    assert before == page.locator(".track .total").inner_text()


def test_the_profile_is_filled_in_where_its_next_action_leads(cast: Cast, open_page: Open) -> None:
    page = open_page("owner", f"/accounts/{cast.account.key}")
    page.get_by_role("link", name="Fill in the profile").click()
    for _ in range(2):  # from another page, and once more from the page itself
        field = page.locator("[data-cell].editing input[name=industry]")
        expect(field).to_be_focused()
        field.press("Escape")
        expect(field).to_have_count(0)
        page.get_by_role("link", name="Fill in the profile").click()
    field.fill("Steel")
    # The page fetches itself after the save; the next field opens all the same, and what is above it follows.
    page.route("**/cell/region*", lambda found: (time.sleep(1), found.continue_()))
    field.press("Enter")
    expect(page.locator("[data-cell].editing input[name=region]")).to_be_focused()
    expect(page.locator(".account-head")).to_contain_text("Steel")
    expect(page.locator("#section-gaps")).to_contain_text("Fill in business model")
    expect(page.locator("[data-cell].editing input[name=region]")).to_be_focused()


def test_a_line_is_drawn_by_keyboard_on_the_power_map(cast: Cast, open_page: Open) -> None:
    keller = make("contact", ctx=now_context(), account=cast.account, name="Sabine Keller")
    reiter = make("contact", ctx=now_context(), account=cast.account, name="Thomas Reiter")
    page = open_page("owner", f"/accounts/{cast.account.key}/track/contacts")
    page.get_by_role("group", name="Dragging draws").get_by_role("link", name="Blocks").click()
    card = page.locator(f"#org-chart [data-tie-end='{reiter.pk}']")
    expect(card).to_have_attribute("data-at", "toward=&then=")
    card.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("svg.ties .tie.blocks")).to_have_count(1)
    expect(page.get_by_role("region", name="Relationship lines")).to_contain_text("Sabine Keller")
    line = RelationshipLine.objects.get()
    assert (line.contact, line.toward) == (reiter, keller)
    page.locator("svg.ties .tie .hit").dispatch_event("click")
    expect(page.locator(".panel")).to_contain_text("Thomas Reiter")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(page.locator("svg.ties")).to_have_count(0)
    assert not RelationshipLine.objects.filter(deleted_at=None).exists()
