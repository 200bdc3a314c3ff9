"""Business days (CNV-03)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.workdays import Workdays

PLAIN = Workdays()
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def test_five_business_days_before_a_thursday() -> None:
    assert PLAIN.shift(date(2025, 6, 19), -5) == date(2025, 6, 12)


def test_a_holiday_is_no_business_day() -> None:
    calendar = Workdays({date(2026, 12, 25)})
    assert calendar.shift(date(2026, 12, 24), 1) == date(2026, 12, 28)
    assert calendar.back(date(2026, 12, 27)) == date(2026, 12, 24)
    assert PLAIN.back(date(2026, 12, 27)) == date(2026, 12, 25)


@given(DAYS, st.integers(-30, 30))
def test_a_shift_lands_on_a_business_day_with_so_many_in_between(day: date, steps: int) -> None:
    landed = PLAIN.shift(day, steps)
    if steps == 0:
        assert landed == day
        return
    low, high = sorted((day, landed))
    between = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    assert landed in PLAIN
    assert sum(one in PLAIN for one in between if one != day) == abs(steps)
