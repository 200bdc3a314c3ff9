"""Alerts on Today, on the account and its pages, in their list and in their panel."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, make, make_cast
from tests.workspace.account.world import days, now_context
from trackline.choose.models import Play
from trackline.kit.history.models import Change
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.engine import watch_accounts
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "panel-content"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def gone(cast: Cast) -> Any:
    """A champion who left, and the alert that it raised."""
    ctx = now_context()
    person = make("contact", ctx=ctx, account=cast.account, name="Mei Tanaka", buying_role="champion")
    records.update(ctx, registry.get("contact"), person.pk, {"status": "departed", "status_on": days(0)})
    return Alert.objects.get(rule="watch.signal.champion_exit")


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(client: Client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, url: str, **data: str) -> Any:
    return client.post(url, data, headers=HTMX)


def test_who_owns_it_sees_it_on_today_with_its_clock(cast: Cast, gone: Any) -> None:
    page = html(browser(cast.owner), "/")
    assert "Champion leaves: Mei Tanaka left" in page
    assert "acknowledge within" in page
    assert f"/r/alert/{gone.pk}/acknowledge" in page
    assert "Mei Tanaka left" not in html(browser(cast.outsider), "/")


def test_the_backup_sees_it_once_the_first_clock_ran_out(cast: Cast, gone: Any) -> None:
    Alert.objects.filter(pk=gone.pk).update(backup=cast.teammate)
    assert "Mei Tanaka left" not in html(browser(cast.teammate), "/?of=me")
    Alert.objects.filter(pk=gone.pk).update(ack_due_at=now_context().now - timedelta(minutes=5))
    assert "acknowledge, 5" in html(browser(cast.teammate), "/?of=me")


def test_it_stands_on_the_overview_and_on_the_page_that_it_concerns(cast: Cast, gone: Any) -> None:
    client, base = browser(cast.owner), f"/accounts/{cast.account.key}"
    for address in (base, f"{base}/track/contacts"):
        assert "Champion leaves: Mei Tanaka left" in html(client, address)
    for address in (f"{base}/track/kpis", f"{base}/kickoff/meetings", f"{base}/reveal"):
        assert 'class="section alert-strip"' not in html(client, address)


def test_the_list_filters_and_says_what_it_cannot_read(cast: Cast, gone: Any) -> None:
    make("alert", account=cast.account, title="Ask again", rule="manual", severity="info", owner=cast.teammate)
    client = browser(cast.owner)
    both = html(client, "/alerts?view=open")
    assert both.index("Mei Tanaka left") < both.index("Ask again")
    for query, seen in (
        ("severity=info", "Ask again"),
        ("owner=me&rule=watch.signal.champion_exit", "Mei Tanaka left"),
        ("rule=watch.signal.champion_exit", "Mei Tanaka left"),
        (f"account={cast.account.pk}&severity=critical&q=left", "Mei Tanaka left"),
        ("q=tanaka", "Mei Tanaka left"),
    ):
        page = html(client, f"/alerts?{query}")
        assert '<h1 class="num">1 alert</h1>' in page, query
        assert seen in page, query
    assert "No alerts match" in html(client, "/alerts?state=closed")
    assert "State: luck could not be read" in html(client, "/alerts?state=luck").replace("\n", "")
    assert "No alert is open" in html(browser(cast.outsider), "/alerts")


def test_a_view_of_the_list_is_kept_and_opened(cast: Cast, gone: Any) -> None:
    client = browser(cast.owner)
    post(client, "/lists/alerts/views/new?severity=info", name="Small ones", is_default="on")
    answer = client.get("/alerts")
    assert (answer.status_code, "severity=info" in answer["Location"]) == (302, True)
    page = html(client, answer["Location"])
    assert "Small ones" in page
    assert "No alerts match" in page
    assert "Small ones" not in html(client, "/accounts")


def test_the_panel_tells_why_it_fired_and_what_to_do(cast: Cast, gone: Any) -> None:
    page = html(browser(cast.owner), f"/panel/alert/{gone.pk}", **HTMX)
    for words in (
        "Reach the successor; brief a backup within seven days.", "Fires when a champion has moved or left.",
        "Days that it counts", "Mei Tanaka", "Acknowledge by", "Know the cause by", "the account&#x27;s owner",
        "STK-20", "with its dated steps",
    ):  # fmt: skip
        assert words in page, words
    reader = html(browser(cast.facilitator), f"/panel/alert/{gone.pk}", **HTMX)
    assert f"/r/alert/{gone.pk}/" not in reader


def test_a_series_stands_with_its_limits_and_as_a_table(cast: Cast) -> None:
    ctx = now_context()
    kpi = make("kpi", ctx=ctx, account=cast.account, name="Scrap rate", unit="percent")
    for back, value in enumerate([47, 38, 42, 37, 40, 43, 39, 41, 38, 42, 40]):
        make("observation", ctx=ctx, account=cast.account, metric=kpi.metric_id, on=days(-back * 7), value=value)
    watch_accounts(ctx, [cast.account.pk])
    alert = Alert.objects.get(rule="watch.signal.control_chart")
    page = html(browser(cast.owner), f"/panel/alert/{alert.pk}", **HTMX)
    assert "Upper limit 46" in page
    assert "As a table" in page
    assert len(re.findall(r'<tr>\s*<th scope="row">', page)) >= 11


def test_evidence_that_says_nothing_is_no_fault(cast: Cast) -> None:
    client = browser(cast.owner)
    for number, evidence in enumerate(({}, {"sources": [{"record_type": "gone", "record_id": 4, "label": "x"}]})):
        one = make("alert", account=cast.account, rule="watch.signal.nps_drop", title=f"From outside {number}",
                   evidence=evidence, dedupe_key=str(number))  # fmt: skip
        assert "Why it fired" in html(client, f"/panel/alert/{one.pk}", **HTMX)


def test_the_way_from_acknowledged_to_closed_and_back(cast: Cast, gone: Any) -> None:
    client = browser(cast.owner)

    def state() -> str:
        return Alert.objects.get(pk=gone.pk).state

    assert post(client, f"/r/alert/{gone.pk}/acknowledge").status_code == 204
    assert state() == "acknowledged"
    refused = post(client, f"/r/alert/{gone.pk}/diagnose", diagnosis=" ")
    assert (refused.status_code, "Say what the cause is." in refused.content.decode()) == (422, True)
    assert post(client, f"/r/alert/{gone.pk}/diagnose", diagnosis="New job").status_code == 204
    refused = post(client, f"/r/alert/{gone.pk}/close", verdict="", note="Met the successor")
    assert "Say whether it was real." in refused.content.decode()
    assert "Met the successor" in refused.content.decode()
    answer = post(client, f"/r/alert/{gone.pk}/close", verdict="true_positive", note="Met the successor")
    assert (answer.status_code, state()) == (204, "closed")
    page = html(client, f"/panel/alert/{gone.pk}", **HTMX)
    assert "It was real" in page
    assert f"/r/alert/{gone.pk}/dismiss" not in page
    change = Change.objects.filter(record_type="alert", record_id=gone.pk).latest("pk")
    assert f"/undo/{change.pk}" in answer["HX-Trigger"]
    post(client, f"/undo/{change.pk}")
    assert state() == "diagnosed"


def test_handing_over_names_who_answers_and_when(cast: Cast, gone: Any) -> None:
    client = browser(cast.owner)
    post(client, f"/r/alert/{gone.pk}/hand-over", owner=str(cast.teammate.pk), eta_at=f"{days(1)}T10:00")
    found = Alert.objects.get(pk=gone.pk)
    assert (found.owner, found.state, found.eta_at is not None) == (cast.teammate, "acknowledged", True)


def test_one_click_starts_a_play_and_undo_takes_it_back(cast: Cast, gone: Any) -> None:
    client = browser(cast.owner)
    answer = post(client, f"/r/alert/{gone.pk}/play")
    play = Play.objects.get()
    assert (play.account, list(Alert.objects.get(pk=gone.pk).plays.all())) == (cast.account, [play])
    assert play.title in html(client, f"/panel/alert/{gone.pk}", **HTMX)
    assert "/undo/batch/" in answer["HX-Trigger"]
    batch = Change.objects.filter(record_type="play").latest("pk").batch
    post(client, f"/undo/batch/{batch}")
    assert not Play.objects.filter(deleted_at=None).exists()
    assert not Alert.objects.get(pk=gone.pk).plays.filter(deleted_at=None).exists()
