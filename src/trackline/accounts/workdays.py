"""The business days of the book: its public holidays by country and region, and days off of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import holidays

from trackline.accounts.settings import several
from trackline.core.workdays import Workdays

REGIONS = "book.holidays"
DAYS_OFF = "book.days_off"


def workdays() -> Workdays:
    """Return the calendar that the settings of the book describe. Source: CNV-03."""
    found = several(REGIONS, DAYS_OFF)
    return Workdays(Off(split(found[REGIONS]), frozenset(map(date.fromisoformat, split(found[DAYS_OFF])))))


class Off:
    """The days off: public holidays of some regions, and single days."""

    def __init__(self, regions: Iterable[str], days: frozenset[date]) -> None:
        self._regions = tuple(_region(name) for name in regions)
        self._days = days

    def __contains__(self, day: object) -> bool:
        return day in self._days or any(day in region for region in self._regions)


def split(text: str) -> list[str]:
    """Return the parts of a list as one writes it: `DE-BY, JP`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def wrong_regions(text: str) -> str:
    """Say what is wrong with a list of countries and regions, or nothing."""
    for name in split(text):
        try:
            _region(name)
        except (NotImplementedError, KeyError):
            return (
                f"There is no calendar for {name[:20]}. A country like DE or JP, or a region like DE-BY, is expected."
            )
    return ""


def wrong_days(text: str) -> str:
    """Say what is wrong with a list of days, or nothing."""
    for part in split(text):
        try:
            date.fromisoformat(part)
        except ValueError:
            return f"{part[:20]} is not a day like 2026-12-24."
    return ""


@cache
def _region(name: str) -> holidays.HolidayBase:
    country, _, part = name.upper().partition("-")
    return holidays.country_holidays(country, subdiv=part or None)
