"""Alerts as lists show them: the gravest first, with the clock that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import Definition, definitions
from trackline.watch.services import SETTLED, WAITS
from trackline.workspace.records.tones import BANDS

ALIVE = Q(deleted_at__isnull=True)
OPEN = ALIVE & ~Q(state__in=SETTLED)
GRAVITY: Mapping[str, int] = {"critical": 0, "high": 1, "warn": 2, "info": 3}
"""Severities, the gravest first."""
VERBS: Mapping[str, str] = {"ack_due_at": "acknowledge", "diagnose_due_at": "diagnose"}
MINUTES, HOURS = 90, 48
"""Up to so many minutes are told in minutes, up to so many hours in hours; beyond that in days."""


@dataclass(frozen=True)
class Clock:
    """What an alert waits for next, and until when."""

    verb: str
    due_at: datetime
    now: datetime

    @property
    def late(self) -> bool:
        """Whether the time has run out."""
        return self.now > self.due_at

    @property
    def words(self) -> str:
        """The clock in words: "acknowledge within 25 min", "diagnose, 3 h late"."""
        left = span((self.due_at - self.now).total_seconds())
        return f"{self.verb}, {left} late" if self.late else f"{self.verb} within {left}"


@dataclass(frozen=True)
class AlertRow:
    """An alert in a list; `meant` is what its signal means for people, None for one raised by hand."""

    alert: Alert
    clock: Clock | None
    meant: Definition | None

    @property
    def band(self) -> str:
        """The shape of its severity."""
        return band_of(self.alert.severity)

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"alert/{self.alert.pk}"

    @property
    def action(self) -> str:
        """What to do first."""
        return self.meant.action if self.meant else ""

    @property
    def subject(self) -> str:
        """What it says, without the name of the signal before it."""
        _, colon, rest = self.alert.title.partition(": ")
        return rest if colon and self.meant else self.alert.title


@dataclass(frozen=True)
class Urgent:
    """The most urgent alerts of a list, and how many there are of each severity."""

    rows: Sequence[AlertRow]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def words(self) -> str:
        """How many of each: "2 critical, 3 high, 9 others"."""
        grave = [f"{self.counts[one]} {one}" for one in ("critical", "high") if self.counts.get(one)]
        rest = self.total - sum(self.counts.get(one, 0) for one in ("critical", "high"))
        if rest:
            grave.append(f"{rest} {'other' if rest == 1 else 'others'}" if grave else f"{rest} of low severity")
        return ", ".join(grave)


def band_of(severity: str) -> str:
    """Return the shape that stands before a severity."""
    return BANDS.get(severity, "unknown")


def span(seconds: float) -> str:
    """A length of time in words: "25 min", "5 h", "3 d"."""
    minutes = abs(seconds) / 60
    if minutes < MINUTES:
        number, unit = max(round(minutes), 1), "min"
    elif minutes < HOURS * 60:
        number, unit = round(minutes / 60), "h"
    else:
        number, unit = round(minutes / 60 / 24), "d"
    return f"{number}{formats.NBSP}{unit}"


def clock_of(alert: Any, now: datetime) -> Clock | None:
    """Return the clock that runs on an alert, or None where none does. Source: SIG-42."""
    waits = WAITS.get(alert.state)
    if waits is None or (waits == "diagnose_due_at" and alert.diagnosed_at):
        return None
    due = getattr(alert, waits)
    return Clock(VERBS[waits], due, now) if due else None


def by_urgency(query: QuerySet[Any]) -> QuerySet[Any]:
    """Order alerts: the gravest first, then those whose clock runs out first."""
    gravity = Case(
        *(When(severity=name, then=Value(place)) for name, place in GRAVITY.items()),
        default=Value(len(GRAVITY)),
        output_field=IntegerField(),
    )
    running = Case(
        When(state="open", then=F("ack_due_at")),
        When(state__in=("acknowledged", "escalated"), diagnosed_at=None, then=F("diagnose_due_at")),
    )
    placed: QuerySet[Any] = query.annotate(gravity=gravity, running=running)
    return placed.order_by("gravity", F("running").asc(nulls_last=True), "-fired_at", "pk")


def late(now: datetime) -> Q:
    """Return the filter for alerts whose clock has run out."""
    undiagnosed = Q(state__in=("acknowledged", "escalated"), diagnosed_at=None, diagnose_due_at__lt=now)
    return Q(state="open", ack_due_at__lt=now) | undiagnosed


def rows_of(ctx: Context, query: QuerySet[Any]) -> list[AlertRow]:
    """Return the rows of some alerts, with account and owner, in one query."""
    meant = definitions(ctx.today)
    found = query.select_related("account", "owner")
    return [AlertRow(alert, clock_of(alert, ctx.now), meant.get(alert.rule)) for alert in found]


def urgent(ctx: Context, query: QuerySet[Any], shown: int) -> Urgent:
    """Return the first so many open alerts by urgency, and the counts by severity, in two queries."""
    counts = dict(query.filter(OPEN).order_by().values_list("severity").annotate(Count("pk")))
    rows = rows_of(ctx, by_urgency(query.filter(OPEN))[:shown]) if counts else []
    return Urgent(rows, counts)
