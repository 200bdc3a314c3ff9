"""Runs one live rule over accounts without storing what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW
from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.computing import compute_scores
from trackline.accounts.rulebook.live import LiveRule


def score_of(rule: LiveRule, account: Account, on: date | None = None) -> Score:
    """Return what a rule finds on an account."""
    (found,) = compute_scores([account.pk], on or NOW.date(), rules=[rule])
    return found


def queries_for(rule: LiveRule, accounts: Sequence[Account]) -> int:
    """Return how many queries a rule takes for accounts."""
    with CaptureQueriesContext(
        connection,
    ) as seen:
        compute_scores([account.pk for account in accounts], NOW.date(), rules=[rule])
    return len(seen)
