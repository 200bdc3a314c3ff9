"""How long routes stand: the thresholds of ALN-07 and PIPE-08, and medians of what was won."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.ageing import Stood, stood_of
from trackline.align.models import Route, RouteTransition
from trackline.align.rules.norms import medians, norms
from trackline.align.services import advance_route

TODAY = NOW.date()


def stand(days: int, state: str = "qualifying", **more: Any) -> Any:
    route = make("route", account=make_account(f"Account {days}"), title="Line 4", type="upsell", state=state, **more)
    since = NOW - timedelta(days=days)
    Route.objects.filter(pk=route.pk).update(state_since=since.date())
    RouteTransition.objects.filter(route=route).update(at=since)
    return Route.objects.get(pk=route.pk)


def stood(route: Any) -> Stood | None:
    return stood_of([route], TODAY, Overrides.load(TODAY)).get(route.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "band"), [(44, "green"), (90, "green"), (91, "amber"), (135, "amber"), (136, "red")])
def test_a_state_is_held_against_its_norm(days: int, band: str) -> None:
    found = stood(stand(days))
    assert found is not None
    assert (found.days, found.usual, found.won, found.band) == (days, Decimal(45), 0, band)


@pytest.mark.django_db
def test_a_pipeline_of_stages_is_held_against_its_stages() -> None:
    found = stood(stand(61, state="pursuing", pipeline="kam7", stage="solution_validation"))
    assert found is not None
    assert (found.usual, found.band) == (Decimal(30), "amber")


@pytest.mark.django_db
def test_closed_routes_stand_nowhere() -> None:
    route = stand(400)
    advance_route(system(), route.pk, "lost", "price")
    assert stood(Route.objects.get(pk=route.pk)) is None


@pytest.mark.django_db
def test_enough_won_routes_replace_the_norm() -> None:
    account = make_account("Won")
    for number in range(norms().least):
        route = make("route", account=account, title=f"Won {number}", type="upsell", state="won")
        RouteTransition.objects.filter(route=route).delete()
        for days, state in ((200, "qualifying"), (180, "pursuing"), (150, "won")):
            RouteTransition.objects.create(route=route, to_state=state, at=NOW - timedelta(days=days))
    found = stood(stand(61))
    assert found is not None
    assert (found.usual, found.won, found.band) == (Decimal(20), norms().least, "red")


def test_a_median_needs_enough_routes() -> None:
    way = [(NOW, "qualifying", ""), (NOW + timedelta(days=10), "pursuing", "")]
    longer = [(NOW, "qualifying", ""), (NOW + timedelta(days=21), "pursuing", "")]
    assert medians([way, longer], 3) == {}
    assert medians([way, longer], 2) == {("qualifying", ""): (15.5, 2)}
