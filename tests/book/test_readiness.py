"""Readiness across accounts: who is ready, what blocks the others, which signals count; page, files, API, command."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api, problem
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import Score
from trackline.accounts.services.adopting import adopt
from trackline.align.rules.expansion import readiness
from trackline.book.queries.readiness import CONDITIONS, readiness_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def judged(account: Any, *met: str, missing: tuple[str, ...] = ()) -> None:
    """Keep what the rule found: the conditions that hold, the inputs that are not known."""
    parts = [{"key": key, "label": words, "contribution": int(key in met)} for key, words in CONDITIONS.items()]
    Score.objects.filter(account=account, rule=readiness.id).delete()
    Score.objects.create(
        account=account, rule=readiness.id, on=TODAY, value=len(met), coverage_pct=100, parts=parts, version="1",
        missing=[{"input": name} for name in missing],
    )  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    """An account that is ready and shows it, one that is blocked, one of which nothing is judged, and one that has left."""
    cast = make_cast()
    account = cast.account
    judged(account, *CONDITIONS)
    judged(make_account("Blocked", tier=2), "roi", "renewal", missing=("champion_rating", "economic_buyer_aware"))
    Score.objects.filter(account=make_account("Silent"), rule=readiness.id).delete()
    make_account("Gone", status="churned")
    make("note", account=account, title="Paint shop began", tags=["new_team"], on=TODAY - timedelta(days=180))
    make("note", account=account, title="Line 5 as well", tags=["new_use_case"], on=TODAY - timedelta(days=181))
    person = make("contact", account=account, name="Sabine Keller")
    wave = make("wave", account=account, title="Spring")
    make("response", wave=wave, contact=person, on=TODAY, recommend=9, reason="Fewer stops")
    make("value_outcome", account=account, title="Less scrap", before=4, after=3, money=100, verified_on=TODAY)
    judged(account, *CONDITIONS)
    return cast


def test_what_warns_in_red_is_secured_before_anything_is_offered(cast: Cast) -> None:
    Score.objects.filter(rule="watch.churn_risk").delete()
    row = readiness_of(system()).rows[0]
    assert row.quadrants and (row.first, row.quadrants.details["expansion"], row.quadrants.missing[:2]) == (
        None, "green", ("churn_risk", "engagement"),
    )  # fmt: skip
    Score.objects.create(
        account=cast.account, rule="watch.churn_risk", on=TODAY, value=64, coverage_pct=100, version="v"
    )
    found = readiness_of(system(), show="secure")
    assert [row.account["name"] for row in found.rows] == [cast.account.name] and found.rows[0].ready
    metric = adopt(system(), "KPI-040")
    make("observation", account=cast.account, metric=metric, on=TODAY - timedelta(days=93), value=40)
    Score.objects.filter(rule="watch.churn_risk").update(value=20)
    assert readiness_of(system()).rows[0].first == "grow"
    make("observation", account=cast.account, metric=metric, on=TODAY - timedelta(days=92), value=40)
    assert readiness_of(system()).rows[0].first == "secure"
    make("observation", account=cast.account, metric=metric, on=TODAY, value=40)
    client = Client()
    client.force_login(cast.owner)
    text = " ".join(client.get("/book/whitespace/readiness").content.decode().split())
    assert "Secure first" in text and "Early warning red" in text
    assert "Secure first" in client.get("/book/whitespace/readiness/export/csv").content.decode()


def test_ready_first_and_who_is_blocked_by_what(cast: Cast) -> None:
    found = readiness_of(system())
    assert [(row.account["name"], row.points, row.ready) for row in found.rows] == [
        (cast.account.name, 100, True), ("Blocked", 40, False), ("Silent", None, False),
    ]  # fmt: skip
    assert found.rows[1].blocked_by == ["champion", "economic_buyer", "use_case"]
    assert found.rows[1].unknown == {"champion", "economic_buyer"}
    assert found.counts == {"ready": 1, "blocked": 1, "unscored": 1, "wanting": 1, "secure": 0}
    assert found.blocks == {"roi": 0, "champion": 1, "economic_buyer": 1, "use_case": 1, "renewal": 0}
    assert [row.account["name"] for row in readiness_of(system(), {"tier": "2"}).rows] == ["Blocked"]
    assert [row.account["name"] for row in readiness_of(system(), show="unscored").rows] == ["Silent"]
    assert cast.account.key not in {row.account["key"] for row in readiness_of(as_user(cast.outsider)).rows}


def test_signals_count_while_they_are_young_and_named(cast: Cast) -> None:
    assert readiness_of(system()).rows[0].signals == ("new_team", "praise", "roi")
    silent = readiness_of(system(), show="unscored").rows[0].account["pk"]
    wave = make("wave", account=silent, title="Spring")
    make("response", wave=wave, on=TODAY, recommend=10, reason="Nobody knows who")
    make("response", wave=wave, contact=make("contact", account=silent, name="Ines"), on=TODAY, recommend=10)
    product, metric = make("product", name="Seats"), make("metric", key="seats_used", name="Seats used", unit="count")
    contract = make("contract", account=silent, ref="C-1")
    make(
        "contract_item", contract=contract, product=product, capacity_type="seats", contracted_qty=100,
        usage_metric=metric.pk,
    )  # fmt: skip
    make("observation", account=silent, metric=metric, value=86, on=TODAY - timedelta(days=40))
    make("observation", account=silent, metric=metric, value=91, on=TODAY - timedelta(days=5))
    rows = {row.account["pk"]: row for row in readiness_of(system()).rows}
    assert (rows[silent].signals, rows[silent].wanting) == (("capacity",), False)


def test_page_files_and_api(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.admin)
    text = browser.get("/book/whitespace/readiness").content.decode()
    assert "1 of 3 accounts is ready for more" in text
    lines = browser.get("/book/whitespace/readiness/export/csv?show=blocked").content.decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[4:] == [
        "40",
        "yes",
        "not known",
        "not known",
        "no",
        "yes",
        *["no"] * 5,
        *["unknown", "red", "unknown"],
        "not known",
    ]
    told = Api(cast.admin).get("/portfolio/readiness?show=blocked").json()
    assert [(row["key"], row["readiness"], row["not_known"]) for row in told["rows"]] == [
        ("blocked", 40, ["champion", "economic_buyer"])
    ]
    assert problem(Api(cast.admin).get("/portfolio/readiness?show=red"), 400)["errors"]
