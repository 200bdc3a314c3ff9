"""What nights found of the quality of the data: one reading of each dimension a day, and since when one is too low."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trackline.book.models import QualityReading
from trackline.core.decimals import HUNDRED, q6

SHOWN_DAYS = 60
"""So many days back are read."""
KEPT_DAYS = 400
"""Older readings are dropped: a year and a month to report it."""


@dataclass(frozen=True)
class Night:
    """What a night found of a dimension."""

    on: date
    failed: int
    checked: int

    @property
    def share(self) -> Decimal:
        """The share that passed, %; where nothing was checked, 100."""
        return HUNDRED * (self.checked - self.failed) / self.checked if self.checked else HUNDRED


@dataclass(frozen=True)
class Kept:
    """What nights found, by (domain, dimension) and day, oldest first; the last one may be that of `today`."""

    today: date
    nights: Mapping[tuple[str, str], Mapping[date, Night]]

    @property
    def since(self) -> date | None:
        """The oldest day before today that is known of."""
        return min((day for days in self.nights.values() for day in days if day < self.today), default=None)

    def last_night(self, domain: str, dimension: str) -> Night | None:
        """What was found today or yesterday, the newer of both; None where neither night kept anything."""
        found = self.nights.get((domain, dimension), {})
        return found.get(self.today) or found.get(self.today - timedelta(days=1))


def kept_of(today: date) -> Kept:
    """Return what nights up to a day found; one query."""
    rows = QualityReading.objects.filter(on__gte=today - timedelta(days=SHOWN_DAYS), on__lte=today).order_by("on")
    nights: dict[tuple[str, str], dict[date, Night]] = {}
    for domain, dimension, on, failed, checked in rows.values_list("domain", "dimension", "on", "failed", "checked"):
        nights.setdefault((domain, dimension), {})[on] = Night(on, failed, checked)
    return Kept(today, nights)


def days_below(kept: Kept, domain: str, dimension: str, now: tuple[int, int], least: Decimal) -> int | None:
    """Return for how many days in a row a dimension has been too low, today (`now`: failed, checked) included: 0 where it is
    not, None where the day before was not kept. Source: DQ-06."""
    failed, checked = now
    if not checked or q6(HUNDRED * (checked - failed) / checked) >= q6(least):
        return 0
    yesterday = kept.today - timedelta(days=1)
    if yesterday not in kept.nights.get((domain, dimension), {}):
        return None
    return 1 + nights_below(kept, domain, dimension, least, yesterday)


def nights_below(kept: Kept, domain: str, dimension: str, least: Decimal, day: date) -> int:
    """Return how many nights in a row, the last of them that of a day, found a dimension too low."""
    nights, days = kept.nights.get((domain, dimension), {}), 0
    while day in nights and q6(nights[day].share) < q6(least):
        days, day = days + 1, day - timedelta(days=1)
    return days


def keep(on: date, sums: Mapping[str, Mapping[str, tuple[int, int]]]) -> int:
    """Keep the readings of a day, by domain and dimension (failed, checked); the same day again replaces them."""
    rows = [
        QualityReading(on=on, domain=domain, dimension=dimension, failed=failed, checked=checked)
        for domain, found in sums.items()
        for dimension, (failed, checked) in found.items()
    ]
    QualityReading.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["on", "domain", "dimension"],
        update_fields=["failed", "checked"],
    )
    QualityReading.objects.filter(on__lt=on - timedelta(days=KEPT_DAYS)).delete()
    return len(rows)
