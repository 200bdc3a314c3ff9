"""What the routes of a period should bring in. Targets are added up to longer periods, never split into shorter ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.rates import Rates
from trackline.book.models import BookingTarget
from trackline.core.periods import Month, Quarter, month_of, quarter_of


@dataclass(frozen=True)
class Targets:
    """Targets of the book or of one person by kind of period and its first day, in the book's currency."""

    values: Mapping[tuple[str, date], Decimal]

    def month(self, month: Month) -> Decimal | None:
        """Return the target of a month."""
        return self.values.get(("month", month.start))

    def quarter(self, quarter: Quarter) -> Decimal | None:
        """Return the target of a quarter: its own, else that of its months where each has one."""
        own = self.values.get(("quarter", quarter.start))
        if own is not None:
            return own
        months = [self.month(month) for month in months_of(quarter)]
        known = [value for value in months if value is not None]
        return sum(known, Decimal(0)) if len(known) == len(months) else None

    def four_quarters(self, quarters: list[Quarter]) -> Decimal | None:
        """Return the target of four quarters: of each, else of the fiscal year that they are."""
        known = [value for value in map(self.quarter, quarters) if value is not None]
        if len(known) == len(quarters):
            return sum(known, Decimal(0))
        return self.values.get(("year", quarters[0].start)) if quarters[0].number == 1 else None

    @property
    def months(self) -> list[Month]:
        """Months that have a target of their own."""
        return sorted(month_of(start) for period, start in self.values if period == "month")

    def quarters(self, first_month: int) -> list[Quarter]:
        """Quarters that have a target, or months with one."""
        starts = [start for period, start in self.values if period != "year"]
        found = {quarter_of(start, first_month) for start in starts}
        return sorted(quarter for quarter in found if self.quarter(quarter) is not None)


def targets_of(owner: str | None, rates: Rates) -> Targets:
    """Return the targets of the whole book ("") or of a person by user name; None has none. One query.

    A target in a currency without a rate is left out.
    """
    if owner is None:
        return Targets({})
    rows = BookingTarget.objects.alive()
    rows = rows.filter(owner__username=owner) if owner else rows.filter(owner__isnull=True)
    found = {}
    for period, start, value, currency in rows.values_list("period", "from_on", "value", "currency"):
        worth = rates.convert(value, currency)
        if worth is not None:
            found[(period, start)] = worth
    return Targets(found)


def months_of(quarter: Quarter) -> list[Month]:
    """Return the three months of a quarter."""
    found = [month_of(quarter.start)]
    while found[-1].end < quarter.end:
        found.append(month_of(found[-1].end + timedelta(days=1)))
    return found


def quarters_from(quarter: Quarter, count: int, first_month: int) -> list[Quarter]:
    """Return so many quarters in a row, beginning with one."""
    found = [quarter]
    while len(found) < count:
        found.append(quarter_of(found[-1].end + timedelta(days=1), first_month))
    return found
