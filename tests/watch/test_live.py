"""The churn-risk index out of alerts."""

from __future__ import annotations

import pytest

from tests.accounts.rulebook.running import queries_for, score_of
from tests.factories import make, make_account
from trackline.watch.rules.churn import churn_risk

pytestmark = pytest.mark.django_db

RULE = churn_risk


def test_open_alerts_make_the_index() -> None:
    account = make_account()
    for severity in ("critical", "high", "warn"):
        make("alert", account=account, rule="SIG-20", title=severity.title(), severity=severity)
    for state in ("closed", "dismissed"):
        make("alert", account=account, rule="SIG-01", severity="critical", state=state)
    found = score_of(RULE, account)
    assert (float(found.value or 0), found.band) == (56.8, "amber")
    assert {one["label"] for one in found.inputs["open_signals"]["sources"]} == {"Critical", "High", "Warn"}


def test_no_alert_is_an_index_of_nothing() -> None:
    account = make_account()
    make("contact", account=account, name="Sabine Keller")
    found = score_of(RULE, account)
    assert (found.value, found.band, found.missing) == (0, "green", [])


def test_where_there_is_nothing_to_look_at_the_index_is_missing() -> None:
    account = make_account()
    found = score_of(RULE, account)
    assert (found.value, [one["input"] for one in found.missing]) == (None, ["open_signals"])
    make("alert", account=account, rule="SIG-20", severity="critical")
    assert score_of(RULE, account).value == 40


def test_queries_do_not_grow() -> None:
    accounts = [make_account(f"Account {n}") for n in range(3)]
    for account in accounts:
        make("alert", account=account, rule="SIG-20", severity="high")
    assert queries_for(RULE, accounts[:1]) == queries_for(RULE, accounts)
