"""The recovery of an account: the save plan that runs, or that one is missing (SAVE-08, HLT-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch
from django.utils import timezone

from trackline.choose.models import Play, Step
from trackline.choose.rules import recovery as rule
from trackline.choose.rules.states import OPEN_PLAYS, step_state
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.playing import start_url


@dataclass(frozen=True)
class Stop:
    """A station of the way: when it was reached or falls due, and whether in time or late."""

    label: str
    reached: bool
    when: str
    late: bool


@dataclass(frozen=True)
class RecoveryCard:
    """What the account shows: the play that runs with its state, or, without one, what starts it."""

    play: Play | None
    state: str
    stops: Sequence[Stop]
    ahead: Step | None
    due: str
    late: bool
    band: str
    start: str


def recovery_card(head: Head) -> RecoveryCard | None:
    """Return the recovery of an account, None where it runs none and needs none; in two queries."""
    steps = Step.objects.filter(deleted_at__isnull=True).order_by("due_on", "position", "pk").select_related("owner")
    plays = Play.objects.filter(
        account_id=head.account.pk, deleted_at__isnull=True, status__in=OPEN_PLAYS, playbook__key__in=rule.PLAYBOOKS
    )
    plays = plays.select_related("playbook", "owner").prefetch_related(Prefetch("steps", steps, to_attr="living_steps"))
    play = plays.order_by("-start_on", "-pk").first()
    band = (head.account.health or {}).get("band") or ""
    if play is None:
        if not rule.needs_plan(band, False):
            return None
        start = start_url("account", head.account.pk) if head.can_write else ""
        return RecoveryCard(None, "", (), None, "", False, band, start)
    assert play.playbook is not None  # it was asked for by its playbook
    found: list[Step] = play.living_steps
    by_key = {step.key: step for step in found}
    done = {step.key for step in found if step.status in ("done", "skipped")}
    stood = rule.recovery(play.playbook.key, play.status, done)
    stops = [_stop(one, by_key.get(one.step), head.today) for one in stood.stations]
    ahead = next((step for step in found if step.status == "open"), None)
    return RecoveryCard(
        play, stood.label, stops, ahead,
        formats.due(ahead.due_on, head.today) if ahead else "", bool(ahead and _late(ahead, head.today)), band, "",
    )  # fmt: skip


def _stop(station: rule.Station, step: Step | None, today: date) -> Stop:
    if step is None:
        return Stop(station.label, station.reached, "", False)
    if step.status == "open":
        return Stop(station.label, False, formats.due(step.due_on, today), _late(step, today))
    late = rule.in_time(step.due_on, step.done_on) is False
    return Stop(station.label, station.reached, formats.day(step.done_on or step.due_on, today), late)


def _late(step: Step, today: date) -> bool:
    return step_state(step.due_on, step.status, today, timezone.localdate(step.created_at)) == "late"
