"""The page of the forecast: periods, targets, filters, hygiene, the routes behind a figure, files."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from tests.factories import NOW, Cast, make, make_account, make_cast, system
from trackline.book.queries.forecast import forecast
from trackline.book.queries.hygiene import hygiene_of
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.forecasting import Asked, files, forecasting

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def route(account: Any, title: str, value: int, closes: date | None, **more: Any) -> Any:
    data = {"state": "pursuing", "probability": 50, "type": "upsell", "currency": "EUR"} | more
    return make("route", account=account, title=title, value=value, expected_close_on=closes, **data)


def target(value: int, first: date, period: str = "quarter", **more: Any) -> Any:
    return make("booking_target", value=value, from_on=first, period=period, **more)


def asked(query: str = "") -> Asked:
    return Asked.of(QueryDict(query), TODAY)


def test_the_chance_of_a_target_counts_what_is_won(cast: Cast) -> None:
    route(cast.account, "Won", 40, None, state="won", closed_on=date(2026, 10, 2))
    for title in ("A", "B"):
        route(cast.account, title, 30, date(2026, 12, 1))
    route(cast.account, "Later", 10, date(2027, 2, 1))
    target(100, date(2026, 10, 1))
    found = forecast(system(), TODAY)
    now, later = found["by_quarter"]
    assert (now["won"], now["target"], now["p_target_pct"], now["weighted"]) == (40, 100, 25, 30)
    assert (later["target"], later["p_target_pct"]) == (None, None)
    assert [row["month"] for row in found["by_month"]] == ["2026-12", "2027-02"]
    assert found["coverage"]["value"] is None and found["coverage"]["target"] is None


def test_targets_are_added_up_and_never_split(cast: Cast) -> None:
    route(cast.account, "A", 1000, date(2026, 12, 1))
    for month in (10, 11):
        target(10, date(2026, month, 1), "month")
    assert forecast(system(), TODAY)["by_quarter"][0]["target"] is None
    target(10, date(2026, 12, 1), "month")
    for year, month in ((2027, 1), (2027, 4), (2027, 7)):
        target(70, date(year, month, 1))
    found = forecast(system(), TODAY)
    assert [(row["quarter"], row["target"]) for row in found["by_quarter"]] == [
        ("2026-Q4", 30), ("2027-Q1", 70), ("2027-Q2", 70), ("2027-Q3", 70),
    ]  # fmt: skip
    assert (found["coverage"]["target"], found["coverage"]["weighted"]) == (240, 500)
    assert found["coverage"]["band"] == "amber"
    assert [row["target"] for row in found["by_month"]] == [10, 10]  # November and December: what has ended is left out


def test_a_target_begins_with_its_period_and_stands_alone(cast: Cast) -> None:
    for first, period in ((date(2026, 10, 2), "month"), (date(2026, 11, 1), "quarter"), (date(2026, 4, 1), "year")):
        with pytest.raises(Invalid):
            target(1, first, period)
    target(1, date(2026, 10, 1))
    target(1, date(2026, 10, 1), owner=cast.owner)
    with pytest.raises(Invalid):
        target(2, date(2026, 10, 1))
    mine = target(2, date(2026, 10, 1), "month", owner=cast.owner)
    assert services.update(system(), registry.get("booking_target"), mine.pk, {"value": 3}).value == 3


def test_filters_narrow_routes_and_choose_whose_target(cast: Cast) -> None:
    other = make_account("Nordwall", owner=cast.teammate, tier=2, region="North")
    route(cast.account, "Ours", 30, date(2026, 12, 1))
    route(other, "Theirs", 50, date(2026, 12, 1))
    target(100, date(2026, 10, 1))
    target(60, date(2026, 10, 1), owner=cast.teammate)

    def told(**filters: str) -> tuple[Decimal, Decimal | None]:
        found = forecast(system(), TODAY, None, filters)
        return found["gross"], found["by_quarter"][0]["target"]

    assert told() == (80, 100)
    assert told(owner=cast.teammate.username) == (50, 60)
    assert told(owner=cast.owner.username) == (30, None)
    assert told(region="North") == (50, None)
    assert told(tier="2", group=other.key) == (50, None)
    assert forecast(system(), TODAY, None, {"tier": "3"})["by_quarter"] == []


def test_hygiene_names_what_each_route_misses(cast: Cast) -> None:
    good = route(cast.account, "Good", 10, TODAY + timedelta(days=20), probability=60)
    bad = route(cast.account, "Bad", 10, TODAY - timedelta(days=1), probability=99)
    play = make("play", account=cast.account, title="Win it", horizon=30, routes=[good.pk])
    make("step", play=play, title="Call", due_on=TODAY + timedelta(days=14))
    for days in (2, 3):
        services.update(
            system(), registry.get("route"), good.pk, {"expected_close_on": TODAY + timedelta(days=20 + days)}
        )
    found = hygiene_of(system(), {cast.account.pk})
    assert found.missed == {good.pk: ["slipping"], bad.pk: ["next_step", "close_date", "probability"]}
    page = forecasting(system(), asked("show=close_date"))
    assert [(line.title, line.misses[0]) for line in page.lines] == [("Bad", "no next step")]


def test_a_period_opens_its_routes_and_files_hold_them_all(cast: Cast) -> None:
    for number in range(60):
        route(cast.account, f"Route {number}", 100 + number, date(2026, 12, 1))
    route(cast.account, "Undated", 5, None)
    page = forecasting(system(), asked("period=2026-Q4&page=2"))
    assert (page.found, page.first, page.last, len(page.lines)) == (60, 51, 60, 10)
    assert [line.title for line in forecasting(system(), asked("period=none&by=month")).lines] == ["Undated"]
    lines = list(files(forecasting(system(), asked(), every=True)))
    assert len(lines) == 62 and lines[1][3] == "Route 59" and lines[1][7] == "2026-Q4"
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get("/book/forecast/export/csv?period=none").content.decode("utf-8-sig")
    assert [row["Route"] for row in csv.DictReader(io.StringIO(text))] == ["Undated"]
    assert "YYYY-MM-DD is expected" in browser.get("/book/forecast?as_of=soon").content.decode()
    assert "lies ahead" in browser.get("/book/forecast?as_of=2030-01-01").content.decode()


def test_open_routes_without_a_value_are_not_no_routes(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert "No route is open" in client.get("/book/forecast").content.decode()
    make("route", account=cast.account, title="Line 4", type="upsell", owner=cast.owner)
    page = client.get("/book/forecast").content.decode()
    assert "1 open route, none with a value" in page
    assert "No route is open" not in page
