"""Moving the anchor date of a play: its open steps go along, what is done stays. One batch, so one undo."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from trackline.accounts.workdays import workdays
from trackline.choose.models import Play, Step
from trackline.choose.rules import schedule
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit.policy import Context
from trackline.kit.problems import Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class MovedStep:
    """An open step, its day now and after the move, and what speaks against the new one (`past`, `weekend`, `holiday`)."""

    step: Step
    before: date
    after: date
    conflicts: Sequence[str]


@dataclass(frozen=True)
class Move:
    """What moving the anchor date of a play does: `days` later, or earlier where negative; `stay` are done or skipped."""

    play: Play
    before: date
    after: date
    steps: Sequence[MovedStep]
    stay: int

    @property
    def days(self) -> int:
        """Days by which open steps move."""
        return (self.after - self.before).days


def preview(ctx: Context, pk: Any, anchor_on: date) -> Move:
    """Return what a move would do; writes nothing. Raises `Refused` for a play without an anchor date."""
    play = get(ctx, registry.get("play"), pk)
    if play.anchor_on is None:
        raise Refused("This play has no anchor date. Give it one first.")
    by, business = anchor_on - play.anchor_on, workdays()
    steps = [
        MovedStep(step, step.due_on, after, schedule.conflicts(after, ctx.today, business))
        for step in _open(play)
        if (after := schedule.shifted(step.due_on, by))
    ]
    stay = Step.objects.filter(play=play, deleted_at__isnull=True).exclude(status="open").count()
    return Move(play, play.anchor_on, anchor_on, steps, stay)


def move(ctx: Context, pk: Any, anchor_on: date, *, expected_version: int | None = None) -> Play:
    """Move the anchor date of a play with its open steps. Its `last_change.batch` undoes all of it."""
    with transaction.atomic():
        play: Play = records.update(
            ctx.batched(), registry.get("play"), pk, {"anchor_on": anchor_on}, expected_version=expected_version
        )
    return play


def prepare(play: Any, changed: set[str]) -> None:
    """Remember by how much the anchor date of a play moves; its due date goes along where nobody sets another."""
    before = Play.objects.filter(pk=play.pk).values_list("anchor_on", "due_on").get()
    if before[0] is None or play.anchor_on is None or before[0] == play.anchor_on:
        return
    play.moved_by = play.anchor_on - before[0]
    if play.horizon is None and before[1] is not None and "due_on" not in changed:
        play.due_on = max(play.start_on, schedule.shifted(before[1], play.moved_by))


def follow(ctx: Context, play: Any) -> None:
    """Move the open steps of a play whose anchor date was moved, in the batch of that change."""
    by: timedelta | None = play.__dict__.pop("moved_by", None)
    if not by:
        return
    if ctx.batch is None:
        # The change of the play was written without a batch: its steps join it, so that one undo takes back all.
        ctx = replace(ctx, batch=uuid.uuid4())
        play.last_change.batch = ctx.batch
        play.last_change.save(update_fields=["batch"])
    rtype = registry.get("step")
    for step in _open(play):
        records.update(ctx, rtype, step.pk, {"due_on": schedule.shifted(step.due_on, by)})


def offered(accounts: Collection[int]) -> list[Play]:
    """Return open plays whose renewal has another date by now than their anchor, in one query."""
    rows = Play.objects.filter(
        account__in=accounts, deleted_at__isnull=True, status__in=OPEN_PLAYS, renewal__isnull=False,
        renewal__deleted_at__isnull=True,
        anchor_on__isnull=False,
    )  # fmt: skip
    return list(rows.exclude(renewal__renewal_date=F("anchor_on")).select_related("renewal").order_by("due_on", "pk"))


def _open(play: Any) -> list[Any]:
    rows = Step.objects.filter(play_id=play.pk, deleted_at__isnull=True, status="open", due_on__isnull=False)
    return list(rows.order_by("due_on", "position", "pk"))
