"""One truth about value: what the page, the overview and the API count is what the rules count (VAL-12 to VAL-14)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.rulebook.running import score_of
from tests.factories import NOW, make, make_account, system
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.reveal.proof import Proof, proof_of, to_json
from trackline.reveal.rules.value import value_realization

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
OUTCOME = registry.get("value_outcome")


def proven(account: Any) -> Proof:
    account.refresh_from_db()
    return proof_of(account, TODAY)


def test_an_outcome_that_the_rule_leaves_out_is_named_and_counted_nowhere() -> None:
    account = make_account(arr=100_000)
    make("value_outcome", account=account, title="Hours", money=180_000, committed=200_000, verified_on=TODAY)
    make("value_outcome", account=account, title="Scrap", money=90_000, committed=100_000)
    make("value_outcome", account=account, title="Not committed", money=50_000, verified_on=TODAY)
    make("value_outcome", account=account, title="No worth", committed=70_000, verified_on=TODAY)
    found = proven(account)
    assert (found.committed, found.verified, found.realization.value) == (300_000, 180_000, 60)
    assert {one.record.title: list(one.lacks) for one in found.left_out} == {
        "Not committed": ["committed worth"],
        "No worth": ["worth"],
    }
    stored = score_of(value_realization, account)
    assert (stored.value, stored.details["committed"], stored.details["verified"]) == (60, 300_000, 180_000)
    # The multiple asks for no commitment: what the customer verified counts.
    assert (found.roi.value, found.roi.details["claimed"]) == (Decimal("2.3"), 90_000)


def test_the_steps_lead_from_committed_to_verified() -> None:
    account = make_account(arr=1000)
    for at in range(9):
        make("value_outcome", account=account, title=f"Outcome {at}", committed=1000 + at, money=1000,
             **({"verified_on": TODAY} if at % 2 else {}))  # fmt: skip
    found = proven(account)
    steps = found.steps()
    assert len(steps) == 6
    assert steps[0].label == "Outcome 8"
    assert (steps[-1].label, steps[-1].outcome) == ("4 more", None)
    assert found.committed + sum(step.amount for step in steps) == found.verified
    assert [step["amount"] for step in to_json(found)["steps"]] == [step.amount for step in steps]


def test_a_verification_to_come_does_not_count_yet() -> None:
    account = make_account(arr=1000)
    make("value_outcome", account=account, title="Hours", money=500, committed=500, verified_on=TODAY)
    assert proof_of(account, TODAY - timedelta(days=1)).verified == 0
    with pytest.raises(Invalid, match="future"):
        make("value_outcome", account=account, title="Later", verified_on=TODAY + timedelta(days=1))


def test_a_name_verifies_today_unless_a_day_is_given() -> None:
    account = make_account()
    contact = make("contact", account=account, name="Sabine Keller")
    one = make("value_outcome", account=account, title="Hours", money=5)
    services.update(system(), OUTCOME, one.pk, {"verified_by": contact.pk})
    one.refresh_from_db()
    assert one.verified_on == TODAY
    other = make(
        "value_outcome", account=account, title="Scrap", verified_by=contact.pk, verified_on=TODAY - timedelta(days=3)
    )
    assert other.verified_on == TODAY - timedelta(days=3)


def test_queries_do_not_grow_with_outcomes() -> None:
    account = make_account(arr=1000)
    counts = []
    for _ in range(2):
        for at in range(3):
            make("value_outcome", account=account, title=f"Outcome {at}", committed=10, money=10)
        with CaptureQueriesContext(connection) as asked:
            to_json(proof_of(account, TODAY))
        counts.append(len(asked))
    assert counts == [2, 2]
