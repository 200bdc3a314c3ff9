"""Pipelines and stages: what is in use stays what it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.factories import make, make_account, system
from trackline.align.models import Pipeline, Stage
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
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
