"""What writes of meetings mean: who is invited and came, their states, agenda, preparation and close."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Q

from trackline.kickoff.models import Action, Agenda, Cadence, Meeting
from trackline.kickoff.rules.preparation import lists
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

Links = dict[str, list[int]]
Side = Literal["us", "customer"]

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
    _invite_who_came(meeting, links)
    if "summary_sent_at" in changed and meeting.summary_sent_at and not meeting._state.adding:
        _check_closing(meeting)
    before = status_before(meeting) if "status" in changed else None
    if before:
        check_move("A meeting", before, meeting.status, MEETING_MOVES, dict(Meeting.Status.choices))
    if meeting.status == "held":
        if meeting.at > ctx.now and before:
            raise Invalid.fields({"status": "This meeting lies in the future; it cannot have been held."})
        meeting.held_at = meeting.held_at or meeting.at
    else:
        meeting.held_at = None


def set_agenda(ctx: Context, pk: Any, key: str) -> Any:
    """Write an agenda of the book into a meeting (KCK-10); a meeting without a length takes that of the agenda."""
    rtype = registry.get("meeting")
    meeting = get(ctx, rtype, pk)
    chosen = Agenda.objects.filter(key=key[:60], active=True, deleted_at__isnull=True).first()
    if chosen is None:
        raise Invalid.fields({"agenda": f"There is no agenda {key[:40]}."})
    data: dict[str, Any] = {"agenda": chosen.text}
    if not meeting.duration_min and chosen.duration_min:
        data["duration_min"] = chosen.duration_min
    return records.update(ctx, rtype, pk, data)


def take_part(ctx: Context, pk: Any, side: Side, person: int, how: Literal["confirmed", "present"], yes: bool) -> Any:
    """Note that somebody confirmed or was there, or take it back. Raises `Invalid` for somebody who does not exist."""
    rtype = registry.get("meeting")
    meeting = get(ctx, rtype, pk)
    name = how if side == "us" else f"{how}_contacts"
    ids = set(getattr(meeting, name).values_list("pk", flat=True))
    wanted = ids | {person} if yes else ids - {person}
    return records.update(ctx, rtype, pk, {name: sorted(wanted)})


def tick(ctx: Context, pk: Any, key: str, done: bool) -> Any:
    """Tick an item of a meeting's preparation by hand, or take the tick back. Raises `Invalid` for an unknown item."""
    rtype = registry.get("meeting")
    meeting = get(ctx, rtype, pk)
    if key not in lists().keys:
        raise Invalid.fields({"prepared": f"There is nothing to prepare called {key[:40]}."})
    ticks = [one for one in meeting.prepared if one != key]
    return records.update(ctx, rtype, pk, {"prepared": [*ticks, key] if done else ticks})


def _invite_who_came(meeting: Any, links: Links) -> None:
    """Who confirmed or came without an invitation is taken up among the invited."""
    for invited, suffix in (("attendees", ""), ("contacts", "_contacts")):
        came = [pk for how in ("confirmed", "present") for pk in links.get(f"{how}{suffix}", ())]
        if not came:
            continue
        known = links.get(invited)
        if known is None:
            known = [] if meeting._state.adding else list(getattr(meeting, invited).values_list("pk", flat=True))
        missing = [pk for pk in dict.fromkeys(came) if pk not in known]
        if missing:
            links[invited] = [*known, *missing]


def _check_closing(meeting: Any) -> None:
    """A summary goes out once each action of the meeting has an owner and a day (portfolio:QBR-10)."""
    loose = Action.objects.filter(meeting=meeting, deleted_at__isnull=True, status="open").filter(
        Q(due_on=None) | Q(owner=None, client_owner=None)
    )
    titles = list(loose.order_by("pk").values_list("title", flat=True))
    if titles:
        named = ", ".join(f"“{title}”" for title in titles[:3]) + (" …" if len(titles) > 3 else "")
        raise Invalid.fields({"summary_sent_at": f"First give an owner and a due date to {named}."})
