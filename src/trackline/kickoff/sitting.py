"""A meeting as it is prepared, run and followed up: people by side, agenda, preparation, what it decided, what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Contact
from trackline.accounts.workdays import workdays
from trackline.core.playbook import Explained, run
from trackline.kickoff.models import Action, Agenda, CadenceParticipant, Decision, Meeting
from trackline.kickoff.rules import agendas, preparation
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

ALIVE = Q(deleted_at__isnull=True)
CARRIED_AT_MOST = 50


@dataclass(frozen=True)
class Seat:
    """Somebody invited. `roles` say why it matters that they come."""

    pk: int
    side: str
    name: str
    title: str
    roles: Sequence[str]
    confirmed: bool
    present: bool


@dataclass(frozen=True)
class Sitting:
    """Everything about one meeting on a moment `now`."""

    meeting: Meeting
    now: datetime
    seats: Sequence[Seat]
    prepared: Sequence[preparation.Prepared]
    known: preparation.Known
    decisions: Sequence[Decision]
    actions: Sequence[Action]
    carried: Sequence[Action]
    following: Meeting | None

    @property
    def kind(self) -> preparation.Kind:
        """What it is to its preparation."""
        theirs = sum(seat.side == "customer" for seat in self.seats)
        return preparation.kind_of(self._type, self.meeting.review, theirs)

    @property
    def _type(self) -> str:
        return self.meeting.cadence.type if self.meeting.cadence else ""

    @property
    def end(self) -> datetime:
        """When it ends, an hour where no length is known."""
        return timezone.localtime(self.meeting.at) + timedelta(minutes=self.meeting.duration_min or 60)

    @cached_property
    def agenda(self) -> Sequence[tuple[datetime, agendas.Point]]:
        """The agenda in blocks, each with when it begins."""
        start = timezone.localtime(self.meeting.at)
        return [(start + timedelta(minutes=point.begins), point) for point in agendas.points(self.meeting.agenda)]

    @property
    def minutes(self) -> int:
        """What the agenda's blocks add up to."""
        return sum(point.minutes or 0 for _at, point in self.agenda)

    @property
    def warnings(self) -> Sequence[str]:
        """What is wrong with the agenda."""
        theirs = [seat for seat in self.seats if seat.side == "customer"]
        decides = any(seat.roles for seat in theirs) if theirs else None
        review = self.kind == "review"
        return agendas.warnings(self.meeting.agenda, self.meeting.duration_min, review=review, decision_maker=decides)

    @cached_property
    def presets(self) -> Sequence[Agenda]:
        """The agendas offered, those for its type first; one query."""
        kind = "qbr" if self.kind == "review" else self._type or "other"
        rows = Agenda.objects.filter(active=True, deleted_at__isnull=True).order_by("title")
        return sorted(rows, key=lambda one: one.type != kind)

    @property
    def readiness(self) -> Decimal | None:
        """How much of the preparation stands, in percent."""
        return preparation.readiness_pct(self.prepared)

    @property
    def should_move(self) -> bool:
        """Whether a review should be moved because those who matter have not confirmed."""
        return (
            self.kind == "review"
            and self.meeting.status == "scheduled"
            and preparation.should_move(timezone.localtime(self.meeting.at), self.now, self.known, workdays())
        )

    @property
    def holding_back(self) -> Sequence[preparation.Prepared]:
        """What holds an executive review back that lies ahead."""
        if self.meeting.status != "scheduled":
            return ()
        return preparation.holding_back(self.meeting.review, self.prepared)

    @property
    def summary_due(self) -> datetime:
        """By when its summary should be out."""
        return preparation.summary_due(self.kind, self._type, self.end)

    @property
    def followed(self) -> Sequence[preparation.Followed]:
        """What follows it."""
        return preparation.followed(self.kind, self.end, self.now, self.meeting.prepared)

    @property
    def attendance(self) -> Sequence[str]:
        """Present of invited by side, in words; nothing before anybody was marked present."""
        found = []
        for side, words in (("us", "of us"), ("customer", "of theirs")):
            invited = [seat for seat in self.seats if seat.side == side]
            if invited and self.was_there:
                found.append(f"{sum(seat.present for seat in invited)} of {len(invited)} {words}")
        return found

    @property
    def was_there(self) -> bool:
        """Whether presence was noted at all."""
        return any(seat.present for seat in self.seats)

    @cached_property
    def effectiveness(self) -> Explained | None:
        """What a review that was held brought (QBR-09), None for other meetings."""
        if self.kind != "review" or self.meeting.status != "held":
            return None
        return run("kickoff.review.effectiveness", self._outcome(), as_of=timezone.localdate(self.now))

    @property
    def qualified(self) -> bool | None:
        """Whether a review that was held counts as one: sponsor or buyer there, a dated joint action agreed.

        None while it is not held, or nobody was marked present. Source: portfolio:QBR-12.
        """
        if self.kind != "review" or self.meeting.status != "held" or not self.was_there:
            return None
        decided = any(seat.present and seat.roles for seat in self.seats if seat.side == "customer")
        return decided and any(action.due_on for action in self.actions)

    def _outcome(self) -> dict[str, Any]:
        def there(role: str) -> bool | None:
            held = [seat for seat in self.seats if role in seat.roles]
            if not self.was_there:
                return None
            return any(seat.present for seat in held)

        ours, theirs = there(OURS), there(THEIRS)
        sides = {action.side for action in self.actions}
        complete = all(action.due_on and (action.owner_id or action.client_owner_id) for action in self.actions)
        return {
            "sponsor_attended": None if ours is None or theirs is None else ours and theirs,
            "buyer_attended": there(BUYER),
            "expansion_step": "next_step" in self.meeting.prepared,
            "both_sides_act": sides == {"us", "customer"} and complete,
        }


OURS, THEIRS, BUYER = "our sponsor", "their sponsor", "economic buyer"


def sitting(ctx: Context, pk: Any) -> Sitting:
    """Return a meeting with all that belongs to it, in a fixed number of queries. Raises `NotFound` outside the scope."""
    found = get(ctx, registry.get("meeting"), pk)
    meeting = Meeting.objects.select_related("account", "cadence").get(pk=found.pk)
    seats = _seats(meeting)
    decisions = list(Decision.objects.filter(ALIVE, meeting=meeting).select_related("owner").order_by("pk"))
    known = preparation.Known(
        agenda=bool(meeting.agenda.strip()),
        pre_read=meeting.pre_read_sent_at is not None,
        decisions=sum(decision.status in ("open", "decided") for decision in decisions),
        scribe=meeting.cadence_id is not None
        and CadenceParticipant.objects.filter(cadence_id=meeting.cadence_id, role="scribe").exists(),
        missing_seats=_missing(meeting, seats),
    )
    theirs = sum(seat.side == "customer" for seat in seats)
    kind = preparation.kind_of(meeting.cadence.type if meeting.cadence else "", meeting.review, theirs)
    at = timezone.localtime(meeting.at)
    return Sitting(
        meeting,
        timezone.localtime(ctx.now),
        seats,
        preparation.prepared(kind, at, timezone.localtime(ctx.now), meeting.prepared, known, workdays()),
        known,
        decisions,
        list(_actions().filter(meeting=meeting).order_by("pk")),
        list(carried_into(meeting)[:CARRIED_AT_MOST]),
        _following(meeting),
    )


def carried_into(meeting: Meeting) -> Any:
    """Return the open actions of the meetings before, of the same cadence, or of the account without one. Source: KCK-05."""
    rows = _actions().filter(status="open", meeting__account_id=meeting.account_id, meeting__at__lt=meeting.at)
    if meeting.cadence_id:
        rows = rows.filter(meeting__cadence_id=meeting.cadence_id)
    return rows.exclude(meeting=meeting).order_by("due_on", "pk")


def _actions() -> Any:
    return Action.objects.filter(ALIVE).select_related("owner", "client_owner", "meeting")


def _following(meeting: Meeting) -> Meeting | None:
    if not meeting.cadence_id:
        return None
    rows = Meeting.objects.filter(ALIVE, cadence_id=meeting.cadence_id, status="scheduled", at__gt=meeting.at)
    return rows.order_by("at").first()


def _seats(meeting: Meeting) -> list[Seat]:
    account = meeting.account
    confirmed = set(meeting.confirmed.values_list("pk", flat=True))
    present = set(meeting.present.values_list("pk", flat=True))
    ours = [
        Seat(user.pk, "us", user.name or user.username, user.title, (OURS,) if user.pk == account.exec_sponsor_id else (),
             user.pk in confirmed, user.pk in present)
        for user in meeting.attendees.order_by("name", "pk")
    ]  # fmt: skip
    confirmed = set(meeting.confirmed_contacts.values_list("pk", flat=True))
    present = set(meeting.present_contacts.values_list("pk", flat=True))
    theirs = [
        Seat(contact.pk, "customer", contact.name, contact.title, _roles(contact, account), contact.pk in confirmed,
             contact.pk in present)
        for contact in meeting.contacts.order_by("-influence", "name", "pk")
    ]  # fmt: skip
    return [*ours, *theirs]


def _roles(contact: Contact, account: Any) -> tuple[str, ...]:
    sponsor = contact.is_exec_sponsor or contact.pk == account.customer_sponsor_id
    found = [THEIRS] if sponsor else []
    if contact.buying_role == "economic_buyer":
        found.append(BUYER)
    return tuple(found)


def _missing(meeting: Meeting, seats: Sequence[Seat]) -> list[str]:
    taken = {role for seat in seats if seat.confirmed or seat.present for role in seat.roles}
    return [role for role in (OURS, THEIRS, BUYER) if role not in taken]
