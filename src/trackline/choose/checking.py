"""Steps that the records answer: what each lacks, and doing those that are met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q

from trackline.accounts import upkeep
from trackline.accounts.gathering import is_gathered
from trackline.choose import evidence
from trackline.choose.models import Step
from trackline.choose.rules import checks
from trackline.choose.rules.checks import Answer
from trackline.choose.rules.conditions import Seen
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit.policy import Context, system_context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.kit.statements import NUMBERS, Statement

ALIVE = Q(deleted_at__isnull=True)
FOLLOWED = frozenset(
    {
        "account", "contact", "interaction", "issue", "goal", "kpi", "customer_priority", "value_outcome", "route",
        "renewal_cycle", "meeting", "action", "cadence",
    }
)  # fmt: skip
"""Types of records whose writes may meet a step. Readings in bulk are looked at by the daily run."""


def answers(steps: Sequence[Step], today: date) -> Mapping[int, Answer]:
    """Return what the records say about the steps that have a check, by step: a query a kind of fact.

    `steps` come with their `play`.
    """
    asked = [step for step in steps if step.condition]
    if not asked:
        return {}
    accounts = sorted({step.play.account_id for step in asked})
    since = min(step.play.start_on for step in asked)
    rows = evidence.facts(accounts, checks.reads(step.condition for step in asked), since, today)
    return {
        step.pk: checks.answer(
            step.condition,
            Seen(
                rows[step.play.account_id],
                checks.counts_since(step.condition, step.play.start_on, step.due_on),
                today,
            ),
        )
        for step in asked
    }


def settle(ctx: Context, accounts: Iterable[int]) -> int:
    """Do the open steps of some accounts that the records meet by now, and return how many.

    A step is done so once: who opens it again keeps it open.
    """
    waiting = [pk for (pk,) in _waiting.rows(list(accounts))]
    if not waiting:
        return 0
    steps = list(Step.objects.filter(pk__in=waiting).select_related("play").order_by("pk"))
    found = answers(steps, ctx.today)
    by = replace(system_context(ctx.now), batch=ctx.batch, zone=ctx.zone)
    met = [step for step in steps if found[step.pk].met]
    for step in met:
        records.update(by, registry.get("step"), step.pk, {"status": "done", "evidence": found[step.pk].says})
    return len(met)


_waiting = Statement(
    lambda accounts: (
        Step.objects.filter(
            ALIVE, play__account__in=accounts, play__deleted_at__isnull=True, play__status__in=OPEN_PLAYS,
            status="open", checked_on__isnull=True,
        )
        .exclude(condition={})
        .order_by()
        .values_list("pk")
    ),
    NUMBERS,
)  # fmt: skip
"""Compiled once: it runs with most writes on an account, and mostly finds nothing."""


def listen() -> None:
    """Subscribe to the writes that may meet a step; be part of the upkeep of accounts."""
    records.subscribers.append(_on_write)
    upkeep.after_scores(settle)


def _on_write(ctx: Context, event: Any) -> None:
    if event.rtype.name not in FOLLOWED or event.account_id is None or event.action == "delete":
        return
    if not is_gathered(event.account_id):
        settle(ctx, [event.account_id])
