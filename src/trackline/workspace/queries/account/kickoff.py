"""Meetings ahead with what their preparation still misses, and how the rhythm was kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from trackline.accounts.settings import setting
from trackline.kickoff.models import Cadence, Meeting
from trackline.kickoff.rules.preparation import asked, kind_of
from trackline.kickoff.rules.rhythm import SLACK_OF_MONTHS, overdue_days
from trackline.kickoff.services.cadences import rhythm_of, strays
from trackline.kit.days import day_start
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
AHEAD = 8
ATTENDANCE_MIN_PCT = 80
"""Source: KCK-07."""


@dataclass(frozen=True)
class Preparation:
    """A meeting with what is missing before it starts."""

    meeting: Meeting
    missing: Sequence[str]
    people: int

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"meeting/{self.meeting.pk}"

    @property
    def words(self) -> str:
        """What is missing, as one reads it."""
        return f"{' and '.join(self.missing)} missing" if self.missing else "prepared"


def with_people(meetings: Any) -> Any:
    """Annotate meetings with how many of us and of the customer's people are expected, and of what type they are."""
    return meetings.annotate(
        ours=Count("attendees", distinct=True), theirs=Count("contacts", distinct=True), kind=F("cadence__type")
    )


def preparations(meetings: Iterable[Any]) -> list[Preparation]:
    """Tell of each meeting (see `with_people`) what its preparation misses.

    What it needs stands in the list of its kind; nobody can meet without attendees.
    """
    found = []
    for meeting in meetings:
        kind = kind_of(meeting.kind or "", meeting.review, meeting.theirs)
        missing = []
        if asked(kind, "agenda") and not meeting.agenda.strip():
            missing.append("agenda")
        if asked(kind, "pre_read") and meeting.pre_read_sent_at is None:
            missing.append("pre-read")
        if not meeting.ours and not meeting.theirs:
            missing.append("attendees")
        found.append(Preparation(meeting, missing, meeting.ours + meeting.theirs))
    return found


def meetings_ahead(head: Head, start: datetime) -> list[Preparation]:
    """Return the next meetings of the accounts that a page shows, in one query."""
    rows = Meeting.objects.filter(ALIVE, account__in=head.ids, status="scheduled", at__gte=start)
    return preparations(with_people(rows.select_related("account")).order_by("at", "pk")[:AHEAD])


def unconfirmed(head: Head, start: datetime) -> Sequence[Meeting]:
    """Return the past meetings nobody has marked as held or not, the newest first. Source: KCK-04."""
    rows = Meeting.objects.filter(ALIVE, account__in=head.ids, status="scheduled", at__lt=start)
    return list(rows.select_related("account").order_by("-at", "pk")[:AHEAD])


@dataclass(frozen=True)
class Rhythm:
    """An active cadence with how it is kept. `overdue_days`: so many days beyond its grace; `came_pct` by side."""

    cadence: Cadence
    last: date | None
    next: Meeting | None
    overdue_days: int | None
    off_rhythm: int
    came: Sequence[tuple[str, int, int, bool]]

    @property
    def panel(self) -> str:
        """Address of its panel."""
        return f"cadence/{self.cadence.pk}"


def rhythms(head: Head) -> Sequence[Rhythm]:
    """Return the active cadences of the accounts that a page shows with how each is kept, in a fixed number of queries.

    Source: KCK-06 (missed rhythm), KCK-07 (attendance of the last quarter, asked for from 80 %).
    """
    active = Cadence.objects.filter(ALIVE, account__in=head.ids, active=True)
    cadences = list(active.select_related("account").order_by("name", "pk"))
    meetings = Meeting.objects.filter(ALIVE, cadence__in=cadences)
    last = dict(meetings.filter(status="held").order_by().values_list("cadence").annotate(Max("at")))
    ahead: dict[int, Meeting] = {}
    coming: dict[int, set[datetime]] = defaultdict(set)
    for one in meetings.filter(status="scheduled", at__gt=timezone.now()).order_by("-at"):
        ahead[one.cadence_id] = one
        coming[one.cadence_id].add(one.at)
    came = _attendance(meetings.filter(status="held", at__gte=day_start(head.today - timedelta(days=92))))
    grace = Decimal(setting("cadence.grace_pct")) / 100
    found = []
    for cadence in cadences:
        held = last.get(cadence.pk)
        on = timezone.localtime(held).date() if held else None
        allowed = overdue_days(cadence.frequency, grace)
        since = (head.today - (on or cadence.anchor_on)).days if on or cadence.anchor_on else None
        late = since - allowed if since is not None and allowed is not None and since > allowed else None
        off = 0
        if coming[cadence.pk]:
            moments = rhythm_of(cadence, head.today, max(coming[cadence.pk]) + timedelta(days=SLACK_OF_MONTHS))
            off = sum(strays(cadence, at, moments) for at in coming[cadence.pk]) if moments else 0
        shares = [
            (side, there, invited, there * 100 < invited * ATTENDANCE_MIN_PCT)
            for side, (there, invited) in sorted(came.get(cadence.pk, {}).items(), reverse=True)
        ]
        found.append(Rhythm(cadence, on, ahead.get(cadence.pk), late, off, shares))
    return found


def _attendance(held: Any) -> dict[int, dict[str, tuple[int, int]]]:
    """Present of invited by cadence and side, of meetings where presence was noted at all."""
    noted = list(
        held.filter(Q(present__isnull=False) | Q(present_contacts__isnull=False))
        .distinct()
        .values_list("pk", flat=True)
    )
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows = Meeting.objects.filter(pk__in=noted).order_by().values_list("cadence")
    for side, invited, present in (("us", "attendees", "present"), ("customer", "contacts", "present_contacts")):
        expected = dict(rows.annotate(n=Count(invited)))
        there = dict(rows.annotate(n=Count(present)))
        for cadence, number in expected.items():
            if number:
                found[cadence][side] = (there.get(cadence, 0), number)
    return found
