"""Runs one live rule over accounts without storing what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW
from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.computing import compute_scores
from trackline.accounts.rulebook.live import LiveRule, live_rule
from trackline.core.playbook import Rule


def live(rule: Rule) -> LiveRule:
    """Return a rule as it runs on accounts."""
    found = live_rule(rule.id)
    assert found is not None, rule.id
    return found


def score_of(rule: Rule, account: Account, on: date | None = None) -> Score:
    """Return what a rule finds on an account."""
    (found,) = compute_scores([account.pk], on or NOW.date(), rules=[live(rule)])
    return found


def queries_for(rule: Rule, accounts: Sequence[Account]) -> int:
    """Return how many queries a rule takes for accounts."""
    with CaptureQueriesContext(
        connection,
    ) as seen:
        compute_scores([account.pk for account in accounts], NOW.date(), rules=[live(rule)])
    return len(seen)
