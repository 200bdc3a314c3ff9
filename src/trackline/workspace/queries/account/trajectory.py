"""A goal's way: its readings, and the straight line from its start to its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from trackline.reveal.models import CheckIn, Goal
from trackline.reveal.rules.progress import elapsed_pct


@dataclass(frozen=True)
class Trajectory:
    """Readings against a target. `line` holds the days of the straight line's ends; None while a date is missing."""

    start: date
    end: date
    today: date
    baseline: Decimal
    target: Decimal
    unit: str
    currency: str
    points: Sequence[tuple[date, Decimal]]
    line: tuple[date, date] | None

    def expected(self, on: date) -> Decimal | None:
        """Return the value on the straight line; level before its start and after its end."""
        if self.line is None:
            return None
        return self.baseline + (self.target - self.baseline) * elapsed_pct(*self.line, on) / 100

    @property
    def rows(self) -> Sequence[tuple[date, Decimal, Decimal | None]]:
        """Day, value and what the straight line asked for, newest first: the picture as a table."""
        return [(on, value, self.expected(on)) for on, value in reversed(self.points)]


def trajectory_of(goal: Goal, check_ins: Sequence[CheckIn], today: date, currency: str) -> Trajectory:
    """Return a goal's way; `check_ins` run from the newest to the oldest."""
    points = [(one.on, one.value) for one in reversed(check_ins) if one.value is not None]
    days = [on for on, _ in points]
    first = goal.start_on or (days[0] if days else timezone.localdate(goal.created_at))
    return Trajectory(
        start=min([first, *days]),
        end=max([today, *days, *([goal.due_on] if goal.due_on else [])]),
        today=today,
        baseline=goal.baseline,
        target=goal.target,
        unit=goal.unit,
        currency=currency,
        points=points,
        line=(goal.start_on, goal.due_on) if goal.start_on and goal.due_on else None,
    )
