"""A review next week, from its agenda to its summary, by keyboard and mouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories import Cast, make
from tests.journeys.checks import clean, settle, sideways

Open = Callable[..., Page]


def test_a_review_next_week(open_page: Open, cast: Cast) -> None:
    sabine = make("contact", account=cast.account, name="Sabine Keller", buying_role="economic_buyer")
    review = make("meeting", account=cast.account, title="Business review", review="qbr", at=timezone.now() + timedelta(days=7),
                  attendees=[cast.owner.pk], contacts=[sabine.pk])  # fmt: skip
    page = open_page("owner", f"/accounts/{cast.account.key}/kickoff/meetings")
    page.get_by_role("link", name="Business review").first.click()
    page.wait_for_url(f"**/meetings/{review.pk}")
    page.get_by_role("button", name="Use a preset").click()
    page.get_by_role("button", name="Customer first, 60 minutes").click()
    expect(page.locator(".agenda > li")).to_have_count(7)
    page.keyboard.press("a")
    expect(page.get_by_label("Action", exact=True)).to_be_focused()
    page.keyboard.type("Send the value summary @katrin by fri")
    page.keyboard.press("Enter")
    actions = page.locator("section", has=page.get_by_role("heading", name="Actions"))
    expect(actions).to_contain_text("Send the value summary")
    expect(page.get_by_label("Action", exact=True)).to_be_focused()
    expect(page.get_by_label("Action", exact=True)).to_have_value("")
    page.keyboard.type("Call @nobody")
    page.keyboard.press("Enter")
    expect(page.locator(".capture")).to_contain_text("Nobody here is called nobody")
    page.get_by_label("Decision", exact=True).fill("Second line goes ahead")
    page.keyboard.press("Enter")
    expect(page.locator("section", has=page.get_by_role("heading", name="Decisions"))).to_contain_text("Second line")
    page.get_by_label("Sabine Keller, confirmed").check()
    expect(page.locator(".toast")).to_contain_text("Confirmed")
    page.get_by_label("Rehearsed inside").check()
    expect(page.locator(".sitting-side")).to_contain_text("20 % ready")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Rehearsed inside")).not_to_be_checked()
    settle(page)
    clean(page)
    for width in (390, 320):
        assert sideways(page, width) == ""


def test_a_month_and_an_address_to_subscribe_to(open_page: Open, cast: Cast) -> None:
    make("meeting", account=cast.account, title="Plant check-in", at=timezone.now(), attendees=[cast.owner.pk])
    page = open_page("owner", "/calendar")
    expect(page.get_by_role("link", name="Plant check-in")).to_be_visible()
    page.get_by_role("link", name="The month after").click()
    expect(page.get_by_role("link", name="Plant check-in")).to_have_count(0)
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("#feed-address")).to_contain_text("/calendar/")
    settle(page)
    clean(page)
