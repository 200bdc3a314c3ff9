"""The relationship health index out of readings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.accounts.rulebook.running import queries_for, score_of
from tests.factories import NOW, make, make_account
from trackline.accounts.models import Metric
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.queries import latest

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
ID = "track.survey.rhi"


def observe(account: Any, metric: str, value: float, days: int) -> None:
    on = TODAY - timedelta(days=days)
    make("observation", account=account, metric=Metric.objects.get(key=metric), on=on, value=value)


def test_recent_results_make_the_index_and_old_ones_are_missing() -> None:
    rule = live_rule(ID)
    assert rule is not None
    account = make_account()
    observe(account, "nps", 40, 138)
    observe(account, "csat", 4.3, 1)
    observe(account, "ces", 5.5, 139)
    found = score_of(rule.rule, account)
    assert (found.value, found.band, found.coverage_pct) == (80, "green", 75)
    assert found.missing == [{"input": "ces", "last_on": (TODAY - timedelta(days=139)).isoformat(), "metric": "ces"}]
    assert found.inputs["nps"]["age_days"] == 138
    assert latest([account.pk], ID)[account.pk, ID, ""].value == 80
    assert queries_for(rule.rule, [account]) == queries_for(rule.rule, [account, make_account("Second")])
