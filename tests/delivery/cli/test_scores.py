"""`trackline scores`."""

from __future__ import annotations

import re

import pytest

from tests.accounts.rulebook.test_refresh import TODAY, USAGE, WORKED, feed
from tests.delivery.cli.conftest import Shell
from tests.factories import make_account
from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.refresh import refresh_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    """An account without readings."""
    return make_account()


def test_each_score_stands_in_a_line_and_one_is_explained(shell: Shell, account: Account) -> None:
    Score.objects.all().delete()
    assert "There is no score yet" in shell("scores", account.key).out
    feed(account, 1, **WORKED)
    refresh_scores([account.pk], TODAY)
    told = shell("scores", account.key).out
    assert re.search(rf"{USAGE} +75 +amber|{USAGE} +75 +green", told)
    explained = shell("scores", account.key, "--rule", USAGE).out
    assert "Health by usage: 75" in explained
    assert "Product usage" in explained
    assert "1 d old" in explained


def test_json_is_what_the_api_answers(shell: Shell, account: Account) -> None:
    feed(account, 1, **WORKED)
    refresh_scores([account.pk], TODAY)
    every = shell("scores", account.key, "--json").json["items"]
    [usage] = shell("scores", str(account.pk), "--rule", USAGE, "--json").json["items"]
    assert usage in every
    assert (usage["rule"], usage["value"], usage["as_of"]) == (USAGE, 75, TODAY.isoformat())
    seats = next(one for one in usage["inputs"] if one["name"] == "active_seat_pct")
    assert seats["sources"][0]["metric"] == "active_seat_pct"


def test_what_is_not_there_is_said(shell: Shell, account: Account) -> None:
    done = shell("scores", "nobody")
    assert (done.code, done.out) == (1, "")
    Score.objects.all().delete()
    done = shell("scores", account.key, "--rule", "track.health.luck")
    assert done.code == 1
    assert "none yet" in done.err
    feed(account, 1, **WORKED)
    refresh_scores([account.pk], TODAY)
    assert USAGE in shell("scores", account.key, "--rule", "track.health.luck").err
