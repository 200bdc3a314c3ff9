"""The renewal timeline out of cycles and plays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.accounts.rulebook.running import queries_for, score_of
from tests.factories import NOW, make, make_account
from trackline.align.rules.renewal import timeline
from trackline.choose.models import Playbook

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
RULE = timeline


def test_a_play_says_what_is_done() -> None:
    account = make_account(tier=2, arr=40_000, currency="EUR")
    renewal = TODAY + timedelta(days=50)
    make("renewal_cycle", account=account, renewal_date=renewal)
    playbook = Playbook.objects.get(key="am_90")
    play = make("play", account=account, playbook=playbook, anchor_on=renewal, start_on=TODAY - timedelta(days=45))
    play.steps.filter(offset_days=90).update(status="done")
    found = score_of(RULE, account)
    states = {step["key"]: step["state"] for step in found.details["steps"]}
    assert (found.value, found.details["preset"]) == (1, "am_90")
    assert states == {"T-90": "done", "T-60": "late", "T-30": "pending", "T-7": "pending"}
    assert found.inputs["done"]["label"] == play.title


def test_without_a_play_the_timeline_follows_tier_and_starts_with_the_cycle() -> None:
    account = make_account(tier=1)
    make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=200))
    make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=20), state="signed")
    found = score_of(RULE, account)
    assert (found.details["preset"], found.inputs["renewal_date"]["value"]) == (
        "kam_180",
        (TODAY + timedelta(days=200)).isoformat(),
    )
    assert not any(step["state"] == "late" for step in found.details["steps"])


def test_without_a_cycle_there_is_no_timeline() -> None:
    found = score_of(RULE, make_account(renewal_date=TODAY))
    assert (found.value, found.missing[0]) == (None, {"input": "renewal_date", "last_on": None})


def test_queries_do_not_grow() -> None:
    accounts = [make_account(f"Account {n}") for n in range(3)]
    for account in accounts:
        make("renewal_cycle", account=account, renewal_date=TODAY + timedelta(days=90))
    assert queries_for(RULE, accounts[:1]) == queries_for(RULE, accounts)
