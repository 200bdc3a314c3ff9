"""Following up low answers: which answers open a case, when its steps are due, which moves it makes. Pure.

Source: SUR-09, SUR-12, SUR-13, SUR-17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

MOVES: Mapping[str, Sequence[str]] = {
    "open": ("contacted",),
    "contacted": ("planned",),
    "planned": ("verifying",),
    "verifying": ("resolved", "reopened"),
    "reopened": ("planned", "verifying"),
    "resolved": ("reopened",),
}
"""Source: SUR-13."""
CLOSED = ("resolved",)
LOW_FIELDS = ("expectations", "quality", "communication", "ease")
"""Answers on experience and effort. Source: SUR-09."""


@dataclass(frozen=True)
class Limits:
    """What counts as low, and the clock of a case: hours until contact, days until plan and verification."""

    low_to: int
    detractor_to: int
    contact_hours: int
    plan_days: int
    verify_days: int


@dataclass(frozen=True)
class Step:
    """A step of a case: when it is due, when it was done, and whether in time (None: not due yet)."""

    key: str
    says: str
    due: datetime
    done: datetime | None
    in_time: bool | None


def low_answers(answers: Mapping[str, int | None], limits: Limits) -> list[str]:
    """Return the fields whose answers open a case: experience or effort up to 3, or a detractor's recommendation.

    Source: SUR-09, SUR-12.
    """
    found = []
    recommend = answers.get("recommend")
    if recommend is not None and recommend <= limits.detractor_to:
        found.append("recommend")
    for name in LOW_FIELDS:
        value = answers.get(name)
        if value is not None and value <= limits.low_to:
            found.append(name)
    return found


def steps(
    answered: datetime, opened: datetime, done: Mapping[str, datetime | None], limits: Limits, now: datetime
) -> list[Step]:
    """Return ticket, contact, plan and verification of a case with their clocks, counted from the answer.

    `answered` is read in its own time zone: the ticket is due before that day ends. Source: SUR-12.
    """
    night = datetime.combine(answered.date(), time(23, 59), answered.tzinfo)
    listed = (
        ("ticket", "Case opened", night, opened),
        ("contact", "Customer contacted", answered + timedelta(hours=limits.contact_hours), done.get("contact")),
        ("plan", "Recovery planned", answered + timedelta(days=limits.plan_days), done.get("plan")),
        ("verify", "Verified with the customer", answered + timedelta(days=limits.verify_days), done.get("verify")),
    )
    return [
        Step(key, says, due, at, at <= due if at is not None else (False if now > due else None))
        for key, says, due, at in listed
    ]


def next_due(found: Sequence[Step]) -> datetime | None:
    """Return when the first step that is not done is due, or None once all are done."""
    return next((step.due for step in found if step.done is None), None)


def in_time_pct(found: Sequence[Step]) -> Decimal | None:
    """Return the steps in time in percent of those done or overdue, or None where none is. Source: SUR-13."""
    known = [step.in_time for step in found if step.in_time is not None]
    return Decimal(100 * sum(known)) / len(known) if known else None


def response_rate(asked: int, answered: int) -> Decimal | None:
    """Return answers in percent of those asked, or None where nobody was. Source: SUR-17."""
    return Decimal(100 * answered) / asked if asked else None
