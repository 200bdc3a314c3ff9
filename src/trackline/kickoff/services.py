"""What writes in the K section mean: meetings, decisions, actions."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from trackline.kickoff.models import Cadence, Meeting
from trackline.kickoff.rules import rhythm
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

Links = dict[str, list[int]]

MEETING_MOVES = {
    "scheduled": ("held", "rescheduled", "cancelled_by_us", "cancelled_by_customer", "no_show"),
    "held": ("scheduled",),
    "rescheduled": ("scheduled",),
    "cancelled_by_us": ("scheduled",),
    "cancelled_by_customer": ("scheduled",),
    "no_show": ("scheduled",),
}
"""Source: KCK-04; the ways back correct a slip."""


def complete_meeting(ctx: Context, data: dict[str, Any]) -> None:
    """Take the account from the cadence where none is named."""
    if data.get("cadence") in (None, "") or data.get("account"):
        return
    try:
        cadence = get(ctx, registry.get("cadence"), data["cadence"])
    except NotFound:
        raise Invalid.fields({"cadence": f"There is no cadence {str(data['cadence'])[:80]}."}) from None
    data["account"] = str(cadence.account_id)


def prepare_meeting(ctx: Context, meeting: Any, changed: set[str], links: Links) -> None:
    """Name a meeting after its cadence, invite its participants, hold to the states (KCK-04)."""
    if meeting._state.adding and meeting.cadence_id:
        cadence = Cadence.objects.get(pk=meeting.cadence_id)
        meeting.title = meeting.title or cadence.name
        meeting.duration_min = meeting.duration_min or cadence.duration_min
        if not meeting.review and cadence.type == "qbr":
            meeting.review = "qbr"
        if "attendees" not in links:
            links["attendees"] = list(cadence.participants.filter(deleted_at__isnull=True).values_list("pk", flat=True))
        if "contacts" not in links:
            links["contacts"] = list(
                cadence.client_participants.filter(deleted_at__isnull=True).values_list("pk", flat=True)
            )
    before = status_before(meeting) if "status" in changed else None
    if before:
        check_move("A meeting", before, meeting.status, MEETING_MOVES, dict(Meeting.Status.choices))
    if meeting.status == "held":
        if meeting.at > ctx.now and before:
            raise Invalid.fields({"status": "This meeting lies in the future; it cannot have been held."})
        meeting.held_at = meeting.held_at or meeting.at
    else:
        meeting.held_at = None


def schedule_meetings(ctx: Context, pk: Any, *, until: date | None = None) -> list[Any]:
    """Set the meetings of a cadence from today until a day (default: twelve months), where none is set yet (KCK-02).

    Returns the new meetings; they can be undone as one batch. Raises `Refused` for a cadence without rhythm.
    """
    cadence = get(ctx, registry.get("cadence"), pk)
    if cadence.frequency == "ad_hoc" or not cadence.active or cadence.anchor_on is None:
        raise Refused("Only an active cadence with a frequency and a first meeting can be scheduled.")
    last = until or rhythm.month_later(ctx.today, 12)
    there = {
        timezone.localtime(at).date()
        for at in Meeting.objects.filter(cadence=cadence, deleted_at__isnull=True).values_list("at", flat=True)
    }
    batch = ctx.batched()
    made = []
    with transaction.atomic():
        for day in rhythm.occurrences(cadence.frequency, cadence.anchor_on, ctx.today, last):
            if day not in there:
                at = timezone.make_aware(datetime.combine(day, cadence.at_time or time(10)))
                data = {"account": cadence.account_id, "cadence": cadence.pk, "at": at}
                made.append(records.create(batch, registry.get("meeting"), data))
    return made


def prepare_decision(ctx: Context, decision: Any, _changed: set[str], _links: Links) -> None:
    """Date a decision."""
    if decision.status in ("decided", "rejected"):
        decision.decided_on = decision.decided_on or ctx.today
    elif decision.status == "open":
        decision.decided_on = None


def prepare_action(ctx: Context, action: Any, changed: set[str], _links: Links) -> None:
    """Date an action that is done; one from a meeting says so."""
    action.done_on = (action.done_on or ctx.today) if action.status == "done" else None
    if action._state.adding and action.meeting_id and "origin" not in changed:
        action.origin = "meeting"
    if action.side == "customer" and action._state.adding and "owner" not in changed and action.client_owner_id:
        action.owner_id = None
