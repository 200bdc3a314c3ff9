"""`trackline play`: playbooks, what a start would make, starting, moving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from tests.factories import make, make_account, make_user
from trackline.choose.models import Play, Playbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Any:
    return make_account("Nordwind", renewal_date=timezone.localdate() + timedelta(days=100), owner=make_user("katrin"))


def test_playbooks_are_listed(shell: Shell) -> None:
    found = {row["key"]: row for row in shell("play", "books", "--json").json["items"]}
    assert (found["kam_180"]["steps"], found["kam_180"]["counts_from"]) == (13, "renewal")
    assert "Renewal of a key account" in shell("play", "books").out


def test_a_plan_writes_nothing_and_a_start_does(shell: Shell, account: Any) -> None:
    plan = shell("play", "start", "kam_180", account.key, "--plan", "--json").json
    assert plan["play"] is None
    assert plan["anchor_on"] == account.renewal_date.isoformat()
    assert plan["steps"][0]["conflicts"][0] == "past"
    assert Play.objects.count() == 0
    ada = make_user("ada")
    made = shell("play", "start", "kam_180", account.key, "--owner", "legal=ada", "--without", "T-180", "--json").json
    play = Play.objects.get(pk=made["play"]["id"])
    assert (play.owner, play.steps.get(key="T-90").owner) == (account.owner, ada)
    assert play.steps.get(key="T-180").status == "skipped"
    assert "started" in shell("play", "start", "save", account.key).out


def test_moving(shell: Shell, account: Any) -> None:
    play = make("play", account=account, playbook=Playbook.objects.get(key="am_90"), anchor_on=account.renewal_date)
    to = account.renewal_date + timedelta(days=10)
    told = shell("play", "move", str(play.pk), to.isoformat(), "--plan", "--json").json
    assert (told["moved"], told["days"], len(told["steps"])) == (False, 10, 4)
    assert "Moved by 10 days" in shell("play", "move", str(play.pk), to.isoformat()).out
    play.refresh_from_db()
    assert play.anchor_on == to


def test_what_is_wrong_is_told(shell: Shell, account: Any) -> None:
    assert shell("play", "start", "kam_180", account.key, "--owner", "legal").code == 2
    assert shell("play", "start", "nothing", account.key).code == 1
    assert shell("play", "start", "kam_180", account.key, "--without", "T-1").code == 2
    assert shell("play", "move", "9999", "2027-01-01").code == 1
    assert shell("play", "move", "9999", "soon").code == 2
    assert Play.objects.count() == 0
