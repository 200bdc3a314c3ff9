"""Facts are plain JSON as of a day, say what is missing, and cost the same number of queries whatever their number."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make, make_account, make_user, system
from trackline.documents.gathering import facts_of, group_facts

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def filled(name: str = "Okada Brandt", rows: int = 1, **more: Any) -> Any:
    account = make_account(name, arr=400_000, currency="EUR", **more)
    unit, owner = make("business_unit", account=account, name="Plant"), make_user(f"owner-{account.pk}")
    for at in range(rows):
        contact = make("contact", account=account, name=f"Person {at}", business_unit=unit)
        goal = make("goal", account=account, title=f"Goal {at}", baseline=1, target=2) if at < 8 else None
        if goal:
            make("check_in", goal=goal, on=TODAY - timedelta(days=40), value=1)
            make("check_in", goal=goal, on=TODAY, value=2, comment="There")
        make("kpi", account=account, name=f"KPI {at}", baseline=1, target=5)
        route = make("route", account=account, title=f"Route {at}", type="upsell", value=100, probability=50)
        make("play", account=account, title=f"Play {at}", horizon=30, routes=[route.pk])
        make("risk", account=account, title=f"Risk {at}", likelihood=4, impact=4)
        make("issue", account=account, title=f"Issue {at}", assignee=owner)
        make("value_outcome", account=account, title=f"Outcome {at}", money=600_000, committed=500_000,
             verified_on=TODAY - timedelta(days=20), on=TODAY - timedelta(days=60))  # fmt: skip
        make("cadence", account=account, name=f"Rhythm {at}", type="client_checkin", frequency="monthly",
             client_participants=[contact.pk])  # fmt: skip
        make("meeting", account=account, title=f"Meeting {at}", at=NOW + timedelta(days=3), contacts=[contact.pk])
        make("decision", account=account, title=f"Decision {at}")
        make("action", account=account, title=f"Action {at}", due_on=TODAY - timedelta(days=1))
        make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=100 + at))
    return account


def test_facts_survive_being_frozen_and_read_again() -> None:
    facts = facts_of(system(), filled())
    assert json.loads(json.dumps(facts)) == facts
    assert facts["as_of"] == TODAY.isoformat()
    assert facts["account"]["arr"] == 400_000
    assert facts["goals"][0]["status"]["label"] == "Achieved"
    assert facts["value"] | {"outcomes": []} | {"steps": []} == {
        "currency": "EUR", "committed": 500_000, "verified": 600_000, "note": None, "realized_pct": 120, "band": "green",
        "verified_12m": 600_000, "roi": 1.5, "roi_missing": [], "unverified": 0, "left_out": [], "outcomes": [], "steps": [],
    }  # fmt: skip
    assert facts["risks"][0]["band"] == "red"
    assert facts["actions"][0]["late"] is True
    assert facts["pipeline"]["weighted"] == 50


def test_what_has_a_day_is_told_as_of_the_day() -> None:
    account = filled()
    facts = facts_of(system(), account, TODAY - timedelta(days=30))
    assert facts["goals"][0]["points"] == [[(TODAY - timedelta(days=40)).isoformat(), 1]]
    assert facts["value"]["verified"] == 0
    assert facts["value"]["outcomes"][0]["verified_on"] is None
    assert facts["meetings"][0]["ahead"] is True


def test_what_nobody_has_entered_is_said_to_be_missing() -> None:
    facts = facts_of(system(), make_account("Halberg"))
    assert {"the ARR", "goals", "risks"} <= set(facts["missing"])
    assert facts["value"]["realized_pct"] is None


def test_a_group_is_added_up_in_one_currency() -> None:
    top = filled()
    filled("Okada Brandt Polska", parent=top)
    facts = group_facts(system(), top)
    assert facts["account"]["group"] == {"accounts": 2, "arr": 800_000, "currency": "EUR", "note": None}
    assert [(one["name"], one["depth"]) for one in facts["members"]] == [
        ("Okada Brandt", 0),
        ("Okada Brandt Polska", 1),
    ]
    assert facts["value"]["verified"] == 1_200_000
    assert {one["account"] for one in facts["goals"]} == {"Okada Brandt", "Okada Brandt Polska"}


def test_the_number_of_queries_does_not_grow_with_rows() -> None:
    few, many = filled("Few"), filled("Many", rows=9)
    counts = []
    for account in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            facts_of(system(), account)
        counts.append(len(seen))
    assert counts[0] == counts[1]
