"""Pipelines and stages: what is in use stays what it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.align.models import Pipeline, Stage
from trackline.align.pipelines import move_stage, retire_stage
from trackline.align.services import advance_route, stage_gate
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal() -> Stage:
    return Stage.objects.get(pipeline__key="kam7", key="proposal")  # type: ignore[no-any-return]


def route_in(stage: Stage) -> Any:
    return make(
        "route",
        account=make_account(),
        title="Trace for line 4",
        type="upsell",
        pipeline=stage.pipeline,
        stage=stage.key,
    )


def test_a_stage_in_use_cannot_go(proposal: Stage) -> None:
    route_in(proposal)
    with pytest.raises(Refused, match=r"1 route stands in Proposal: Trace for line 4. Move it"):
        services.delete(system(), registry.get("stage"), proposal.pk)


def test_a_stage_without_routes_goes(proposal: Stage) -> None:
    services.delete(system(), registry.get("stage"), proposal.pk)
    assert not Stage.objects.alive().filter(pk=proposal.pk).exists()


@pytest.mark.parametrize("data", [{"state": "qualifying"}, {"key": "offer"}])
def test_key_and_state_of_a_stage_in_use_stay(proposal: Stage, data: dict[str, str]) -> None:
    route_in(proposal)
    with pytest.raises(Refused):
        services.update(system(), registry.get("stage"), proposal.pk, data)


def test_name_and_probability_of_a_stage_in_use_change(proposal: Stage) -> None:
    route_in(proposal)
    services.update(system(), registry.get("stage"), proposal.pk, {"name": "Offer", "probability": 70})
    assert Stage.objects.get(pk=proposal.pk).name == "Offer"


def test_one_pipeline_is_for_new_routes() -> None:
    pipeline = registry.get("pipeline")
    kam7, track = Pipeline.objects.get(key="kam7"), Pipeline.objects.get(key="track")
    services.update(system(), pipeline, kam7.pk, {"is_default": True})
    assert list(Pipeline.objects.filter(is_default=True)) == [kam7]
    with pytest.raises(Invalid, match="Choose another"):
        services.update(system(), pipeline, kam7.pk, {"active": False})
    with pytest.raises(Invalid, match="One pipeline"):
        services.update(system(), pipeline, kam7.pk, {"is_default": False})
    with pytest.raises(Refused, match="New routes start"):
        services.delete(system(), pipeline, kam7.pk)
    services.delete(system(), pipeline, track.pk)


def test_a_pipeline_with_routes_cannot_go(proposal: Stage) -> None:
    route_in(proposal)
    with pytest.raises(Refused, match="1 route stands in Key account"):
        services.delete(system(), registry.get("pipeline"), proposal.pipeline_id)


def test_pipeline_and_stages_need_a_name_only() -> None:
    pipeline = make("pipeline", name="Partner deals")
    first, second = make("stage", pipeline=pipeline, name="Intro"), make("stage", pipeline=pipeline, name="Intro")
    assert pipeline.key == "partner-deals"
    assert [(stage.key, stage.state, stage.probability, stage.position) for stage in (first, second)] == [
        ("intro", "identified", 10, 0),
        ("intro-2", "identified", 10, 1),
    ]
    assert make("stage", pipeline=pipeline, name="Offer", state="pursuing").probability == 60


def test_renewal_cycle_takes_its_date_from_contract_or_account() -> None:
    account = make_account(renewal_date=date(2027, 9, 30))
    contract = make("contract", account=account, ref="C-1", end_on=date(2027, 3, 31))
    assert make("renewal_cycle", account=account).renewal_date == date(2027, 9, 30)
    assert make("renewal_cycle", account=account, contract=contract).renewal_date == date(2027, 3, 31)
    with pytest.raises(Invalid, match="renewal_date"):
        make("renewal_cycle", account=make_account("Undated"))


def finding(route: Any, dimension: str, score: int) -> None:
    more = {"contact": make("contact", account=route.account, name="Sabine Keller")} if score > 2 else {}
    make("qualification", route=route, dimension=dimension, score=score, evidence="Minutes, item 4", **more)


def set_gate(stage: Stage, **gate: list[str]) -> None:
    services.update(system(), registry.get("stage"), stage.pk, gate)


def test_a_stage_asks_for_more_than_its_state(proposal: Stage) -> None:
    set_gate(proposal, needs=["product", "economic_buyer"])
    route = route_in(Stage.objects.get(pipeline=proposal.pipeline, key="solution_validation"))
    finding(route, "economic_buyer", 2)
    with pytest.raises(
        Refused, match="Not moved to Proposal: a product, an economic buyer who backs it are missing"
    ) as no:
        advance_route(system(), route.pk, "proposal")
    assert [error["loc"] for error in no.value.errors] == [["product"], ["economic_buyer"]]
    finding(route, "economic_buyer", 3)
    product = make("product", name="Trace")
    assert advance_route(system(), route.pk, "proposal", product=product.pk).stage == "proposal"
    assert advance_route(system(), route.pk, "solution_validation").stage == "solution_validation"


def test_advice_stops_nobody_and_is_told() -> None:
    lead = Stage.objects.get(pipeline__key="kam7", key="lead")
    route = route_in(lead)
    services.update(system(), registry.get("route"), route.pk, {"value": 1000, "owner": make_user("tim").pk})
    route.refresh_from_db()
    needed, advised = stage_gate(route, "discovery", NOW.date())
    assert (needed, [(check["field"], check["passed"]) for check in advised]) == ([], [("qualification", False)])
    assert advance_route(system(), route.pk, "discovery").stage == "discovery"
    route.refresh_from_db()
    assert stage_gate(route, "lead", NOW.date()) == ([], [])


def test_a_gate_is_made_of_checks_that_exist(proposal: Stage) -> None:
    with pytest.raises(Invalid, match="luck"):
        set_gate(proposal, needs=["luck"])
    set_gate(proposal, needs=["value"], advises=["value", "goal"])
    assert Stage.objects.get(pk=proposal.pk).advises == ["goal"]


def test_routes_of_a_removed_stage_go_to_another_one_and_come_back(proposal: Stage) -> None:
    route = route_in(proposal)
    negotiation = Stage.objects.get(pipeline=proposal.pipeline, key="negotiation")
    with pytest.raises(Invalid, match="Choose the stage"):
        retire_stage(system(), proposal.pk, None)
    lead = Stage.objects.get(pipeline__key="track", key="identified")
    with pytest.raises(Invalid, match="Choose the stage"):
        retire_stage(system(), proposal.pk, lead.pk)
    batch = retire_stage(system(), proposal.pk, negotiation.pk)
    route.refresh_from_db()
    assert (route.stage, Stage.objects.alive().filter(pk=proposal.pk).exists()) == ("negotiation", False)
    undo_batch(system(), batch)
    route.refresh_from_db()
    assert (route.stage, Stage.objects.alive().filter(pk=proposal.pk).exists()) == ("proposal", True)


def test_a_route_that_does_not_pass_keeps_the_stage(proposal: Stage) -> None:
    route = route_in(proposal)
    negotiation = Stage.objects.get(pipeline=proposal.pipeline, key="negotiation")
    set_gate(negotiation, needs=["goal"])
    with pytest.raises(Refused, match="a goal that it serves is missing"):
        retire_stage(system(), proposal.pk, negotiation.pk)
    route.refresh_from_db()
    assert (route.stage, Stage.objects.alive().filter(pk=proposal.pk).exists()) == ("proposal", True)


def test_stages_change_places(proposal: Stage) -> None:
    def order() -> list[str]:
        return [stage.key for stage in Stage.objects.alive().filter(pipeline=proposal.pipeline).order_by("position")]

    before = order()
    moved = move_stage(system(), proposal.pk, -1)
    at = before.index("proposal")
    assert order() == [*before[: at - 1], "proposal", before[at - 1], *before[at + 1 :]]
    undo_batch(system(), moved.last_change.batch)
    assert order() == before
    with pytest.raises(Refused, match="first already"):
        move_stage(system(), Stage.objects.get(pipeline=proposal.pipeline, key="lead").pk, -1)
