"""Section completeness: TRK-19's checks, its worked example, and that the stored result keeps in step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.accounts import completeness
from trackline.accounts.completeness import Check, Completeness
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.track.rules.completeness import profile_pct

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def test_the_worked_example() -> None:
    def checks(passed: int, of: int) -> list[Check]:
        return [Check(str(number), number < passed, "") for number in range(of)]

    found = Completeness(
        {
            "track": checks(5, 6),
            "reveal": checks(3, 4),
            "align": checks(2, 3),
            "choose": checks(4, 4),
            "kickoff": checks(2, 4),
        }
    )
    assert found.to_json() == {
        "track": 83.3, "reveal": 75.0, "align": 66.7, "choose": 100.0, "kickoff": 50.0, "total": 75.0,
    }  # fmt: skip


def test_five_of_six_profile_facts() -> None:
    profile = {"industry": "A", "business_model": "b", "maturity": 3, "tier": 1, "client_fte": 10, "serving_fte": None}
    assert round(profile_pct(profile), 1) == 83.3


def test_an_empty_account_has_almost_everything_to_do() -> None:
    account = make_account()
    found = completeness.compute([account.pk], TODAY)[account.pk]
    assert {key: len(found.missing(key)) for key in found.checks} == {
        "track": 6, "reveal": 4, "align": 2, "choose": 4, "kickoff": 4,
    }  # fmt: skip
    assert all(check.missing for key in found.checks for check in found.missing(key))


def full_account() -> Any:
    user = make_user("katrin")
    account = make_account(
        tier=1, industry="Automotive", business_model="subscription", maturity=3, client_fte=10, serving_fte=1
    )
    make("contact", account=account, name="Sabine")
    kpi = make("kpi", account=account, name="Scrap", baseline=5, target=2)
    make("health_snapshot", account=account, delivery="green", relationship="green")
    make("journey_score", account=account, dimension="executive_access", score=4)
    make("note", account=account, title="Reorganisation")
    objective = make("objective", title="Grow")
    for title in ("One", "Two"):
        make("goal", account=account, title=title, baseline=1, target=2, kpis=[kpi.pk], objectives=[objective.pk])
    route = make("route", account=account, title="Line 4", type="upsell", value=10, owner=user)
    assignment = make("assignment", title="Negotiation", learner=user)
    make("play", account=account, title="P", horizon=30, owner=user, routes=[route.pk], assignments=[assignment.pk])
    cadence = make(
        "cadence", account=account, name="W", type="internal_sync", frequency="weekly", participants=[user.pk]
    )
    make("meeting", account=account, cadence=cadence, at=NOW + timedelta(days=7))
    make("execution_metric", account=account, name="Actions on time", formula_key="actions_on_time")
    return account


def test_a_full_account_is_complete_and_stored_so() -> None:
    account = full_account()
    account.refresh_from_db()
    assert account.completeness == dict.fromkeys(("track", "reveal", "align", "choose", "kickoff", "total"), 100.0)
    assert completeness.compute([account.pk], TODAY)[account.pk].to_json() == account.completeness


@pytest.mark.parametrize(("days", "passes"), [(30, True), (31, False)])
def test_a_snapshot_ages(days: int, passes: bool) -> None:
    account = make_account()
    make("health_snapshot", account=account, on=TODAY - timedelta(days=days), delivery="green")
    found = completeness.compute([account.pk], TODAY)[account.pk]
    assert {check.key: check.passed for check in found.checks["track"]}["snapshot"] is passes


def test_deleting_a_linked_kpi_reopens_the_goal_check() -> None:
    account = full_account()
    kpi = account.kpis.get()
    services.delete(system(), registry.get("kpi"), kpi.pk)
    account.refresh_from_db()
    assert account.completeness["reveal"] == 75.0
    assert account.completeness["track"] == pytest.approx(83.3)


def test_queries_do_not_grow_with_accounts(django_assert_max_num_queries: Any) -> None:
    ids = [make_account(f"A{number}").pk for number in range(12)]
    with django_assert_max_num_queries(16):
        completeness.compute(ids, date(2026, 1, 1))
