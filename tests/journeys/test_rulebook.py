"""The rulebook in a browser: find a rule, try it, adjust a weight, see the effect on the book, save, see the version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.accounts.rulebook.test_refresh import WORKED
from tests.factories import Cast, system
from tests.journeys.checks import LAYOUT, clean, settle, sideways
from trackline.accounts.models import RuleOverride
from trackline.accounts.services.observations import record_observations

Open = Callable[..., Page]


@pytest.fixture
def fed(cast: Cast) -> Cast:
    """The account has readings of yesterday."""
    on = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [{"account": str(cast.account.pk), "metric": key, "on": on, "value": value} for key, value in WORKED.items()]
    record_observations(system(timezone.now()), rows)
    return cast


def test_find_a_rule_and_try_it(open_page: Open, fed: Cast) -> None:
    page = open_page("facilitator", "/rulebook")
    clean(page)
    page.keyboard.press("/")
    page.keyboard.type("usage health")
    expect(page.locator(".rule-row")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Health by usage")
    expect(page.locator("#outcome .outcome-value")).to_contain_text("67.5")
    page.get_by_role("combobox", name="Start from an account").fill("okada")
    page.get_by_role("option", name="Okada Brandt Mobility").click()
    expect(page.locator(".what-if-head")).to_contain_text("Starts from Okada Brandt Mobility")
    seats = page.get_by_label("Seats active weekly, % of seats licensed")
    expect(seats).to_have_value("78")
    seats.fill("95")
    expect(page.locator("#outcome")).to_contain_text("Product usage: 78 → 95")
    expect(seats).to_be_focused()
    page.get_by_text("Try other figures").click()
    page.get_by_label("Health by score, green").fill("95")
    expect(page.locator("#outcome")).to_contain_text("Health by score, green: 75 → 95")
    settle(page)
    clean(page)
    for width in (390, 320):
        assert sideways(page, width) == ""
    clean(page, LAYOUT)


def test_rows_are_added(open_page: Open, fed: Cast) -> None:
    page = open_page("facilitator", "/rulebook/align.forecast.distribution")
    expect(page.locator("#outcome .outcome-value")).to_contain_text("2,000,000")
    page.get_by_role("button", name="Add a row").click()
    page.get_by_label("Value, row 4").fill("100,000")
    page.get_by_label("Probability, row 4").fill("50")
    expect(page.locator("#outcome .outcome-value")).to_contain_text("2,050,000")
    page.get_by_role("button", name="Remove row 1").click()
    expect(page.get_by_label("Value, row 4")).to_have_count(0)
    expect(page.locator("#outcome .outcome-value")).to_contain_text("1,330,000")
    settle(page)
    clean(page)


def test_adjust_a_weight_with_preview(open_page: Open, fed: Cast) -> None:
    page = open_page("admin", "/rulebook/track.health.usage")
    page.keyboard.press("e")
    expect(page.locator("h1")).to_have_text("Adjust Health by usage")
    page.get_by_label("Weight of each category, Product usage").fill("10")
    expect(page.locator("#effect")).to_contain_text("sum to 80")
    page.get_by_label("Weight of each category, Feature adoption").fill("40")
    expect(page.locator("#effect")).to_contain_text("1 of 1 scores change, 1 of them its colour")
    expect(page.locator("#effect")).to_contain_text("Okada Brandt Mobility")
    settle(page)
    clean(page)
    page.get_by_role("button", name="Save v1").click()
    expect(page.locator("#problem")).to_contain_text("Say why")
    expect(page.locator("#effect")).to_contain_text("1 of 1 scores change")
    page.get_by_label("Why").fill("Seats say less than features here")
    page.get_by_role("button", name="Save v1").click()
    expect(page.locator(".toast")).to_contain_text("Version 1 of Health by usage is saved")
    expect(page.locator(".timeline")).to_contain_text("Seats say less than features here")
    expect(page.locator(".timeline")).to_contain_text("1 amber to green")
    expect(page.locator("h1 + .chip")).to_have_text("v1 in force")
    assert RuleOverride.objects.get().changes == {"weights": {"product_usage": 10, "feature_adoption": 40}}
    settle(page)
    clean(page)
    page.get_by_role("link", name="Take back").click()
    expect(page.locator("#effect")).to_contain_text("1 of 1 scores change")
    for width in (390, 320):
        assert sideways(page, width) == ""
