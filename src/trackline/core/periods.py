"""Calendar months and fiscal quarters. A fiscal year is named after the calendar year in which it ends."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a fiscal year, from its first to its last day."""

    start: date
    end: date
    fiscal_year: int
    number: int

    @property
    def key(self) -> str:
        """The quarter as text that sorts by time: `2027-Q1`."""
        return f"{self.fiscal_year}-Q{self.number}"


def quarter_of(day: date, first_month: int = 1) -> Quarter:
    """Return the quarter a day falls into, in years that begin with `first_month` (1 is January)."""
    since = (day.month - first_month) % 12
    year = day.year + (1 if first_month > 1 and day.month >= first_month else 0)
    start = _month(day.year, day.month - since % 3)
    return Quarter(start, _month(start.year, start.month + 3) - timedelta(days=1), year, since // 3 + 1)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, from its first to its last day."""

    start: date
    end: date

    @property
    def key(self) -> str:
        """The month as text that sorts by time: `2026-11`."""
        return f"{self.start:%Y-%m}"


def month_of(day: date) -> Month:
    """Return the month a day falls into."""
    return Month(day.replace(day=1), _month(day.year, day.month + 1) - timedelta(days=1))


def months_before(day: date, months: int) -> date:
    """Return the day so many months earlier, clamped to the month's end; the first day of the calendar where there is none."""
    index = day.year * 12 + day.month - 1 - months
    return month_later(day, -months) if index >= date.min.year * 12 else date.min


def month_later(anchor: date, months: int) -> date:
    """Return the day `months` after the anchor, clamped to the month's end; the anchor's day is not lost."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def _month(year: int, month: int) -> date:
    """The first day of a month, months beyond a year's end counted on."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
