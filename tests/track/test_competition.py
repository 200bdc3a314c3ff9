"""Competitors of an account: weights, assessments, standings, and what their sightings feed (CMPT)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, Cast, make, make_account, make_cast, system
from trackline.accounts.models import Score
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import registry
from trackline.track.competition import intrusions_of, standings
from trackline.track.models import Competitor
from trackline.track.rules.competition import DIMENSIONS
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
WEIGHTS = {f"weight_{key}": weight for key, weight in zip(DIMENSIONS, (30, 25, 20, 15, 10), strict=True)}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def scored(*scores: int | None) -> dict[str, Any]:
    return dict(zip(DIMENSIONS, scores, strict=True))


def test_weights_make_a_hundred_together_and_stand_once() -> None:
    account = make_account()
    with pytest.raises(Invalid) as problem:
        make("competitive_position", account=account, **WEIGHTS | {"weight_risk_posture": 5})
    assert "make 95" in problem.value.errors[0]["msg"]
    position = make("competitive_position", account=account)
    assert sum(position.weights.values()) == 100
    with pytest.raises(Invalid, match="has a competitive position"):
        make("competitive_position", account=account)
    rtype = registry.get("competitive_position")
    with pytest.raises(Invalid):
        services.update(system(), rtype, position.pk, {"weight_solution_fit": 30})
    services.update(system(), rtype, position.pk, WEIGHTS)


def test_the_worked_example_over_two_vendors() -> None:
    account = make_account()
    make("competitive_position", account=account, **WEIGHTS, **scored(4, 3, 4, 3, 4))
    make("competitor", account=account, name="X", **scored(3, 4, 2, 4, 4))
    make("competitor", account=account, name="Y", **scored(5, 5, 4, 5, 4))
    make("competitor", account=account, name="Z")
    first, second, last = standings(list(Competitor.objects.select_related("account")), TODAY)
    assert (first.record.name, first.gap.value, first.suggested) == ("Y", Decimal("-1.1"), "disrupt")
    assert (second.record.name, second.gap.value, second.suggested) == ("X", Decimal("0.3"), "differentiate")
    assert (last.gap.value, last.suggested) == (None, None)
    assert (first.needs_action, second.needs_action, last.needs_action) == (True, False, False)
    assert last.stale and not first.stale


def test_a_priority_is_quiet_once_something_dated_is_planned(cast: Cast) -> None:
    rtype = registry.get("competitor")
    one = make("competitor", account=cast.account, name="X", owner=cast.owner)
    make("competitor_sighting", competitor=one, on=TODAY, kind="pilot", summary="On line 2")
    found = to_json(system(), rtype, one)
    assert (found["intrusions"], found["needs_action"], found["gap"], found["suggested_stance"]) == (
        1,
        True,
        None,
        None,
    )
    planned = {"next_action": "Show the roadmap", "next_action_on": TODAY + timedelta(days=9)}
    services.update(system(), rtype, one.pk, planned)
    assert to_json(system(), rtype, Competitor.objects.get())["needs_action"] is False


def test_scores_date_the_assessment() -> None:
    one = make("competitor", account=make_account(), name="X")
    assert one.assessed_on is None
    later = system(NOW + timedelta(days=40))
    changed = services.update(later, registry.get("competitor"), one.pk, {"solution_fit": 3})
    assert changed.assessed_on == later.today
    kept = services.update(later, registry.get("competitor"), one.pk, {"note": "Met them at the fair"})
    assert kept.assessed_on == later.today


def test_sightings_are_known_by_their_sources_and_lie_in_the_past() -> None:
    one = make("competitor", account=make_account(), name="X")
    rtype = registry.get("competitor_sighting")
    for sources, known in ((1, "rumour"), (2, "probable"), (3, "confirmed")):
        seen = make("competitor_sighting", competitor=one, on=TODAY, kind="other", summary="A fair", sources=sources)
        assert to_json(system(), rtype, seen)["confidence"] == known
    with pytest.raises(Invalid, match="not happened yet"):
        make("competitor_sighting", competitor=one, on=TODAY + timedelta(days=1), kind="pilot", summary="Soon")


def test_intrusions_feed_the_relationship_score_where_competitors_are_kept() -> None:
    account, other = make_account(), make_account("Other")
    one = make("competitor", account=account, name="X")
    for kind, ago in (("pilot", 3), ("quote_request", 90), ("overlap", 91), ("evaluation", 2)):
        make("competitor_sighting", competitor=one, on=TODAY - timedelta(days=ago), kind=kind, summary=kind)
    assert intrusions_of([account.pk, other.pk], TODAY).keys() == {account.pk}
    refresh_scores([account.pk], TODAY)
    score = Score.objects.get(account=account, rule="track.health.relationship", on=TODAY, preset="")
    assert score.inputs["competitive_intrusion"]["value"] == 2
    assert [one["label"] for one in score.inputs["competitive_intrusion"]["sources"]] == ["pilot", "quote_request"]


def test_an_evaluation_that_was_seen_alerts_like_a_tagged_note(cast: Cast) -> None:
    one = make("competitor", account=cast.account, name="X")
    seen = make("competitor_sighting", competitor=one, on=TODAY, kind="tender", summary="Tender for three plants")
    alert = Alert.objects.get(rule="watch.signal.competitor_evaluation")
    assert (alert.account_id, alert.severity) == (cast.account.pk, "critical")
    services.update(system(), registry.get("competitor_sighting"), seen.pk, {"summary": "Tender, two plants"})
    assert Alert.objects.filter(rule="watch.signal.competitor_evaluation").count() == 1
