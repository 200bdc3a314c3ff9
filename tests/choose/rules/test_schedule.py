"""Days of steps, columns of the board, and the day that a card gets when it is moved (RNW-03, CHO-10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from trackline.align.rules.renewal import timeline
from trackline.choose.rules import schedule
from trackline.choose.rules.roles import People, holder
from trackline.choose.rules.shipped import shipped
from trackline.core.workdays import Workdays

MONDAY = date(2026, 11, 23)
HOLIDAY = date(2026, 12, 25)
BUSINESS = Workdays({HOLIDAY})


def test_the_dates_of_the_longest_timeline() -> None:
    book = next(one for one in shipped() if one.key == "kam_180")
    found = [schedule.due_on(date(2026, 3, 31), step["offset_days"]) for step in book.steps]
    assert [str(day) for day in found] == [
        "2025-10-02", "2025-11-01", "2025-12-01", "2025-12-21", "2025-12-31", "2026-01-15", "2026-01-30", "2026-02-14",
        "2026-03-01", "2026-03-16", "2026-03-24", "2026-03-31", "2026-04-14",
    ]  # fmt: skip


def test_playbooks_and_the_rule_agree_on_the_timelines() -> None:
    books = {one.key: [step["offset_days"] for step in one.steps] for one in shipped()}
    offsets = timeline.in_force(MONDAY).echo["offsets"]
    assert {key: [int(day) for day in days] for key, days in offsets.items()} == {key: books[key] for key in offsets}


def test_a_step_without_offset_or_out_of_the_calendar_has_no_day() -> None:
    assert schedule.due_on(MONDAY, None) is None
    assert schedule.due_on(date.max, -1) is None


@pytest.mark.parametrize("days, found", [(0, []), (-1, ["past"]), (-2, ["past", "weekend"]), (5, ["weekend"])])
def test_conflicts(days: int, found: list[str]) -> None:
    assert (
        schedule.conflicts(
            MONDAY + timedelta(days=days) if days != -1 else MONDAY - timedelta(days=3), MONDAY, BUSINESS
        )
        == found
    )


@pytest.mark.parametrize(
    "days, column", [(-9, "30"), (30, "30"), (31, "60"), (44, "60"), (60, "60"), (61, "90"), (90, "90"), (91, "later")]
)
def test_columns(days: int, column: str) -> None:
    assert schedule.bucket(MONDAY + timedelta(days=days), MONDAY) == column


@pytest.mark.parametrize("start", range(7))
@pytest.mark.parametrize("column", ["30", "60", "90", "later"])
@pytest.mark.parametrize("days", [None, -20, 10, 45, 75, 200])
def test_a_moved_card_lands_in_its_column_on_a_working_day(start: int, column: str, days: int | None) -> None:
    today = MONDAY + timedelta(days=start)
    due = None if days is None else today + timedelta(days=days)
    day = schedule.nearest_day(due, column, today, BUSINESS)
    assert schedule.bucket(day, today) == column
    assert day.weekday() < 5
    assert day >= today


def test_a_moved_card_moves_as_little_as_it_must() -> None:
    assert schedule.nearest_day(MONDAY + timedelta(days=10), "60", MONDAY, BUSINESS) == MONDAY + timedelta(days=31)
    assert schedule.nearest_day(MONDAY + timedelta(days=45), "30", MONDAY, BUSINESS) == MONDAY + timedelta(days=30)


def test_holidays_of_the_book_are_named_and_passed_over() -> None:
    assert schedule.conflicts(HOLIDAY, MONDAY, BUSINESS) == ["holiday"]
    today = HOLIDAY - timedelta(days=31)
    assert schedule.nearest_day(today, "60", today, BUSINESS) == HOLIDAY + timedelta(days=3)


def test_roles_find_their_people() -> None:
    people = People(owner=1, sponsor=2, team={"Legal": 3, "Delivery lead": 4})
    found = [
        holder(role, people) for role in ("", "account_manager", "sponsor", "legal", "delivery", "finance", "analyst")
    ]
    assert found == [1, 1, 2, 3, 4, None, None]
    assert holder("analyst", People(team={"Analyst": 5})) == 5
