"""States of plays and steps. Source: CHO-02, CHO-03, RNW-07."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

OPEN_PLAYS = ("planned", "in_progress", "blocked")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "planned": ("in_progress", "blocked", "cancelled"),
    "in_progress": ("done", "blocked", "cancelled"),
    "blocked": ("planned", "in_progress", "cancelled"),
    "done": ("in_progress",),
    "cancelled": (),
}


def last_due(start_on: date, horizon: int) -> date:
    """Return the latest due date of a play. Source: CHO-02."""
    return start_on + timedelta(days=horizon)


def reopen_allowed(done_on: date, today: date, days: int) -> bool:
    """Tell whether a done play may still be reopened. Source: CHO-03 (`play.reopen_days`)."""
    return (today - done_on).days <= days


def step_state(due_on: date | None, status: str, today: date, created_on: date, *, due_within: int = 7) -> str:
    """Return `pending`, `due`, `late`, `done` or `skipped`. A step that was due before it was made is `due`, never late.

    Source: RNW-07.
    """
    if status in ("done", "skipped"):
        return status
    if due_on is None:
        return "pending"
    if due_on < today:
        return "due" if due_on < created_on else "late"
    return "due" if (due_on - today).days <= due_within else "pending"
