"""A stage that asks for a checklist of the account: refused with what is open, passed over by nobody, advised (NEED-10, CMPT-09)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, make, make_cast, system
from trackline.align.models import Pipeline, Route, Stage
from trackline.align.services import advance_route
from trackline.kit.problems import Refused
from trackline.track.rules.checklists import checklists

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def route_of(account: Any, stage: str) -> Route:
    owner = account.owner
    given = {
        "account": account, "title": "Press line 2", "pipeline": Pipeline.objects.get(key="kam7"), "stage": stage,
        "state": Stage.objects.get(pipeline__key="kam7", key=stage).state, "owner": owner, "value": 100, "type": "new_unit",
        "risk": "low", "effort": "low", "expected_close_on": NOW.date(), "probability": 30,
    }  # fmt: skip
    found: Route = make("route", **given)
    return found


def ready(account: Any) -> None:
    """All six points of NEED-10."""
    boss = make("contact", account=account, name="Eva", influence=5)
    point = make("pain_point", account=account, title="Scrap", money_impact=10, figures_from="customer")
    for at in range(3):
        voter = boss if not at else make("contact", account=account, name=f"Voter {at}", influence=4)
        make("pain_point_vote", pain_point=point, contact=voter, impact=5, urgency=5)
    make("customer_priority", account=account, title="Less waste", fiscal_year=2026, pain_points=[point.pk])
    make("pilot", account=account, title="One line", status="passed", outcome="Halved")
    for item in ("causes", "monitored"):
        make("checklist_answer", account=account, checklist="needs_advance", item=item, answer="yes")


def test_a_solution_waits_for_all_six_and_says_which_are_open(cast: Cast) -> None:
    route = route_of(cast.account, "discovery")
    with pytest.raises(Refused, match=r"Ready for a solution.*data confirm the root causes"):
        advance_route(system(), route.pk, "solution_validation")
    gate = Api(cast.owner).get(f"/routes/{route.pk}/gate?to=solution_validation").json()
    (check,) = [one for one in gate["checks"] if one["field"] == "needs_advance"]
    assert not gate["passed"] and check["value"] == 0 and "Data confirm the root causes" in check["open"]
    ready(cast.account)
    assert advance_route(system(), route.pk, "solution_validation").stage == "solution_validation"


def test_five_of_six_are_not_enough_and_no_jump_passes_the_stage_over(cast: Cast) -> None:
    route = route_of(cast.account, "discovery")
    ready(cast.account)
    answer = cast.account.checklist_answers.get(item="causes")
    answer.answer = "no"
    answer.save()
    for to in ("solution_validation", "proposal"):
        with pytest.raises(Refused, match=r"\(open: data confirm the root causes\) are missing"):
            advance_route(system(), route.pk, to)
    assert advance_route(system(), route.pk, "qualification").stage == "qualification"


def test_a_proposal_is_warned_of_what_is_not_known_of_competitors(cast: Cast) -> None:
    route = route_of(cast.account, "solution_validation")
    gate = Api(cast.owner).get(f"/routes/{route.pk}/gate?to=proposal").json()
    assert [one["field"] for one in gate["warnings"]] == ["competition_ready"] and gate["passed"]
    assert "Overlapping use is watched" in gate["warnings"][0]["open"]
    assert advance_route(system(), route.pk, "proposal").stage == "proposal"


@pytest.mark.parametrize(("key", "steps"), [("needs_method", 10), ("needs_gathering", 7)])
def test_methods_have_their_steps(key: str, steps: int) -> None:
    assert len(checklists()[key].items) == steps and not checklists()[key].opens
