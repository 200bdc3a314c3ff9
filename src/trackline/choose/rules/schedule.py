"""Dates of steps around an anchor date, and where a play stands on the board of 30, 60 and 90 days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from trackline.core.workdays import SATURDAY, Workdays

BUCKETS: Mapping[str, tuple[int, int]] = {"30": (0, 30), "60": (31, 60), "90": (61, 90), "later": (91, 3650)}
"""Days left from and to, by column. What is late stands with the first."""


def due_on(anchor_on: date, offset_days: int | None) -> date | None:
    """Return the day of a step; offsets count days before the anchor. None without an offset, or out of the calendar.

    Source: RNW-03.
    """
    if offset_days is None:
        return None
    try:
        return anchor_on - timedelta(days=offset_days)
    except OverflowError:
        return None


def conflicts(due: date | None, today: date, business: Workdays) -> list[str]:
    """Return what speaks against a day: `past`, and `weekend` or `holiday`."""
    if due is None:
        return []
    found = ["past"] if due < today else []
    if due in business:
        return found
    return [*found, "weekend" if due.weekday() >= SATURDAY else "holiday"]


def bucket(due: date | None, today: date) -> str:
    """Return the column of a due date. Source: CHO-10."""
    if due is None:
        return "later"
    left = (due - today).days
    return next((key for key, (_first, last) in BUCKETS.items() if left <= last), "later")


def nearest_day(due: date | None, column: str, today: date, business: Workdays) -> date:
    """Return the business day of a column that is nearest to a due date; without one the column's last day."""
    first, last = (today + timedelta(days=days) for days in BUCKETS[column])
    if column == "later":
        last = max(first, due or first)
    day = last if due is None or due > last else max(first, due)
    step = 1 if day == first else -1
    while day not in business:
        day += timedelta(days=step)
    return day


def shifted(day: date, by: timedelta) -> date:
    """Return a day moved, within the calendar."""
    try:
        return day + by
    except OverflowError:
        return day
