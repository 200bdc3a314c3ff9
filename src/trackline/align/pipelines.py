"""Hooks of pipelines and stages: a stage in use stays what it is, one pipeline is for new routes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.db import transaction

from trackline.align.models import Pipeline, Route, RouteState, Stage
from trackline.align.rules.gate import DEFAULT_PROBABILITY
from trackline.align.rules.stage_checks import CHECKS, unknown
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

Links = dict[str, list[int]]
NAMED = 3


def prepare_pipeline(_ctx: Context, pipeline: Any, changed: set[str], _links: Links) -> None:
    """Keep the pipeline for new routes switched on, and one of them."""
    if pipeline.is_default and not pipeline.active:
        raise Invalid.fields({"active": "New routes start in this pipeline. Choose another for them first."})
    others = Pipeline.objects.alive().filter(is_default=True).exclude(pk=pipeline.pk)
    if "is_default" in changed and not pipeline.is_default and not others.exists() and pipeline.pk:
        raise Invalid.fields({"is_default": "One pipeline is for new routes. Choose the other one instead."})


def after_pipeline(_ctx: Context, pipeline: Any, changed: set[str], _created: bool) -> None:
    """Take "for new routes" off the others."""
    if pipeline.is_default and "is_default" in changed:
        Pipeline.objects.filter(is_default=True).exclude(pk=pipeline.pk).update(is_default=False)


def allow_pipeline_delete(_ctx: Context, pipeline: Any) -> None:
    """Refuse to delete a pipeline that routes stand in, or that new ones start in."""
    if pipeline.is_default:
        raise Refused(f"New routes start in {pipeline.name}. Choose another pipeline for them first.")
    _refuse_in_use(pipeline.name, Route.objects.filter(pipeline=pipeline, deleted_at__isnull=True))


def first_state(_ctx: Context) -> str:
    """Default the state of a stage to the first."""
    return RouteState.IDENTIFIED.value


def prepare_stage(_ctx: Context, stage: Any, changed: set[str], _links: Links) -> None:
    """Default the probability to that of the state, stand last; keep key and state while routes stand in the stage."""
    for name in ("needs", "advises"):
        strange = unknown(getattr(stage, name))
        if strange:
            raise Invalid.fields({name: f"{', '.join(strange)}: one of {', '.join(CHECKS)} is expected."})
    stage.advises = [key for key in stage.advises if key not in stage.needs]
    if stage.probability is None:
        stage.probability = DEFAULT_PROBABILITY[stage.state]
    if stage._state.adding and "position" not in changed:
        stage.position = Stage.objects.alive().filter(pipeline_id=stage.pipeline_id).count()
    if stage._state.adding or not {"key", "state"} & changed:
        return
    before = Stage.objects.filter(pk=stage.pk).values("key", "state").get()
    if (before["key"], before["state"]) != (stage.key, stage.state):
        _refuse_in_use(stage.name, _routes_in(stage, before["key"]))


def move_stage(ctx: Context, pk: int, step: int) -> Any:
    """Move a stage by one place (-1 up, 1 down) in its pipeline, as one undoable batch; return it as it then stands."""
    rtype = registry.get("stage")
    ctx.require(rtype.write_permission)
    stage = get(ctx, rtype, pk)
    order = list(Stage.objects.alive().filter(pipeline=stage.pipeline_id).order_by("position", "pk"))
    at = next(place for place, one in enumerate(order) if one.pk == stage.pk)
    to = at + step
    if not 0 <= to < len(order):
        raise Refused(f"{stage.name} is {'first' if step < 0 else 'last'} already.")
    order[at], order[to] = order[to], order[at]
    batched = replace(ctx, batch=ctx.batch or uuid.uuid4())
    with transaction.atomic():
        for place, one in enumerate(order):
            if one.position != place:
                moved = records.update(batched, rtype, one.pk, {"position": place})
                stage = moved if one.pk == stage.pk else stage
    return stage


def retire_stage(ctx: Context, pk: int, to: int | None) -> uuid.UUID:
    """Move the routes that stand in a stage to another one of its pipeline and delete it; return the batch that undoes it.

    Nothing happens where a route does not pass the gate of the other stage. Raises `Refused`, `Invalid` for a strange `to`.
    """
    rtype = registry.get("stage")
    ctx.require(rtype.write_permission)
    stage = get(ctx, rtype, pk)
    batch = uuid.uuid4()
    batched = replace(ctx, batch=batch, note=f"Stage {stage.name} is removed")
    with transaction.atomic():
        routes = list(_routes_in(stage, stage.key).values_list("pk", flat=True))
        if routes:
            other = (
                Stage.objects.alive().filter(pipeline=stage.pipeline_id, pk=to).exclude(pk=pk).first() if to else None
            )
            if other is None:
                raise Invalid.fields({"to": f"{len(routes)} routes stand here. Choose the stage that they go to."})
            for route in routes:
                records.update(batched, registry.get("route"), route, {"stage": other.key})
        records.delete(batched, rtype, pk)
    return batch


def allow_stage_delete(_ctx: Context, stage: Any) -> None:
    """Refuse to delete a stage that routes stand in."""
    _refuse_in_use(stage.name, _routes_in(stage, stage.key))


def _routes_in(stage: Any, key: str) -> Any:
    return Route.objects.filter(pipeline_id=stage.pipeline_id, stage=key, deleted_at__isnull=True)


def _refuse_in_use(name: str, routes: Any) -> None:
    count = routes.count()
    if not count:
        return
    titles = list(routes.order_by("-updated_at").values_list("title", flat=True)[:NAMED])
    more = f" and {count - NAMED} more" if count > NAMED else ""
    raise Refused(
        f"{count} route{'s stand' if count > 1 else ' stands'} in {name}: {', '.join(titles)}{more}. "
        f"Move {'them' if count > 1 else 'it'} to another stage first.",
        [{"loc": ["__all__"], "msg": title} for title in titles],
    )
