"""When a cadence meets. Source: KCK-02, CNV-04."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

DAYS = {"weekly": 7, "bi_weekly": 14}
MONTHS = {"monthly": 1, "bi_monthly": 2, "quarterly": 3, "semiannual": 6, "annual": 12}
"""Steps of frequencies; `daily` steps by business days, `ad_hoc` never. "Bi-weekly" is every 14 days."""


def month_later(anchor: date, months: int) -> date:
    """Return the day `months` after the anchor, clamped to the month's end; the anchor's day is not lost."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


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
