"""Goals with where they are and where they should be today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from trackline.kit import formats
from trackline.reveal.models import Goal
from trackline.reveal.queries import with_rhythm
from trackline.reveal.rules.progress import CLOSED, elapsed_pct

ALIVE = Q(deleted_at__isnull=True)
BANDS: Mapping[str, str] = {
    "on_track": "green",
    "achieved": "green",
    "at_risk": "amber",
    "off_track": "red",
    "missed": "red",
    "not_started": "unknown",
    "cancelled": "unknown",
}


@dataclass(frozen=True)
class GoalRow:
    """An active goal with its expected progress in % of the way (None without dates) and its newest check-in.

    `lagging`: it rests on lagging KPIs alone, so it is checked in less often (REV-07).
    """

    goal: Goal
    band: str
    expected_pct: Decimal | None
    last_check_in: date | None
    lagging: bool = False

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"goal/{self.goal.pk}"

    @property
    def gap(self) -> Decimal | None:
        """Progress less the share of time that has passed, in points: below 0 it lags behind the straight line."""
        if self.goal.progress_pct is None or self.expected_pct is None:
            return None
        return Decimal(self.goal.progress_pct) - self.expected_pct

    @property
    def against_line(self) -> str:
        """The gap in words, short: `44 pt behind`; why there is none where it cannot be told."""
        if self.goal.progress_pct is None:
            return "no reading yet"
        if self.gap is None:
            return "no start or due date"
        points = round(self.gap)
        if not points:
            return "on the line"
        return f"{abs(points)}{formats.NBSP}pt {'behind' if points < 0 else 'ahead'}"

    @property
    def reason(self) -> str:
        """Why the status is what it is. Source: REV-04."""
        said = self.against_line
        if self.gap is not None and round(self.gap):
            said = f"{said} {'the' if self.gap < 0 else 'of the'} straight line"
        return f"set by hand; {said}" if self.goal.status_mode == "manual" else said


def goal_rows(accounts: Iterable[int], today: date) -> list[GoalRow]:
    """Return the active goals of accounts, in one query."""
    goals = with_rhythm(Goal.objects.filter(ALIVE, account__in=list(accounts)).exclude(status__in=CLOSED))
    rows = []
    for goal in goals.select_related("account", "owner", "client_owner", "priority").order_by("due_on", "pk"):
        dated = goal.start_on and goal.due_on
        expected = elapsed_pct(goal.start_on, goal.due_on, today) if dated else None
        band = BANDS[goal.status] if goal.progress_pct is not None else "unknown"
        rows.append(GoalRow(goal, band, expected, goal.last, goal.lagging))
    return rows
