"""The endpoints beyond records: roll-up, completeness, gate, observations in bulk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.delivery.api.client import Api, problem
from tests.delivery.api.world import World
from tests.factories import Cast, make, make_account, system
from trackline.accounts.models import Kpi, Metric, Observation
from trackline.accounts.services import set_exchange_rate
from trackline.kit.history.models import Change
from trackline.workspace.queries.account.together.telling import TELLS


@pytest.fixture
def api(cast: Cast) -> Api:
    """The owner's API."""
    return Api(cast.owner)


def test_a_group_is_added_up_in_the_currency_of_the_book(cast: Cast, api: Api) -> None:
    set_exchange_rate(system(), "JPY", date(2026, 9, 30), Decimal("0.01"))
    set_exchange_rate(system(), "JPY", date(2026, 10, 31), Decimal("0.005"))
    set_exchange_rate(system(), "JPY", date(2090, 1, 31), Decimal(9))
    child = make_account(
        "Okada Seimitsu", parent=cast.account, owner=cast.owner, currency="JPY", arr=1_000_000, status="onboarding"
    )
    make_account("Okada Korea", parent=child, owner=cast.owner, currency="KRW", arr=5)
    make_account("Elsewhere", owner=cast.owner, currency="EUR", arr=77)
    make("route", account=cast.account, title="A", type="upsell", value=1000, probability=30)
    make("route", account=child, title="B", type="upsell", value=200_000, probability=50)
    make("route", account=child, title="C", type="upsell", state="won", value=100)
    make("route", account=cast.account, title="D", type="upsell", state="lost", value=9, close_reason="price")
    found = api.get(f"/accounts/{cast.account.key}/rollup").json()
    assert found["currency"] == "EUR"
    assert found["accounts"] == {"count": 3, "by_status": {"active": 2, "onboarding": 1}}
    assert found["arr"] == 2_840_000 + 5000
    assert found["routes"] == {
        "open": {"count": 2, "gross": 2000, "weighted": 800},
        "won": {"count": 1, "value": 0.5},
    }
    assert found["rates"] == {"JPY": {"rate": 0.005, "on": "2026-10-31"}}
    assert [(row["name"], row["currency"]) for row in found["left_out"]] == [("Okada Korea", "KRW")]


def test_the_figures_of_a_group_are_those_of_its_pages(cast: Cast, api: Api) -> None:
    set_exchange_rate(system(), "USD", date(2026, 10, 31), Decimal("0.5"))
    child = make_account("Below", parent=cast.account, owner=cast.owner, currency="USD", arr=1000)
    make("route", account=child, title="A", type="upsell", value=400, currency="USD", probability=50)
    for account in (cast.account, child):
        kpi = make("kpi", account=account, name="Tickets", metric=Metric.objects.get(key="tickets_open"))
        make("observation", account=account, metric=kpi.metric, on=date(2026, 11, 1), value=4)
    found = api.get(f"/accounts/{cast.account.pk}/group").json()
    assert found["currency"] == "EUR" and found["rates"] == {"USD": {"rate": 0.5, "on": "2026-10-31"}}
    assert [row["name"] for row in found["accounts"]] == [cast.account.name, "Below"]
    assert (found["forecast"]["gross"], found["forecast"]["weighted"]) == (200, 100)
    (tickets,) = found["metrics"]
    assert (tickets["total"], [row["value"] for row in tickets["accounts"]]) == (8, [4, 4])
    assert sorted(found["renewals"]["without_date"]) == ["Below", cast.account.name]
    assert found["health"]["bands"][3] == {"band": "unknown", "accounts": 2, "arr": 2_840_500, "share_pct": 100}
    assert set(TELLS) < set(found)


def test_roll_up_takes_the_same_queries_for_any_group(cast: Cast, api: Api) -> None:
    counts = []
    for number in range(2):
        for at in range(number * 8):
            below = make_account(f"Child {at}", parent=cast.account, currency="USD" if at % 2 else "EUR", arr=5)
            make("route", account=below, title="A", type="upsell", value=10, probability=30)
        with CaptureQueriesContext(connection) as queries:
            api.get(f"/accounts/{cast.account.pk}/rollup")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_completeness_names_what_is_missing(cast: Cast, api: Api) -> None:
    found = api.get(f"/accounts/{cast.account.pk}/completeness").json()
    assert list(found["sections"]) == ["track", "reveal", "align", "choose", "kickoff"]
    check = next(check for check in found["sections"]["track"]["checks"] if check["key"] == "contacts")
    assert (check["passed"], check["record"]) == (False, "contact")
    assert check["missing"]
    api.made("/contacts", {"account": cast.account.key, "name": "Mariko"})
    after = api.get(f"/accounts/{cast.account.pk}/completeness").json()
    assert after["total"] > found["total"]
    assert api.get(f"/accounts/{cast.account.pk}").json()["completeness"]["total"] == after["total"]


def test_the_gate_says_what_a_move_needs_and_advance_runs_it(cast: Cast, api: Api) -> None:
    route = api.made("/routes", {"account": cast.account.key, "title": "Kyoto", "type": "upsell"})
    address = f"/routes/{route['id']}"
    gate = api.get(f"{address}/gate?to=qualifying").json()
    assert (gate["allowed"], gate["passed"]) == (True, False)
    assert {check["field"]: check["passed"] for check in gate["checks"]} == {
        "owner": True,
        "type": True,
        "value": False,
    }
    refused = problem(api.post(f"{address}/advance", {"to": "qualifying"}), 409)
    assert [error["loc"] for error in refused["errors"]] == [["value"]]
    moved = api.post(f"{address}/advance", {"to": "qualifying", "value": 480000, "reason": "Budget confirmed"})
    assert (moved.json()["state"], moved.json()["value"]) == ("qualifying", 480000)
    assert moved.headers["ETag"] == api.get(address).headers["ETag"]
    assert api.get(f"{address}/history").json()["items"][0]["note"] == "Budget confirmed"
    assert api.get(f"{address}/gate?to=won").json()["allowed"] is False
    problem(api.post(f"{address}/advance", {"to": "won"}), 409)
    problem(api.get(f"{address}/gate"), 400)
    problem(api.get(f"{address}/gate?to=nowhere"), 400)
    problem(api.get(f"{address}/gate?to=won&x=1"), 400)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"to": None}, {"to": 7}, {"to": ""}, {"to": "nowhere"}, {"to": "\x00"}, {"to": "qualifying", "reason": 7},
        {"to": "qualifying", "state": "won"}, {"to": "qualifying", "pk": 1}, {"to": "qualifying", "ctx": 1}, {"to": ["won"]},
        {"to": "qualifying", "parse": "text"}, {"to": "qualifying", "value": "much"}, {"to": "qualifying", "account": "2"},
    ],
)  # fmt: skip
def test_a_move_that_is_not_understood_changes_nothing(cast: Cast, api: Api, body: dict[str, Any]) -> None:
    route = api.made("/routes", {"account": cast.account.key, "title": "Kyoto", "type": "upsell", "value": 1})
    problem(api.post(f"/routes/{route['id']}/advance", body), 422)
    assert api.get(f"/routes/{route['id']}").json() == route


def test_reopening_takes_an_administrator_and_a_reason(cast: Cast, api: Api, admin: Api) -> None:
    route = api.made(
        "/routes", {"account": cast.account.key, "title": "K", "type": "upsell", "value": 1, "state": "won"}
    )
    address = f"/routes/{route['id']}/advance"
    assert problem(api.post(address, {"to": "pursuing", "reason": "too early"}), 403)["permission"] == "track:admin"
    problem(admin.post(address, {"to": "pursuing"}), 409)
    assert admin.post(address, {"to": "pursuing", "reason": "too early"}).json()["state"] == "pursuing"


def rows(account: str, count: int = 3, metric: str = "nps") -> list[dict[str, Any]]:
    """Return observations of consecutive days."""
    return [
        {
            "account": account,
            "metric": metric,
            "value": 10 + number,
            "on": date.fromordinal(738_000 + number).isoformat(),
        }
        for number in range(count)
    ]


def test_bulk_writes_the_series_once(cast: Cast, api: Api) -> None:
    account = str(cast.account.pk)
    kpi = api.made("/kpis", {"account": account, "name": "NPS", "metric": "nps", "baseline": 5, "target": 50})
    first = api.post("/observations/bulk", {"items": rows(cast.account.key)})
    assert first.json() == {"created": 3, "updated": 0, "unchanged": 0}
    again = api.post("/observations/bulk", {"items": [*rows(account, 4)[1:], {**rows(account)[0], "value": 99.5}]})
    assert again.json() == {"created": 1, "updated": 1, "unchanged": 2}
    listed = api.get(f"/observations?account={account}&order=on").json()["items"]
    assert [item["value"] for item in listed] == [99.5, 11, 12, 13]
    assert {item["kpi"] for item in listed} == {kpi["id"]}
    assert [item["version"] for item in listed] == [2, 1, 1, 1]
    seen = api.get(f"/kpis/{kpi['id']}").json()
    assert (seen["current"], seen["current_on"]) == (13, rows(account, 4)[3]["on"])
    history = api.get(f"/observations/{listed[0]['id']}/history").json()["items"]
    assert [change["action"] for change in history] == ["update", "create"]
    assert history[0]["changes"] == [{"field": "value", "from": 10, "to": 99.5}]
    assert history[0]["batch"] and history[0]["batch"] != history[1]["batch"]
    assert history[0]["by"]["name"] == "Katrin"


def test_a_row_may_name_a_kpi_or_leave_the_day_to_today(cast: Cast, api: Api) -> None:
    kpi = api.made("/kpis", {"account": cast.account.key, "name": "On-time delivery", "unit": "percent"})
    done = api.post("/observations/bulk", {"items": [{"kpi": kpi["id"], "value": 93.4, "source": "report"}]})
    assert done.json()["created"] == 1
    found = api.get("/observations").json()["items"][0]
    assert (found["kpi"], found["metric"], found["source"]) == (kpi["id"], kpi["metric"], "report")
    assert api.get(f"/kpis/{kpi['id']}").json()["current"] == 93.4


def test_one_bad_row_refuses_all(cast: Cast, api: Api) -> None:
    other = make_account("Foreign", owner=cast.outsider)
    items = rows(cast.account.key, 8)
    items[1]["value"] = "high"
    items[2]["metric"] = "no_such_metric"
    items[3]["account"] = str(other.pk)
    items[4]["on"] = "2026-02-30"
    items[5]["kpi"] = "999"
    items[6]["colour"] = "red"
    items[7] = {"account": cast.account.key}
    found = problem(api.post("/observations/bulk", {"items": items}), 422)
    assert [error["loc"] for error in found["errors"]] == [
        ["items", 1, "value"], ["items", 2, "metric"], ["items", 3, "account"], ["items", 4, "on"], ["items", 5, "kpi"],
        ["items", 6, "colour"], ["items", 7, "metric"], ["items", 7, "value"],
    ]  # fmt: skip
    assert not Observation.objects.exists()
    assert not Change.objects.filter(record_type="observation").exists()


@pytest.mark.parametrize("items", [None, [], {}, "x", [None], [[]], ["x"], [7], [{}], [{"value": {}}]])
def test_what_is_no_list_of_rows_is_refused(cast: Cast, api: Api, items: Any) -> None:
    problem(api.post("/observations/bulk", {"items": items}), 422)


def test_the_same_day_twice_in_one_call_is_refused(cast: Cast, api: Api) -> None:
    twice = [*rows(cast.account.key, 2), rows(str(cast.account.pk))[0]]
    found = problem(api.post("/observations/bulk", {"items": twice}), 422)
    assert found["errors"][0]["loc"] == ["items", 2, "on"]


def test_thousands_of_rows_take_a_handful_of_queries(cast: Cast, api: Api) -> None:
    api.made("/kpis", {"account": cast.account.key, "name": "NPS", "metric": "nps"})
    counts = []
    for count in (200, 2000, 4000):
        with CaptureQueriesContext(connection) as queries:
            assert api.post("/observations/bulk", {"items": rows(cast.account.key, count)}).status_code == 200
        inserts = sum(query["sql"].startswith("INSERT") for query in queries)
        assert inserts <= 4 + count / 35  # SQLite takes some fifty rows at once
        counts.append(len(queries) - inserts)
    assert counts[2] <= counts[1] + 2  # the first time there is nothing to compare with
    assert Kpi.objects.get(metric__key="nps").current == 10 + 3999
    problem(api.post("/observations/bulk", {"items": rows(cast.account.key, 5001)}), 422)


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("metrics", {"name": "Order accuracy"}),
        ("users", {"name": "Mei Lindgren"}),
        ("alerts", {"account": "1", "title": "Sponsor left"}),
        ("observations", {"kpi": "1", "value": 5}),
        ("meetings", {"cadence": "1", "at": "2027-04-14T09:00:00Z"}),
        ("journey-scores", {"account": "1", "dimension": "co_innovation", "score": 3}),
    ],
)
def test_what_follows_from_the_rest_need_not_be_said(world: World, resource: str, body: dict[str, Any]) -> None:
    ids = {"account": world.ids["account"], "kpi": world.id_of("kpi"), "cadence": world.id_of("cadence")}
    world.id_of("journey_dimension")
    made = world.api.made(f"/{resource}", {name: ids.get(name, value) for name, value in body.items()})
    assert made["id"]
