"""How long open routes have stood where they are, against what is usual there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max
from django.utils import timezone

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Pipeline, Route, RouteTransition
from trackline.align.rules.gate import OPEN
from trackline.align.rules.norms import Place, Step, medians, norms
from trackline.align.rules.pipeline import Standstill, ageing


@dataclass(frozen=True)
class Stood:
    """Days a route has stood in its place, the usual days there, and the colour of their ratio.

    `won` is the number of won routes that the usual days are the median of; 0 where the book has too few and the
    figure is the rulebook's.
    """

    days: int
    usual: Decimal
    won: int
    times: Decimal
    band: str


def stood_of(
    routes: Sequence[Any], on: date, overrides: Overrides, *, tier: int | None = None, account_id: int | None = None
) -> Mapping[int, Stood]:
    """Return how long each open route has stood, by its id; four queries at most. Source: ALN-07, PIPE-08."""
    opened = [route for route in routes if route.state in OPEN]
    if not opened:
        return {}
    keys = dict(Pipeline.objects.filter(pk__in={route.pipeline_id for route in opened}).values_list("pk", "key"))
    staged = {pk for pk, key in keys.items() if key in norms().by_stage}
    since = _stage_since([route.pk for route in opened if route.pipeline_id in staged])
    own = _own_medians({route.pipeline_id for route in opened}, staged)
    in_force = overrides.in_force(ageing, on, tier=tier, account_id=account_id)
    found = {}
    for route in opened:
        by_stage = route.pipeline_id in staged
        began = since.get(route.pk, route.state_since) if by_stage else route.state_since
        place = (route.state, route.stage if by_stage else "")
        usual, won = own.get((route.pipeline_id if by_stage else None, place), (None, 0))
        if usual is None:
            usual = norms().fallback(keys.get(route.pipeline_id, ""), place)
        if began is None or not usual:
            continue
        days = max((on - began).days, 0)
        told = ageing.explain(Standstill(days_in_stage=Decimal(days), median_days=Decimal(usual)), in_force, on)
        found[route.pk] = Stood(days, Decimal(usual), won, Decimal(str(told.value)), str(told.band))
    return found


def _stage_since(routes: Sequence[int]) -> Mapping[int, date]:
    """The day on which routes came into the stage they stand in."""
    if not routes:
        return {}
    rows = RouteTransition.objects.filter(route__in=routes, to_stage=F("route__stage"))
    rows = rows.exclude(from_stage=F("to_stage")).order_by()
    return {pk: timezone.localdate(at) for pk, at in rows.values_list("route").annotate(at=Max("at"))}


def _own_medians(pipelines: set[int | None], staged: set[int]) -> Mapping[tuple[int | None, Place], tuple[float, int]]:
    """The book's own medians: by stage in pipelines that count by stage, by state over all others together."""
    won = Route.objects.filter(state="won", deleted_at__isnull=True).order_by("-closed_on", "-pk")
    newest = won.values("pk")[: norms().recent]
    rows = RouteTransition.objects.filter(route__in=list(newest.values_list("pk", flat=True))).order_by("route", "at")
    ways: dict[tuple[int | None, int], list[Step]] = {}
    for pk, pipeline, at, state, stage in rows.values_list("route", "route__pipeline", "at", "to_state", "to_stage"):
        by_stage = pipeline in staged
        way = ways.setdefault((pipeline if by_stage else None, pk), [])
        place = (state, stage if by_stage else "")
        if not way or way[-1][1:] != place:
            way.append((at, *place))
    found: dict[tuple[int | None, Place], tuple[float, int]] = {}
    for group in {None, *(pipelines & staged)}:
        listed = [way for (owner, _), way in ways.items() if owner == group]
        found |= {(group, place): told for place, told in medians(listed, norms().least).items()}
    return found
