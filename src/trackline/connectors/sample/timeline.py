"""Dates of the sample book: whole numbers count days from today, `-30` is thirty days ago."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

DAYS_PER_MONTH = 30.4375
BOOK_OPENED = -735
"""The day on which the book was started: nothing in it was written earlier."""


def spread(key: str, size: int) -> int:
    """Return a number below `size` that always is the same for a key."""
    return crc32(key.encode()) % size


def add_months(day: date, months: int) -> date:
    """Step in calendar months; the day is clamped to the end of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Timeline:
    """The book's calendar around one day."""

    today: date
    zone: str = "Europe/Berlin"

    def day(self, offset: int) -> date:
        """Return the date `offset` days from today."""
        return self.today + timedelta(days=offset)

    def maybe(self, offset: int | None) -> date | None:
        """Return the date for an offset, or None."""
        return None if offset is None else self.day(offset)

    def workday(self, offset: int) -> date:
        """Return the date, moved off the weekend: back in the past, on in the future."""
        return off_weekend(self.day(offset), forward=offset > 0)

    def written(self, offset: int, key: str) -> datetime:
        """Return when something dated `offset` was written down: in office hours, never after today began to end."""
        minutes = 7 * 60 + spread(key, 9 * 60)
        day = self.day(max(offset, BOOK_OPENED))
        return datetime.combine(day, time(minutes // 60, minutes % 60), UTC)

    def at(self, day: date, clock: str) -> datetime:
        """Return the instant of a clock time in the book's zone."""
        hour, minute = (int(part) for part in clock.split(":"))
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone)).astimezone(UTC)

    def offset(self, day: date) -> int:
        """Return how many days a date is from today."""
        return (day - self.today).days


def off_weekend(day: date, *, forward: bool) -> date:
    """Return the day itself, or the next (else the last) working day where it falls on a weekend."""
    beyond = day.weekday() - 4
    if beyond <= 0:
        return day
    return day + timedelta(days=3 - beyond) if forward else day - timedelta(days=beyond)
