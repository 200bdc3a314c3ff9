"""Benefit realization out of value outcomes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.accounts.rulebook.running import queries_for, score_of
from tests.factories import NOW, make, make_account
from trackline.reveal.rules.value import value_realization

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
RULE = value_realization


def test_only_what_is_verified_counts_as_realized() -> None:
    account = make_account()
    make("value_outcome", account=account, title="Hours", money=180_000, committed=200_000, verified_on=TODAY)
    make("value_outcome", account=account, title="Scrap", money=90_000, committed=100_000)
    found = score_of(RULE, account)
    assert (found.value, found.band, found.missing) == (60, "red", [])


def test_what_was_not_committed_is_missing() -> None:
    account = make_account()
    one = make("value_outcome", account=account, title="Hours", money=5, verified_on=TODAY - timedelta(days=9))
    found = score_of(RULE, account)
    assert (found.value, found.notes) == (None, ["Nothing is committed."])
    assert found.missing == [
        {
            "input": "outcomes",
            "record_type": "value_outcome",
            "record_id": one.pk,
            "label": "Hours",
            "lacks": ["committed worth"],
        }
    ]
    assert score_of(RULE, make_account("Empty")).missing == [{"input": "outcomes", "last_on": None}]


def test_queries_do_not_grow() -> None:
    accounts = [make_account(f"Account {n}") for n in range(3)]
    for account in accounts:
        make("value_outcome", account=account, title="Hours", money=1, committed=1)
    assert queries_for(RULE, accounts[:1]) == queries_for(RULE, accounts)
