"""When a cadence meets. Source: KCK-02, CNV-04."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from trackline.core.periods import month_later
from trackline.core.workdays import Workdays

DAYS = {"weekly": 7, "bi_weekly": 14}
MONTHS = {"monthly": 1, "bi_monthly": 2, "quarterly": 3, "semiannual": 6, "annual": 12}
"""Steps of frequencies; `daily` steps by business days, `ad_hoc` never. "Bi-weekly" is every 14 days."""
SLACK = {"daily": 0, "weekly": 3, "bi_weekly": 6}
SLACK_OF_MONTHS = 14


def near(frequency: str, day: date, days: Iterable[date]) -> bool:
    """Return whether one of the days is so near that it is the same meeting, moved: less than half an interval, two weeks
    at most.
    """
    slack = SLACK.get(frequency, SLACK_OF_MONTHS)
    return any(abs((other - day).days) <= slack for other in days)


def overdue_days(frequency: str, grace: Decimal) -> int | None:
    """Return how old the last meeting of a rhythm may be: `grace` times its interval, a month being a third of 92 days;
    None for a cadence without rhythm.

    Source: KCK-06 (two weeks 21 days, a month 46, a quarter 138).
    """
    if frequency == "daily":
        return int(grace)
    if frequency in DAYS:
        return int(DAYS[frequency] * grace)
    return int(MONTHS[frequency] * 92 * grace / 3) if frequency in MONTHS else None


def sittings(
    frequency: str, anchor: date, start: date, end: date, calendar: Workdays, *, shift: bool = False
) -> Iterator[date]:
    """Yield the days of `occurrences`, a daily rhythm without holidays; with `shift` a day off gives way to the business
    day before it, unless a meeting stands there already. Source: CNV-03, KCK-02.
    """
    last = None
    for day in occurrences(frequency, anchor, start, end):
        if frequency == "daily" and day not in calendar:
            continue
        moved = calendar.back(day) if shift else day
        if moved != last and moved >= start:
            yield moved
        last = moved


def occurrences(frequency: str, anchor: date, start: date, end: date) -> Iterator[date]:
    """Yield the days on which a cadence meets from `start` to `end` (both included), never before its anchor."""
    if frequency in DAYS:
        step = DAYS[frequency]
        behind = max(0, (start - anchor).days)
        day = anchor + timedelta(days=-(-behind // step) * step)
        while day <= end:
            yield day
            day += timedelta(days=step)
    elif frequency in MONTHS:
        step = MONTHS[frequency]
        number = max(0, ((start.year - anchor.year) * 12 + start.month - anchor.month) // step - 1)
        while (day := month_later(anchor, number * step)) <= end:
            if day >= start:
                yield day
            number += 1
    elif frequency == "daily":
        day = max(anchor, start)
        while day <= end:
            if day.weekday() < 5:
                yield day
            day += timedelta(days=1)
