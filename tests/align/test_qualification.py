"""Qualification of routes: what a finding needs, the newest one counts, the worked examples of QUAL-03 on records."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.models import Qualification
from trackline.align.qualification import Standing, findings_of, standing
from trackline.align.rules.guide import guide
from trackline.align.rules.qualification import DIMENSIONS
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
EXAMPLE = dict(zip(DIMENSIONS, (4, 5, 3, 3, 5, 4, 3, 4), strict=True))


@pytest.fixture
def route() -> Any:
    return make("route", account=make_account(tier=1), title="Trace for line 4", type="cross_sell")


def find(route: Any, dimension: str, score: int, **more: Any) -> Any:
    if score >= guide().evidence_from:
        more = {"evidence": "Minutes of the board, item 4", **more}
    if dimension == "economic_buyer" and score >= guide().buyer_from:
        more.setdefault("contact", make("contact", account=route.account, name="Sabine Keller"))
    return make("qualification", route=route, dimension=dimension, score=score, **more)


def now(route: Any, tier: int | None = 1) -> Standing:
    return standing(findings_of([route.pk]).get(route.pk, {}), Overrides.load(TODAY), TODAY, tier=tier)


def test_the_worked_example_passes_tier_1(route: Any) -> None:
    for dimension, score in EXAMPLE.items():
        find(route, dimension, score)
    assert (now(route).result.value, now(route).passed, now(route).reasons) == (80, True, [])


def test_the_newest_finding_of_a_dimension_counts(route: Any) -> None:
    for dimension, score in EXAMPLE.items():
        find(route, dimension, score, on=TODAY - timedelta(days=10))
    find(route, "champion", 2)
    find(route, "decision_process", 2)
    find(route, "metrics", 0, on=TODAY - timedelta(days=40))
    assert (now(route).result.value, now(route).passed, now(route, tier=2).passed) == (72, False, True)
    assert now(route).reasons == ["below the cut of 75"]
    find(route, "economic_buyer", 1)
    find(route, "champion", 4)
    find(route, "decision_process", 3)
    assert (now(route, tier=2).result.value, now(route, tier=2).reasons) == (68, ["no economic buyer who backs it"])


@pytest.mark.parametrize("score", [0, 2, 3, 5])
def test_a_documented_score_needs_its_evidence(route: Any, score: int) -> None:
    if score < guide().evidence_from:
        assert make("qualification", route=route, dimension="metrics", score=score).on == TODAY
        return
    with pytest.raises(Invalid, match="evidence"):
        make("qualification", route=route, dimension="metrics", score=score, evidence="  ")


def test_a_backing_economic_buyer_is_a_person_of_the_account(route: Any) -> None:
    with pytest.raises(Invalid, match="named executive"):
        make("qualification", route=route, dimension="economic_buyer", score=3, evidence="Said so in the review")
    stranger = make("contact", account=make_account("Nordwall"), name="Stefan Brandes")
    with pytest.raises(Invalid):
        find(route, "economic_buyer", 3, contact=stranger)
    assert find(route, "economic_buyer", 2).score == 2


def test_findings_are_not_dated_ahead_and_keep_their_dimension(route: Any) -> None:
    with pytest.raises(Invalid, match="future"):
        find(route, "plus", 2, on=TODAY + timedelta(days=1))
    found = find(route, "plus", 2, on=date(2026, 11, 1))
    with pytest.raises(Invalid):
        services.update(system(), registry.get("qualification"), found.pk, {"dimension": "metrics"})


@pytest.mark.parametrize(("days", "stale"), [(30, None), (31, 31)])
def test_findings_older_than_thirty_days_are_stale(route: Any, days: int, stale: int | None) -> None:
    find(route, "plus", 2, on=TODAY - timedelta(days=days))
    assert now(route).stale_days == stale


def test_nothing_known_is_asked_for_first(route: Any) -> None:
    found = now(route)
    assert (found.result.value, found.passed, found.on) == (Decimal(0), False, None)
    assert [gap.key for gap in found.gaps if gap.weak] == ["metrics", "economic_buyer", "identify_pain"]
    assert all(gap.question == gap.topic.ask[0] for gap in found.gaps)


@pytest.mark.parametrize(("score", "at"), [(None, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 3)])
def test_each_score_has_its_question(score: int | None, at: int) -> None:
    topic = guide().topics["champion"]
    assert topic.question(score) == topic.ask[at]
    assert topic.question(5) == ""


def test_a_deleted_finding_counts_no_more(route: Any) -> None:
    found = find(route, "plus", 4)
    services.delete(system(), registry.get("qualification"), found.pk)
    assert now(route).result.value == 0
    assert Qualification.objects.count() == 1
