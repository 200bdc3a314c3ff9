"""Meetings ahead with what their preparation still misses, and how the rhythm was kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from trackline.kickoff.models import Meeting
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)
AHEAD = 8


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

    A review needs an agenda and a pre-read, any other meeting with the customer an agenda, our own sync neither; nobody
    can meet without attendees.
    """
    found = []
    for meeting in meetings:
        review = bool(meeting.review) or meeting.kind in ("qbr", "exec_sponsor")
        missing = []
        if (review or meeting.theirs) and not meeting.agenda.strip():
            missing.append("agenda")
        if review and meeting.pre_read_sent_at is None:
            missing.append("pre-read")
        if not meeting.ours and not meeting.theirs:
            missing.append("attendees")
        found.append(Preparation(meeting, missing, meeting.ours + meeting.theirs))
    return found


def meetings_ahead(head: Head, start: datetime) -> list[Preparation]:
    """Return the next meetings of an account, in one query."""
    rows = Meeting.objects.filter(ALIVE, account_id=head.account.pk, status="scheduled", at__gte=start)
    return preparations(with_people(rows).order_by("at", "pk")[:AHEAD])


def unconfirmed(head: Head, start: datetime) -> int:
    """Return how many past meetings nobody has marked as held or not."""
    rows = Meeting.objects.filter(ALIVE, account_id=head.account.pk, status="scheduled", at__lt=start)
    return int(rows.count())
