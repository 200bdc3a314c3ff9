"""Hooks of pipelines and stages: a stage in use stays what it is, one pipeline is for new routes."""

from __future__ import annotations

from typing import Any

from trackline.align.models import Pipeline, Route, RouteState, Stage
from trackline.align.rules.gate import DEFAULT_PROBABILITY
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused

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
    if stage.probability is None:
        stage.probability = DEFAULT_PROBABILITY[stage.state]
    if stage._state.adding and "position" not in changed:
        stage.position = Stage.objects.alive().filter(pipeline_id=stage.pipeline_id).count()
    if stage._state.adding or not {"key", "state"} & changed:
        return
    before = Stage.objects.filter(pk=stage.pk).values("key", "state").get()
    if (before["key"], before["state"]) != (stage.key, stage.state):
        _refuse_in_use(stage.name, _routes_in(stage, before["key"]))


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
