"""Pain points of an account: votes, ranking, canvas, and what answers them (NEED)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import registry
from trackline.track.models import PainPoint
from trackline.track.needs import ranked

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def test_votes_rank_and_money_breaks_ties() -> None:
    account = make_account()
    people = [make("contact", account=account, name=name) for name in ("Ann", "Bo", "Cy")]
    titles = {"papers": [(5, 4), (4, 4), (5, 5)], "dear": [(5, 2)], "cheap": [(5, 2)], "loud": [(2, 5)], "silent": []}
    for title, votes in titles.items():
        point = make("pain_point", account=account, title=title, money_impact=9 if title == "dear" else None)
        for person, (impact, urgency) in zip(people, votes, strict=False):
            make("pain_point_vote", pain_point=point, contact=person, impact=impact, urgency=urgency, on=TODAY)
    found = ranked(list(PainPoint.objects.select_related("account")), TODAY)
    assert [one.record.title for one in found] == ["papers", "dear", "cheap", "loud", "silent"]
    assert [one.quadrant for one in found] == ["priority", "later", "later", "parked", None]
    assert round(Decimal(found[0].rank.value or 0), 1) == Decimal("20.2")
    assert (found[0].rank.details["few"], found[1].rank.details["few"]) == (False, True)


def test_somebody_votes_once_and_not_ahead() -> None:
    account = make_account()
    point, person = make("pain_point", account=account, title="P"), make("contact", account=account, name="Ann")
    vote = make("pain_point_vote", pain_point=point, contact=person, impact=5, urgency=4, on=TODAY)
    services.update(system(), registry.get("pain_point_vote"), vote.pk, {"urgency": 3})
    with pytest.raises(Invalid, match="has voted"):
        make("pain_point_vote", pain_point=point, contact=person, impact=1, urgency=1, on=TODAY)
    other = make("contact", account=account, name="Bo")
    with pytest.raises(Invalid, match="not happened yet"):
        make("pain_point_vote", pain_point=point, contact=other, impact=1, urgency=1, on=TODAY + timedelta(days=1))


def test_the_canvas_counts_seven_fields_and_links_point_to_what_answers() -> None:
    account = make_account()
    rtype = registry.get("pain_point")
    point = make("pain_point", account=account, title="P")
    assert round(float(to_json(system(), rtype, point)["canvas_pct"]), 1) == 14.3
    person, metric = make("contact", account=account, name="Ann"), make("metric", key="scrap", name="Scrap")
    full = {
        "metric": metric.pk, "baseline": 4, "target": 2, "root_causes": "Nozzles", "money_impact": 100,
        "time_driver": "board", "deadline": TODAY, "contacts": [person.pk],
    }  # fmt: skip
    services.update(system(), rtype, point.pk, full)
    assert to_json(system(), rtype, PainPoint.objects.get())["canvas_pct"] == 100
    goal = make("goal", account=account, title="Less scrap", baseline=4, target=2, pain_points=[point.pk])
    assert list(goal.pain_points.all()) == [point]
    elsewhere = make("pain_point", account=make_account("Other"), title="Theirs")
    with pytest.raises(Invalid):
        services.update(system(), registry.get("goal"), goal.pk, {"pain_points": [elsewhere.pk]})
