"""Progress and status of a goal. Source: REV-03, REV-04."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trackline.core.decimals import q6

CLOSED = ("achieved", "missed", "cancelled")
"""Statuses of goals that are no longer active. Source: REV-01."""


def raw_progress(baseline: Decimal, target: Decimal, current: Decimal | None) -> Decimal | None:
    """Return how far the current value has come from baseline to target in %, unclamped; None where unknown."""
    if current is None or baseline == target:
        return None
    return (current - baseline) / (target - baseline) * 100


def clamp(value: Decimal) -> Decimal:
    """Keep a percentage within 0–100."""
    return min(max(value, Decimal(0)), Decimal(100))


def kpi_progress(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Return the weighted mean of (weight, attainment %) of linked KPIs with a reading; None without any. Source: REV-03."""
    known = list(parts)
    weight = sum((part[0] for part in known), Decimal(0))
    return sum((part[0] * part[1] for part in known), Decimal(0)) / weight if weight else None


def elapsed_pct(start_on: date, due_on: date, today: date) -> Decimal:
    """Return how much of the time from start to due has passed, 0–100 %."""
    return clamp(Decimal((today - start_on).days) / Decimal((due_on - start_on).days) * 100)


def status(
    progress: Decimal | None,
    start_on: date | None,
    due_on: date | None,
    today: date,
    *,
    at_risk_gap: Decimal,
    off_track_gap: Decimal,
) -> str | None:
    """Return the status that follows from progress (unclamped %) and dates, or None where it cannot be told.

    Source: REV-04. Compared on values quantised to six decimals (CNV-02).
    """
    if progress is None:
        return None
    if q6(progress) >= 100:
        return "achieved"
    if start_on is None or due_on is None:
        return None
    if today > due_on:
        return "missed"
    if q6(progress) <= 0 and today < start_on:
        return "not_started"
    gap = q6(clamp(progress) - elapsed_pct(start_on, due_on, today))
    if gap >= at_risk_gap:
        return "on_track"
    return "at_risk" if gap >= off_track_gap else "off_track"


WORST_FIRST = ("off_track", "at_risk", "not_started", "on_track")
"""Statuses of active goals, the worst first."""


@dataclass(frozen=True)
class RollUp:
    """Goals taken together. `unread` of the active ones have no progress yet and are not in the mean."""

    active: int
    closed: int
    unread: int
    progress_pct: Decimal | None
    worst: str


def roll_up(goals: Iterable[tuple[str, Decimal | None]]) -> RollUp:
    """Return the simple mean of the progress of active goals and their worst status, from (status, progress %).

    Source: REV-08.
    """
    known = list(goals)
    active = [(status, progress) for status, progress in known if status not in CLOSED]
    read = [progress for _, progress in active if progress is not None]
    there = {status for status, _ in active}
    return RollUp(
        active=len(active),
        closed=len(known) - len(active),
        unread=len(active) - len(read),
        progress_pct=sum(read, Decimal(0)) / len(read) if read else None,
        worst=next((status for status in WORST_FIRST if status in there), ""),
    )
