"""Whether the open routes of the book are fit for its forecast: what the rule is given, and what each route misses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.ageing import Stood, stood_of
from trackline.align.models import Route, Stage
from trackline.align.rules.gate import DEFAULT_PROBABILITY, OPEN
from trackline.align.rules.hygiene import hygiene
from trackline.choose.models import Step
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

ALIVE = {"deleted_at__isnull": True}


@dataclass(frozen=True)
class Hygiene:
    """The rule's result, what each route misses by its id, and the facts it was judged by."""

    result: Explained
    missed: Mapping[int, list[str]]
    facts: Mapping[int, Mapping[str, Any]]

    def count(self, item: str) -> int:
        """How many routes miss an item."""
        return sum(item in items for items in self.missed.values())


def hygiene_of(ctx: Context, accounts: Collection[int]) -> Hygiene:
    """Judge the open routes of some accounts as they stand today. The number of queries is fixed."""
    routes = [
        route
        for route in scoped(ctx, registry.get("route")).filter(state__in=OPEN).order_by("pk")
        if route.account_id in accounts
    ]
    overrides = Overrides.load(ctx.today)
    stood = stood_of(routes, ctx.today, overrides)
    steps, pushes, stages = _next_steps(), pushes_of(), _stages()
    facts = {route.pk: _facts(route, ctx.today, steps, pushes, stages, stood) for route in routes}
    in_force = overrides.in_force(hygiene, ctx.today)
    given = read_inputs(hygiene.inputs, {"routes": [{"key": str(pk), **own} for pk, own in facts.items()]})
    result: Explained = hygiene.explain(given, in_force, ctx.today)
    return Hygiene(result, {int(one["key"]): one["items"] for one in result.details["missed"]}, facts)


def pushes_of() -> Mapping[int, int]:
    """How often the expected close of each route was moved to a later day, by the ledger."""
    rows = Change.objects.filter(record_type="route", changes__has_key="expected_close_on")
    found: dict[int, int] = {}
    for pk, changes in rows.order_by().values_list("record_id", "changes"):
        before, after = changes["expected_close_on"]
        if before and after and after > before:
            found[pk] = found.get(pk, 0) + 1
    return found


def _next_steps() -> Mapping[int, date]:
    """The day of the earliest open step of the plays that pursue a route."""
    rows = Step.objects.filter(status="open", due_on__isnull=False, play__routes__isnull=False, **ALIVE)
    rows = rows.filter(play__deleted_at__isnull=True, play__status__in=OPEN_PLAYS).order_by()
    return dict(rows.values_list("play__routes").annotate(due=Min("due_on")))


def _stages() -> Mapping[tuple[int, str], Decimal | None]:
    rows = Stage.objects.filter(**ALIVE).values_list("pipeline_id", "key", "probability")
    return {(pipeline, key): probability for pipeline, key, probability in rows}


def _facts(
    route: Route,
    today: date,
    steps: Mapping[int, date],
    pushes: Mapping[int, int],
    stages: Mapping[tuple[int, str], Decimal | None],
    stood: Mapping[int, Stood],
) -> Mapping[str, Any]:
    step, close, place = steps.get(route.pk), route.expected_close_on, stood.get(route.pk)
    usual = stages.get((route.pipeline_id, route.stage)) if route.pipeline_id else None
    if usual is None:
        usual = DEFAULT_PROBABILITY[route.state]
    return {
        "next_step_days": (step - today).days if step else None,
        "close_days": (close - today).days if close else None,
        "ageing_ratio": place.times if place else None,
        "probability_own": route.probability is not None and route.probability != usual,
        "probability_reason": bool(route.probability_override_reason.strip()),
        "pushes": pushes.get(route.pk, 0),
    }
