"""Moves of a route: ALN-02's table, its guards and worked examples, ALN-03's probabilities."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.align.models import RouteTransition
from trackline.align.rules import gate
from trackline.align.services import advance_route, gate_of
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

ROUTE = registry.get("route")


def make_route(**more: Any) -> Any:
    owner = more.pop("owner", None) or make_user("katrin")
    data = {"account": make_account(), "title": "Line 4", "type": "upsell", "value": 120_000, "owner": owner}
    return make("route", **(data | more))


def test_identified_to_won_is_not_a_move() -> None:
    with pytest.raises(Refused, match="cannot go from Identified to Won"):
        advance_route(system(), make_route().pk, "won")


@pytest.mark.parametrize("current", gate.ALLOWED)
@pytest.mark.parametrize("wanted", gate.ALLOWED)
def test_the_table_of_moves(current: str, wanted: str) -> None:
    assert gate.allowed(current, wanted) == (wanted in gate.ALLOWED[current])


def test_every_missing_field_is_named() -> None:
    route = make_route()
    advance_route(system(), route.pk, "qualifying")
    with pytest.raises(Refused) as problem:
        advance_route(system(), route.pk, "pursuing")
    assert [error["loc"] for error in problem.value.errors] == [["expected_close_on"]]
    moved = advance_route(system(), route.pk, "pursuing", expected_close_on=NOW.date())
    assert (moved.state, moved.probability, moved.stage) == ("pursuing", Decimal(60), "pursuing")


def test_won_dates_the_closing_and_writes_the_transition() -> None:
    route = make_route(state="pursuing", expected_close_on=NOW.date())
    won = advance_route(system(), route.pk, "won", "signed")
    assert (won.closed_on, won.probability) == (NOW.date(), Decimal(100))
    moves = list(RouteTransition.objects.filter(route=route).values_list("from_state", "to_state", "reason"))
    assert moves == [("", "pursuing", ""), ("pursuing", "won", "signed")]


def test_lost_needs_a_reason() -> None:
    route = make_route()
    with pytest.raises(Refused) as problem:
        advance_route(system(), route.pk, "lost")
    assert problem.value.errors[0]["loc"] == ["close_reason"]
    assert advance_route(system(), route.pk, "lost", "price").close_reason == "price"


@pytest.mark.parametrize(("days", "fits"), [(180, True), (181, False), (200, False), (0, True), (-1, False)])
def test_parking_is_limited(days: int, fits: bool) -> None:
    route = make_route()
    revisit = NOW.date() + timedelta(days=days)
    if fits:
        assert advance_route(system(), route.pk, "parked", "timing", revisit_on=revisit).state == "parked"
    else:
        with pytest.raises(Invalid):
            advance_route(system(), route.pk, "parked", "timing", revisit_on=revisit)


def test_reopening_needs_an_administrator_and_a_reason() -> None:
    route = make_route(state="won")
    with pytest.raises(Forbidden):
        advance_route(as_user(make_user("tim")), route.pk, "pursuing", "signed too early")
    admin = as_user(make_user("ada", role="admin"))
    with pytest.raises(Refused, match="reason"):
        advance_route(admin, route.pk, "pursuing")
    assert advance_route(admin, route.pk, "pursuing", "signed too early").closed_on is None


def test_patching_the_state_runs_the_same_gate() -> None:
    route = make_route()
    with pytest.raises(Refused):
        services.update(system(), ROUTE, route.pk, {"state": "pursuing"})


def test_a_stage_of_a_pipeline_sets_state_and_probability() -> None:
    route = make_route(pipeline="kam7", stage="lead")
    assert (route.state, route.probability) == ("identified", Decimal(5))
    moved = advance_route(system(), route.pk, "discovery")
    assert (moved.state, moved.stage, moved.probability) == ("qualifying", "discovery", Decimal(25))
    with pytest.raises(Invalid, match="negotiation"):
        services.update(system(), ROUTE, route.pk, {"stage": "nonsense"})


def test_the_gate_lists_passed_checks_too() -> None:
    found = gate_of(make_route(), "qualifying")
    assert {row["field"]: row["passed"] for row in found} == {"owner": True, "type": True, "value": True}


def test_a_manual_probability_is_kept() -> None:
    assert make_route(probability=Decimal(85)).probability == 85


def test_undo_takes_a_move_back() -> None:
    route = make_route()
    moved = advance_route(system(), route.pk, "qualifying")
    undone = services.undo(system(), moved.last_change.pk)
    assert (undone.state, undone.probability) == ("identified", Decimal(10))
