"""The sample book plays every situation that people and rules meet."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from trackline.connectors.sample.build import build
from trackline.connectors.sample.drafts import Book

TODAY = date(2026, 11, 23)
SITUATIONS = (
    "healthy", "ailing", "ailing_but_growing", "growing_poor_health", "healthy_but_shrinking", "single_threaded", "thin",
    "silent_contacts", "champion_left", "sponsor_left", "c_level_gap", "detractor_without_plan", "missing_data",
    "prospect", "onboarding", "churned", "goal_achieved", "goal_at_risk", "goal_off_track", "goal_missed",
    "goal_cap_five", "parked_route", "won_without_project", "renewal_late", "contract_notice", "cadence_without_date",
    "meetings_missed", "qbr_no_show", "play_overdue", "action_overdue", "issue_overdue", "competitor_evaluation",
    "budget_removed", "expansion_ready", "nps_drop", "usage_declining", "long_name", "japanese_names", "complete",
    "multi_currency_jpy", "multi_currency_usd", "multi_currency_gbp", "multi_currency_chf",
)  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    return build(TODAY)


def readings(book: Book, account: str, metric: str) -> list[float]:
    found = [(item.on, item.value) for item in book.readings if (item.account, item.metric) == (account, metric)]
    return [value for _, value in sorted(found)]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_situation_is_shown(book: Book, situation: str) -> None:
    assert any(situation in shows for shows in book.shows.values())


def test_every_account_tells_a_story(book: Book) -> None:
    assert len(book.stories) == 26
    assert all(len(story) > 30 for story in book.stories.values())


def test_renewals_come_at_every_distance(book: Book) -> None:
    days = {(row["renewal_date"] - TODAY).days for row in book.final("account").values() if "renewal_date" in row}
    assert days >= {7, 30, 67, 96, 128, 212, 311}


def test_two_groups_and_five_currencies(book: Book) -> None:
    accounts = book.final("account").values()
    assert {row["parent"] for row in accounts if "parent" in row} == {"account:okada-brandt", "account:ardent-rail"}
    assert {row["currency"] for row in accounts} == {"EUR", "USD", "GBP", "JPY", "CHF"}


def test_every_choice_is_used(book: Book) -> None:
    assert {row["status"] for row in book.final("account").values()} >= {
        "prospect", "onboarding", "active", "at_risk", "churned",
    }  # fmt: skip
    assert {row.get("state", "identified") for row in book.final("route").values()} == {
        "identified", "qualifying", "pursuing", "won", "lost", "parked",
    }  # fmt: skip
    assert {row["type"] for row in book.final("route").values()} == {
        "upsell", "cross_sell", "renewal", "new_unit", "partnership",
    }  # fmt: skip
    assert {row["status"] for row in book.final("play").values()} == {
        "planned", "in_progress", "blocked", "done", "cancelled",
    }  # fmt: skip
    assert {row.get("status", "scheduled") for row in book.final("meeting").values()} == {
        "scheduled", "held", "rescheduled", "cancelled_by_us", "cancelled_by_customer", "no_show",
    }  # fmt: skip
    risks = book.final("risk").values()
    assert {row["likelihood"] for row in risks} == {2, 3, 4, 5}
    assert {row["impact"] for row in risks} == {2, 3, 4, 5}


def test_two_years_of_readings_for_a_key_account(book: Book) -> None:
    days = [item.on for item in book.readings if item.account == "account:okada-brandt" and item.metric == "arr"]
    assert TODAY - timedelta(days=735) <= min(days) <= TODAY - timedelta(days=700)
    assert len(readings(book, "account:okada-brandt", "active_seat_pct")) == 104


def test_readings_tell_the_story(book: Book) -> None:
    assert readings(book, "account:okada-brandt", "tickets_new")[-2:] == [40, 47]
    assert readings(book, "account:okada-brandt", "active_seat_pct")[-1] == 78
    assert readings(book, "account:lumiere-optique", "nps")[-2:] == [42, 31]
    falling = readings(book, "account:caldera-metals", "active_seat_pct")
    assert falling[-1] < falling[-5] < falling[-9]
    calm = readings(book, "account:vestergaard-pharma", "active_seat_pct")[-26:]
    assert all(later > earlier * 0.97 for earlier, later in pairwise(calm))


def test_a_stopped_feed_stays_silent(book: Book) -> None:
    last = max(
        item.on
        for item in book.readings
        if item.account == "account:minamoto-denki" and item.metric == "active_seat_pct"
    )
    assert last <= TODAY - timedelta(days=21)
    fresh = max(item.on for item in book.readings if item.account == "account:minamoto-denki")
    assert fresh >= TODAY - timedelta(days=2)
