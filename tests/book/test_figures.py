"""Figures of the whole book against figures computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.services import change_setting, set_exchange_rate
from trackline.align.services import advance_route
from trackline.book.queries.forecast import forecast
from trackline.book.queries.pipeline import BY, pipeline
from trackline.book.queries.renewals import renewals
from trackline.book.queries.retention import retention
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.fixture
def cast() -> Cast:
    """The people, with an outsider who sees nothing of the account."""
    return make_cast()


def sums(found: dict[str, Any]) -> dict[str | None, tuple[Decimal, int]]:
    """Value and count by key."""
    return {row["key"]: (row["value"], row["count"]) for row in found["rows"]}


def route(account: Any, title: str = "Route", **more: Any) -> Any:
    """Make a route, closed ones included: an import writes them as they are."""
    return make("route", account=account, title=title, type="upsell", currency="EUR", **more)


# -- pipeline ------------------------------------------------------------------------------------------------------


def book(cast: Cast) -> dict[str, Any]:
    """Won and lost and open routes of two accounts, one below the other, and of a third."""
    set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.9"))
    below = make_account("Okada Brandt Korea", parent=cast.account)
    other = make_account("Nordwall Logistik")
    pump, valve = make("product", name="Pump"), make("product", name="Valve")
    won = {"state": "won", "value": 0}
    route(cast.account, owner=cast.owner, product=pump, **won | {"value": 1000, "closed_on": date(2026, 3, 31)})
    route(cast.account, owner=cast.owner, product=valve, **won | {"value": 500, "closed_on": date(2026, 4, 1)})
    route(below, owner=cast.teammate, product=pump, **won | {"value": 250, "closed_on": date(2026, 4, 2)})
    dollars = won | {"value": 100, "closed_on": date(2026, 10, 1), "currency": "USD"}
    make("route", account=other, title="Dollars", type="upsell", **dollars)
    yen = won | {"value": 100, "closed_on": date(2026, 10, 1), "currency": "JPY"}
    make("route", account=other, title="Yen", type="upsell", **yen)
    route(other, owner=cast.owner, state="lost", value=70, closed_on=date(2026, 5, 5), close_reason="price")
    route(other, state="identified", value=30)
    route(other, state="qualifying", value=None, expected_close_on=date(2026, 12, 1))
    route(other, state="parked", value=9, revisit_on=date(2027, 1, 31))
    return {"below": below, "other": other}


def test_won_value_by_each_of_the_six(cast: Cast) -> None:
    book(cast)
    ctx = system()
    assert sums(pipeline(ctx, TODAY, "quarter", "won")) == {
        "2026-Q1": (1000, 1), "2026-Q2": (750, 2), "2026-Q4": (90, 1),
    }  # fmt: skip
    assert sums(pipeline(ctx, TODAY, "owner", "won")) == {"Katrin": (1500, 2), "Tim": (250, 1), None: (90, 1)}
    assert sums(pipeline(ctx, TODAY, "product", "won")) == {"Pump": (1250, 2), "Valve": (500, 1), None: (90, 1)}
    assert sums(pipeline(ctx, TODAY, "account", "won")) == {
        "okada-brandt-mobility": (1500, 2), "okada-brandt-korea": (250, 1), "nordwall-logistik": (90, 1),
    }  # fmt: skip
    assert sums(pipeline(ctx, TODAY, "group", "won")) == {
        "okada-brandt-mobility": (1750, 3),
        "nordwall-logistik": (90, 1),
    }
    assert sums(pipeline(ctx, TODAY, "stage", "won")) == {"won": (1840, 4)}
    found = pipeline(ctx, TODAY, "owner", "won")
    assert (found["total"], found["count"], found["currency"]) == (1840, 4, "EUR")
    assert any("1 in JPY left out" in note for note in found["notes"])


def test_open_is_what_is_identified_qualifying_or_pursuing(cast: Cast) -> None:
    book(cast)
    found = pipeline(system(), TODAY, "stage")
    assert sums(found) == {"identified": (30, 1), "qualifying": (0, 1)}
    assert [row["key"] for row in found["rows"]] == ["identified", "qualifying"]
    assert any("1 have no value" in note for note in found["notes"])
    assert sums(pipeline(system(), TODAY, "quarter")) == {"2026-Q4": (0, 1), None: (30, 1)}
    assert sums(pipeline(system(), TODAY, "account", "lost")) == {"nordwall-logistik": (70, 1)}


def test_quarters_are_fiscal(cast: Cast) -> None:
    book(cast)
    change_setting(system(), "book.fiscal_year_start_month", 4)
    found = pipeline(system(), TODAY, "quarter", "won")
    assert sums(found) == {"2026-Q4": (1000, 1), "2027-Q1": (750, 2), "2027-Q3": (90, 1)}
    assert [row["key"] for row in found["rows"]] == ["2026-Q4", "2027-Q1", "2027-Q3"]


def test_two_of_one_name_are_told_apart(cast: Cast) -> None:
    twin = make("user", username="katrin-2", name="Katrin")
    for owner in (cast.owner, twin):
        route(cast.account, owner=owner, state="identified", value=10)
    assert set(sums(pipeline(system(), TODAY, "owner"))) == {"Katrin (katrin)", "Katrin (katrin-2)"}


def test_a_day_in_the_past_takes_moves_back(cast: Cast) -> None:
    before, after = datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC)
    made = datetime(2026, 10, 1, 9, tzinfo=UTC)
    moved = route(cast.account, ctx=system(made), owner=cast.owner, value=400)
    advance_route(system(before), moved.pk, "qualifying")
    advance_route(system(after), moved.pk, "pursuing", probability=70, expected_close_on=date(2026, 12, 1))
    imported = route(cast.account, state="won", value=50, closed_on=date(2026, 11, 10))
    assert sums(pipeline(system(), date(2026, 11, 20), "stage")) == {"pursuing": (400, 1)}
    assert sums(pipeline(system(), date(2026, 11, 19), "stage")) == {"qualifying": (400, 1)}
    assert sums(pipeline(system(), date(2026, 11, 9), "stage")) == {"qualifying": (400, 1), None: (50, 1)}
    assert sums(pipeline(system(), date(2026, 11, 9), "stage", "won")) == {}
    assert sums(pipeline(system(), date(2026, 11, 10), "stage", "won")) == {"won": (50, 1)}
    found = forecast(system(), date(2026, 11, 9))
    assert (found["count"], found["weighted"]) == (1, 120)  # 30 % of the state; the imported one is not known
    assert imported.pk and any("stood in a state that is not known" in note for note in found["notes"])


# -- forecast ------------------------------------------------------------------------------------------------------


def by_hand(deals: list[tuple[int, int]]) -> dict[str, Any]:
    """Every outcome of some deals, one by one."""
    outcomes: dict[Decimal, Decimal] = {}
    for won in product((0, 1), repeat=len(deals)):
        total, chance = Decimal(0), Decimal(1)
        for (value, percent), flag in zip(deals, won, strict=True):
            total += value * flag
            chance *= Decimal(percent if flag else 100 - percent) / 100
        outcomes[total] = outcomes.get(total, Decimal(0)) + chance
    mean = sum((total * chance for total, chance in outcomes.items()), Decimal(0))
    variance = sum(((total - mean) ** 2 * chance for total, chance in outcomes.items()), Decimal(0))
    quantiles = {}
    for q in (5, 10, 25, 50, 75, 90, 95):
        seen = Decimal(0)
        for total in sorted(outcomes):
            seen += outcomes[total]
            if seen >= Decimal(q) / 100:
                quantiles[f"p{q}"] = total
                break
    return {"mean": mean, "sd": variance.sqrt(), "quantiles": quantiles}


def test_forecast_is_every_outcome_with_its_chance(cast: Cast) -> None:
    ctx = system()
    soon, later = date(2026, 12, 31), date(2027, 1, 1)
    route(cast.account, state="pursuing", value=1200, probability=60, expected_close_on=soon)
    route(cast.account, state="pursuing", value=800, probability=85, expected_close_on=soon)
    route(cast.account, state="qualifying", value=2000, probability=30, expected_close_on=later)
    route(cast.account, state="identified", value=100)  # 10 % by its state
    route(cast.account, state="won", value=9999, closed_on=TODAY)
    found = forecast(ctx, TODAY, Decimal(2000))
    expected = by_hand([(1200, 60), (800, 85), (2000, 30), (100, 10)])
    assert found["mean"] == expected["mean"] == found["weighted"] == Decimal(2010)
    assert abs(found["sd"] - expected["sd"]) < Decimal("1e-9")
    assert found["quantiles"] == expected["quantiles"]
    assert (found["method"], found["count"], found["gross"]) == ("exact", 4, 4100)
    assert (found["commit"], found["commit_count"], found["quarter"]) == (800, 1, "2026-Q4")
    quarters = {row["quarter"]: (row["count"], row["weighted"], row["commit"]) for row in found["by_quarter"]}
    assert quarters == {"2026-Q4": (2, 1400, 800), "2027-Q1": (1, 600, 0), None: (1, 10, 0)}
    assert found["by_quarter"][0]["quantiles"] == by_hand([(1200, 60), (800, 85)])["quantiles"]


def test_forecast_of_nothing(cast: Cast) -> None:
    found = forecast(system(), TODAY)
    assert (found["mean"], found["weighted"], found["commit"], found["by_quarter"]) == (0, 0, 0, [])


def test_forecast_converts_and_stays_exact(cast: Cast) -> None:
    set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.91234567"))
    for number in range(40):
        make(
            "route", account=cast.account, title=f"R{number}", type="upsell", state="pursuing", currency="USD",
            value=10_007 + 311 * number, probability=5 + 2 * number,
        )  # fmt: skip
    found = forecast(system(), TODAY)
    assert found["method"] == "exact"
    mean = sum((10_007 + 311 * n) * Decimal("0.91234567") * (5 + 2 * n) / 100 for n in range(40))
    assert abs(found["weighted"] - mean) < Decimal("1e-9")
    assert found["mean"] == found["weighted"]
    assert any("40 come from other currencies" in note for note in found["notes"])


# -- retention -----------------------------------------------------------------------------------------------------


def contract(account: Any, arr: int, start: date, end: date | None = None, **more: Any) -> Any:
    """Make a contract."""
    return make("contract", account=account, ref=f"C{arr}", start_on=start, end_on=end, arr=arr, **more)


def test_retention_from_contracts_readings_and_the_account(cast: Cast) -> None:
    first, last = date(2025, 12, 31), date(2026, 11, 23)
    grown, shrunk, gone, new = (make_account(name, arr=None) for name in ("Grown", "Shrunk", "Gone", "New"))
    contract(grown, 300, date(2025, 1, 1), date(2026, 6, 30))
    contract(grown, 480, date(2026, 7, 1))
    contract(shrunk, 100, date(2025, 1, 1))
    contract(shrunk, 30, date(2025, 1, 1), date(2025, 12, 31))  # its last day still counts
    contract(gone, 40, date(2025, 1, 1), date(2026, 11, 22))
    contract(new, 77, date(2026, 1, 1))
    read = make_account("Read", arr=5)
    metric = registry.get("metric").model.objects.get(key="arr")
    for on, value in ((date(2025, 6, 1), 530), (date(2026, 8, 1), 530)):
        make("observation", account=read, metric=metric, on=on, value=value)
    found = retention(system(), first, last)
    assert [found[key] for key in ("starting_arr", "expansion", "contraction", "churn")] == [1000, 180, 30, 40]
    assert (found["nrr_pct"], found["grr_pct"]) == (111, 93)  # the worked examples of KPI-002 and KPI-030
    assert (found["nrr_band"], found["grr_band"]) == ("green", "green")
    assert (found["ending_arr"], found["new_arr"], found["accounts"], found["churned"]) == (1110, 77, 4, ["gone"])
    assert [row["key"] for row in found["missing"]] == ["okada-brandt-mobility"]


def test_why_revenue_went_is_what_was_said_of_the_lost_renewal(cast: Cast) -> None:
    first, last = date(2025, 12, 31), date(2026, 11, 23)
    price, rival, silent, early, grown = (make_account(name) for name in ("Price", "Rival", "Silent", "Early", "Grown"))
    for account, before, after in ((price, 50, 20), (rival, 90, 0), (silent, 70, 0), (early, 10, 0), (grown, 10, 20)):
        contract(account, before, date(2025, 1, 1), date(2026, 6, 30))
        if after:
            contract(account, after, date(2026, 7, 1))

    def lost(account: Any, reason: str, on: date, kind: str = "renewal") -> None:
        route = make("route", account=account, title=f"{reason} {on}", type=kind)
        type(route).objects.filter(pk=route.pk).update(state="lost", close_reason=reason, closed_on=on)

    lost(price, "timing", date(2026, 5, 1))
    lost(price, "price", date(2026, 6, 30))
    lost(rival, "competitor", date(2026, 6, 30))
    lost(silent, "no_need", date(2026, 6, 30), kind="upsell")
    lost(early, "no_budget", date(2025, 12, 30))
    lost(grown, "price", date(2026, 6, 30))
    rows = retention(system(), first, last)["reasons"]
    assert [(row["reason"], row["churn"], row["contraction"]) for row in rows] == [
        ("competitor", 90, 0), ("price", 0, 30), (None, 80, 0),
    ]  # fmt: skip
    assert [[one["key"] for one in row["accounts"]] for row in rows] == [["rival"], ["price"], ["early", "silent"]]
    assert retention(system(), last, last)["reasons"] == []


def test_the_accounts_own_arr_is_taken_back_through_its_history(cast: Cast) -> None:
    account = make_account("Own", ctx=system(datetime(2026, 1, 10, 9, tzinfo=UTC)), arr=100)
    when = datetime(2026, 5, 10, 9, tzinfo=UTC)
    services.update(system(when), registry.get("account"), account.pk, {"arr": 150})
    services.update(system(datetime(2026, 8, 10, 9, tzinfo=UTC)), registry.get("account"), account.pk, {"arr": 120})

    def moves(start: date, end: date) -> list[Decimal]:
        found = retention(system(), start, end)
        return [found[key] for key in ("starting_arr", "expansion", "contraction", "churn")]

    assert moves(date(2026, 2, 1), date(2026, 6, 1)) == [100, 50, 0, 0]
    assert moves(date(2026, 6, 1), date(2026, 11, 1)) == [150, 0, 30, 0]
    assert moves(date(2026, 2, 1), date(2026, 11, 1)) == [100, 20, 0, 0]
    found = retention(system(), date(2026, 1, 9), date(2026, 11, 1))
    assert found["nrr_pct"] is None
    assert {row["key"] for row in found["missing"]} == {"own", "okada-brandt-mobility"}


def test_a_currency_that_moves_is_neither_expansion_nor_contraction(cast: Cast) -> None:
    set_exchange_rate(system(), "USD", date(2025, 12, 31), Decimal("0.8"))
    set_exchange_rate(system(), "USD", date(2026, 6, 30), Decimal("0.9"))
    account = make_account("Dollars", currency="USD")
    contract(account, 100, date(2025, 1, 1), currency="USD")
    found = retention(system(), date(2025, 12, 31), TODAY)
    assert (found["starting_arr"], found["expansion"], found["nrr_pct"]) == (90, 0, 100)
    with pytest.raises(BadRequest):
        retention(system(), TODAY, date(2025, 12, 31))


# -- renewals ------------------------------------------------------------------------------------------------------


def test_renewals_by_cycle_or_account(cast: Cast) -> None:
    late = make_account("Late", renewal_date=date(2026, 11, 1), arr=10, tier=2)
    make_account("Later", renewal_date=date(2027, 3, 1), arr=20)
    cycled = make_account("Cycled", renewal_date=date(2027, 6, 1), arr=30)
    make("renewal_cycle", account=cycled, renewal_date=date(2026, 12, 1), arr_up=25, forecast="commit")
    make_account("Gone", renewal_date=date(2026, 12, 1), arr=99, status="churned")
    found = renewals(system(), TODAY)
    assert [(row["key"], row["days"], row["arr"]) for row in found["rows"]] == [
        (late.key, -22, 10), ("cycled", 8, 25), ("later", 98, 20),
    ]  # fmt: skip
    assert found["undated"] == [cast.account.key]
    assert {row["quarter"]: (row["arr"], row["count"]) for row in found["by_quarter"]} == {
        "2026-Q4": (35, 2), "2027-Q1": (20, 1),
    }  # fmt: skip
    assert [row["key"] for row in renewals(system(), TODAY, 8)["rows"]] == ["late", "cycled"]
    assert any("should have renewed" in note for note in found["notes"])


# -- whose ---------------------------------------------------------------------------------------------------------

FIGURES: dict[str, Callable[[Context], Any]] = {
    **{f"pipeline by {by}": lambda ctx, by=by: pipeline(ctx, TODAY, by, "won") for by in BY},
    "pipeline of a past day": lambda ctx: pipeline(ctx, date(2026, 11, 1), "stage"),
    "forecast": lambda ctx: forecast(ctx, TODAY),
    "retention": lambda ctx: retention(ctx, date(2025, 12, 31), TODAY),
    "renewals": lambda ctx: renewals(ctx, TODAY),
}


@pytest.mark.parametrize("name", FIGURES)
def test_nobody_reads_figures_of_accounts_they_do_not_see(cast: Cast, name: str) -> None:
    hidden = make_account("Zanzibar Holding", owner=cast.admin, arr=5, renewal_date=TODAY)
    mine = make_account("Mine", owner=cast.outsider, parent=hidden, arr=7)
    for account in (hidden, mine, cast.account):
        route(account, "Zanzibar" if account is hidden else "Route", state="won", value=10, closed_on=TODAY)
        route(account, state="pursuing", value=10, probability=50)
    found = FIGURES[name](as_user(cast.outsider))
    assert "zanzibar" not in str(found).lower()
    assert "okada" not in str(found).lower()
    if name.startswith("pipeline by"):
        assert (found["total"], found["count"]) == (10, 1)
    if name == "pipeline by group":
        assert [row["key"] for row in found["rows"]] == ["mine"]


@pytest.mark.parametrize("name", FIGURES)
def test_queries_do_not_grow_with_accounts(cast: Cast, name: str) -> None:
    set_exchange_rate(system(), "USD", date(2025, 9, 30), Decimal("0.9"))
    counts = []
    for number in range(4):
        account = make_account(f"Account {number}", parent=cast.account, arr=10 * number, renewal_date=TODAY)
        item = make("product", name=f"P{number}")
        route(account, state="won", value=5, closed_on=TODAY, owner=cast.owner, product=item)
        route(account, state="pursuing", value=5, probability=50, expected_close_on=TODAY)
        contract(account, 10, date(2025, 1, 1))
        with CaptureQueriesContext(connection) as asked:
            FIGURES[name](as_user(cast.owner))
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
