"""The dialogs around plays: what a start shows before it writes, from where it starts, what a board answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make, make_account, make_user
from trackline.choose.models import Play, Playbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def katrin(client: Client) -> Client:
    client.force_login(make_user("katrin"))
    return client


@pytest.fixture
def account() -> Any:
    return make_account(owner=make_user("owner"), tier=1)


def text_of(client: Client, address: str) -> str:
    response = client.get(address, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def test_a_start_shows_its_plan_and_writes_nothing(katrin: Client, account: Any) -> None:
    book = Playbook.objects.get(key="kam_180")
    on = timezone.localdate() + timedelta(days=100)
    text = text_of(katrin, f"/r/play/start?account={account.pk}&playbook={book.pk}&anchor_on={on}")
    assert "13 steps" in text
    assert "in the past: due at once, not late" in text
    assert "Checked by the records: 3 KPIs with baseline and target missing; has none." in text
    assert "The account names nobody; the play&#x27;s owner stands in." in text
    assert Play.objects.count() == 0


def test_from_a_renewal_its_timeline_is_suggested_and_its_date_taken(katrin: Client, account: Any) -> None:
    on = timezone.localdate() + timedelta(days=100)
    cycle = make("renewal_cycle", account=account, renewal_date=on)
    text = text_of(katrin, f"/r/play/start?renewal={cycle.pk}")
    assert "Renewal of a key account, 180 days (suggested)" in text
    book = Playbook.objects.get(key="kam_180")
    sent = {
        "renewal": cycle.pk,
        "account": account.pk,
        "playbook": book.pk,
        "chosen": book.pk,
        "step": ["T-180", "T-0"],
    }
    assert katrin.post("/r/play/start", sent, headers={"HX-Request": "true"}).status_code == 204
    play = Play.objects.get()
    assert (play.renewal, play.anchor_on) == (cycle, on)
    assert play.steps.filter(status="skipped").count() == 11


def test_from_a_route_the_play_serves_it(katrin: Client, account: Any) -> None:
    route = make("route", account=account, title="More seats", type="upsell")
    assert "Up-sell on usage (suggested)" in text_of(katrin, f"/r/play/start?route={route.pk}")
    sent = {"route": route.pk, "account": account.pk, "playbook": Playbook.objects.get(key="up-sell").pk}
    katrin.post("/r/play/start", sent, headers={"HX-Request": "true"})
    assert list(Play.objects.get().routes.all()) == [route]


def test_from_an_alert_the_play_answers_it(katrin: Client, account: Any) -> None:
    alert = make(
        "alert", account=account, rule="watch.signal.single_thread", title="Hangs by one contact", severity="critical"
    )
    assert "Multi-thread (suggested)" in text_of(katrin, f"/r/play/start?alert={alert.pk}")
    sent = {"alert": alert.pk, "account": account.pk, "playbook": Playbook.objects.get(key="save").pk}
    katrin.post("/r/play/start", sent, headers={"HX-Request": "true"})
    assert list(alert.plays.all()) == [Play.objects.get(playbook__key="save")]
    assert Play.objects.get().title == "Save plan: Hangs by one contact"


def test_what_belongs_to_another_account_is_not_found(katrin: Client, account: Any) -> None:
    route = make("route", account=make_account("Other"), title="More seats", type="upsell")
    assert katrin.get(f"/r/play/start?account={account.pk}&route={route.pk}").status_code == 404


def test_the_board_of_steps_says_what_the_records_say(katrin: Client, account: Any) -> None:
    make("play", account=account, playbook=Playbook.objects.get(key="multi-thread"))
    text = text_of(katrin, f"/accounts/{account.key}/choose/board?by=steps")
    assert "3 levels missing; has none." in text
    assert "Later, or no date" in text


def test_an_account_in_red_asks_for_a_recovery_and_shows_the_one_that_runs(katrin: Client, account: Any) -> None:
    type(account).objects.filter(pk=account.pk).update(health={"band": "red", "value": 20})
    address = f"/accounts/{account.key}/choose/board"
    assert "Health is red and no recovery plan runs." in text_of(katrin, address)
    play = make("play", account=account, playbook=Playbook.objects.get(key="save"))
    play.steps.filter(key="triage").update(status="done", done_on=timezone.localdate())
    text = text_of(katrin, address)
    assert "no recovery plan runs" not in text
    assert re.search(r'class="meta num">\s*Triaged, ', text)
