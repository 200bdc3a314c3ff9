"""Issues, snapshots, journey scores and interactions (TRK-12, TRK-14, TRK-16…18, TRK-22)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

ISSUE = registry.get("issue")


def test_an_issue_needs_an_assignee() -> None:
    with pytest.raises(Invalid) as problem:
        make("issue", account=make_account(), title="Outage")
    assert problem.value.errors[0]["loc"] == ["assignee"]


@pytest.mark.parametrize(("severity", "days"), [("critical", 1), ("high", 3), ("medium", 10), ("low", 30)])
def test_due_by_severity(severity: str, days: int) -> None:
    opened = date(2026, 6, 2)
    issue = make(
        "issue", account=make_account(), title="I", severity=severity, assignee=make_user("tim"), opened_on=opened
    )
    assert issue.due_on == opened + timedelta(days=days)


def test_issue_states() -> None:
    issue = make("issue", account=make_account(), title="I", assignee=make_user("tim"))
    with pytest.raises(Refused, match="how the issue was resolved"):
        services.update(system(), ISSUE, issue.pk, {"status": "resolved"})
    resolved = services.update(system(), ISSUE, issue.pk, {"status": "resolved", "resolution": "Patched"})
    assert resolved.resolved_at == NOW
    services.update(system(), ISSUE, issue.pk, {"status": "closed"})
    with pytest.raises(Refused, match="cannot go from Closed"):
        services.update(system(), ISSUE, issue.pk, {"status": "in_progress"})


def test_one_snapshot_a_day_that_stays() -> None:
    account = make_account()
    snapshot = make("health_snapshot", account=account, delivery="green", relationship="amber")
    with pytest.raises(Invalid):
        make("health_snapshot", account=account, delivery="red")
    later = system(NOW + timedelta(hours=25))
    with pytest.raises(Refused, match="24 hours"):
        services.update(later, registry.get("health_snapshot"), snapshot.pk, {"delivery": "red"})


def test_yellow_is_amber() -> None:
    data = {"account": str(make_account().pk), "delivery": "yellow"}
    snapshot = services.create(system(), registry.get("health_snapshot"), data, parse="json")
    assert snapshot.delivery == "amber"


@pytest.mark.parametrize(
    ("score", "fits"), [("1", True), ("4.5", True), ("3.3", False), ("0.5", False), ("5.5", False)]
)
def test_journey_scores_go_in_half_steps(score: str, fits: bool) -> None:
    data = {"account": str(make_account().pk), "dimension": "executive_access", "score": score}
    create = lambda: services.create(system(), registry.get("journey_score"), data, parse="text")  # noqa: E731
    if fits:
        assert create().score == Decimal(score)
    else:
        with pytest.raises(Invalid):
            create()


def test_only_two_way_interactions_touch_and_old_ones_never_overwrite() -> None:
    account = make_account()
    contact = make("contact", account=account, name="Sabine")
    for day, two_way in ((date(2026, 4, 1), True), (date(2026, 5, 2), False), (date(2026, 3, 1), True)):
        make("interaction", account=account, on=day, two_way=two_way, contacts=[contact.pk])
    contact.refresh_from_db()
    assert contact.last_touch_on == date(2026, 4, 1)


def test_what_has_not_happened_is_no_interaction() -> None:
    with pytest.raises(Invalid):
        make("interaction", account=make_account(), on=NOW.date() + timedelta(days=1))


@pytest.mark.parametrize("word", ["executive_access", "Executive access", "trust"])
def test_a_dimension_is_found_by_key_or_name(word: str) -> None:
    assert make("journey_score", account=make_account(), dimension=word, score=4).dimension.name.casefold() in (
        "executive access",
        "trust",
    )


def test_an_unknown_dimension_names_those_there_are() -> None:
    with pytest.raises(Invalid, match="executive_access"):
        make("journey_score", account=make_account(), dimension="charm", score=4)
