"""Fiscal quarters, and months back and forth."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.core.periods import month_later, months_before, quarter_of


def test_quarters_of_the_calendar_and_of_a_fiscal_year() -> None:
    assert quarter_of(date(2026, 3, 31)).key == "2026-Q1"
    assert quarter_of(date(2026, 4, 1)).key == "2026-Q2"
    april = quarter_of(date(2026, 4, 1), 4)
    assert (april.key, april.start, april.end) == ("2027-Q1", date(2026, 4, 1), date(2026, 6, 30))
    assert quarter_of(date(2027, 3, 31), 4).key == "2027-Q4"
    winter = quarter_of(date(2027, 1, 15), 2)
    assert (winter.key, winter.start, winter.end) == ("2027-Q4", date(2026, 11, 1), date(2027, 1, 31))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_a_day_lies_in_its_quarter_and_the_next_one_follows(day: date, first_month: int) -> None:
    found = quarter_of(day, first_month)
    assert found.start <= day <= found.end
    assert 89 <= (found.end - found.start).days + 1 <= 92
    after = quarter_of(found.end + timedelta(days=1), first_month)
    assert after.start == found.end + timedelta(days=1)
    assert (after.fiscal_year, after.number) == (
        (found.fiscal_year, found.number + 1) if found.number < 4 else (found.fiscal_year + 1, 1)
    )
    assert after.key > found.key


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 6, 30), 12, date(2025, 6, 30)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2, 1, 15), 12, date(1, 1, 15)),
        (date(1, 12, 31), 12, date.min),
        (date.min, 10**18, date.min),
    ],
)
def test_months_back_keep_the_day_and_stay_within_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_months_on_keep_the_day() -> None:
    assert month_later(date(2024, 11, 30), 3) == date(2025, 2, 28)
    assert month_later(date(2025, 1, 31), 3) == date(2025, 4, 30)
