"""Where a route can go from where it stands: the stages of its pipeline, and the states beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trackline.align.models import Pipeline, RouteState, Stage
from trackline.align.rules import gate

BESIDE = ("won", "parked", "lost")
"""States that a route can reach even where no stage of its pipeline stands for them."""


def for_new_routes() -> Pipeline | None:
    """Return the pipeline that a route starts in where nobody names another."""
    return Pipeline.objects.alive().filter(is_default=True).first()


def stages_of(pipelines: Iterable[int]) -> list[Stage]:
    """Return the stages of pipelines, each in their order."""
    return list(Stage.objects.alive().filter(pipeline__in=pipelines).order_by("pipeline", "position", "pk"))


def place(route: Any, stages: Sequence[Stage]) -> Stage | None:
    """Return the stage of a pipeline that a route stands in: its own, else the first of its state."""
    named = (stage for stage in stages if stage.key == route.stage)
    return next(named, None) or next((stage for stage in stages if stage.state == route.state), None)


def absent(route: Any, states: Sequence[str]) -> set[str]:
    """Return those of some states that no stage of the route's pipeline stands for; a query only where states are named."""
    if not states or not route.pipeline_id:
        return set()
    held = Stage.objects.alive().filter(pipeline_id=route.pipeline_id, state__in=states)
    return set(states) - set(held.values_list("state", flat=True))


def moves(state: str, here: Stage | None, stages: Sequence[Stage]) -> list[tuple[str, str]]:
    """Return (stage or state, its name) of each move out of a state: stages ahead, those behind, then states beside them.

    `here` is the stage that the route stands in, out of `stages` of its pipeline in their order. Without stages the moves
    are those of the state machine.
    """
    labels = {str(value): str(label) for value, label in RouteState.choices}
    if not stages:
        return [(to, labels[to]) for to in gate.ALLOWED[state]]
    without = set(gate.OPEN) - {stage.state for stage in stages}
    open_to = [
        stage
        for stage in stages
        if stage != here
        and (stage.state == state or gate.allowed(state, stage.state, without))
        and not (stage.state == state and gate.needs_admin(state))
    ]
    at = stages.index(here) if here in stages else -1
    ahead = [stage for stage in open_to if stages.index(stage) > at]
    behind = [stage for stage in reversed(open_to) if stages.index(stage) < at]
    covered = {stage.state for stage in stages}
    beside = [to for to in BESIDE if to in gate.ALLOWED[state] and to not in covered]
    return [(stage.key, stage.name) for stage in (*ahead, *behind)] + [(to, labels[to]) for to in beside]
