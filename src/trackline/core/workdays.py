"""Business days: Monday to Friday without the holidays of the book. Source: CNV-03."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
ONE = timedelta(days=1)


@dataclass(frozen=True)
class Workdays:
    """A calendar of business days; `off` tells of any day whether it is a holiday."""

    off: Container[date] = ()

    def __contains__(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.off

    def back(self, day: date) -> date:
        """Return the day itself if it is a business day, else the last one before it."""
        while day not in self:
            day -= ONE
        return day

    def shift(self, day: date, steps: int) -> date:
        """Return the business day so many business days after `day`, or before it where `steps` is negative."""
        step = ONE if steps > 0 else -ONE
        for _ in range(abs(steps)):
            day += step
            while day not in self:
                day += step
        return day
