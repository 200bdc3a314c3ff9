"""Where routes stand and where they can go: the pipeline they start in, the stages beside them, states left out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.align.models import Pipeline, RouteTransition
from trackline.align.rules import gate
from trackline.align.services import advance_route
from trackline.kit.problems import Refused
from trackline.kit.records import services
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def make_route(**more: Any) -> Any:
    return make("route", **({"account": make_account(), "title": "Trace", "type": "upsell"} | more))


def update(route: Any, **data: Any) -> Any:
    return services.update(system(), registry.get("route"), route.pk, data)


def test_a_new_route_stands_in_the_pipeline_for_new_ones() -> None:
    assert (make_route().pipeline.key, make_route(state="pursuing").stage) == ("track", "pursuing")
    services.update(system(), registry.get("pipeline"), Pipeline.objects.get(key="kam7").pk, {"is_default": True})
    route = make_route()
    assert (route.pipeline.key, route.stage, route.probability) == ("kam7", "lead", 5)


def test_another_pipeline_keeps_the_state_and_finds_its_stage() -> None:
    route = make_route(state="qualifying")
    kam7 = Pipeline.objects.get(key="kam7")
    moved = update(route, pipeline=kam7.pk)
    assert (moved.state, moved.stage) == ("qualifying", "qualification")
    change = moved.last_change
    assert set(change.changes) >= {"pipeline", "stage"}
    assert RouteTransition.objects.filter(route=route).order_by("at", "pk").last().to_stage == "qualification"


def test_states_that_no_stage_stands_for_are_passed_over_with_what_they_ask() -> None:
    own = make("pipeline", name="Partners")
    for name, state in (("Talks", "identified"), ("Signing", "pursuing"), ("Signed", "won")):
        make("stage", pipeline=own, name=name, state=state)
    route = make_route(pipeline=own, stage="talks")
    with pytest.raises(Refused) as problem:
        advance_route(system(), route.pk, "signing")
    assert [error["loc"] for error in problem.value.errors] == [["owner"], ["value"], ["expected_close_on"]]
    moved = advance_route(
        system(), route.pk, "signing", owner=make_user("kv").pk, value=100, expected_close_on=NOW.date()
    )
    assert (moved.state, moved.stage) == ("pursuing", "signing")
    assert advance_route(system(), route.pk, "talks").state == "identified"
    with pytest.raises(Refused, match="cannot go from Identified to Won"):
        advance_route(system(), route.pk, "signed")


def test_the_usual_pipeline_leaves_no_state_out() -> None:
    with pytest.raises(Refused, match="cannot go from Identified to Pursuing"):
        advance_route(system(), make_route().pk, "pursuing")


def test_states_between_two() -> None:
    assert gate.between("identified", "won") == ("qualifying", "pursuing")
    assert gate.between("pursuing", "identified") == ("qualifying",)
    assert gate.between("identified", "qualifying") == gate.between("won", "identified") == ()


def test_a_move_is_taken_back_with_its_stage() -> None:
    kam7 = Pipeline.objects.get(key="kam7")
    route = make_route(pipeline=kam7, stage="solution_validation")
    batched = system().batched()
    moved = services.update(batched, registry.get("route"), route.pk, {"stage": "proposal"})
    assert moved.probability == 65
    undo_batch(system(), batched.batch)
    route.refresh_from_db()
    assert (route.stage, route.probability) == ("solution_validation", 45)
