"""Routes as they stood on a past day, and how close past forecasts came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, as_user, make, make_cast, system
from trackline.accounts.rates import rates_in_force
from trackline.align.services import advance_route
from trackline.book.queries.accuracy import accuracy
from trackline.book.queries.deals import deals_as_of, deals_on
from trackline.book.queries.forecast import forecast
from trackline.kit.policy import Context
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
STEPS: tuple[tuple[int, dict[str, Any]], ...] = (
    (3, {"value": 500}), (5, {"probability": 40}), (8, {"expected_close_on": date(2026, 12, 1), "value": None}),
    (9, {"value": 700, "currency": "EUR"}), (12, {"probability": 15}), (15, {"owner": None}),
)  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    """The people, with an outsider who sees nothing of the account."""
    return make_cast()


def at(day: int, month: int = 11) -> Context:
    """The context of a day."""
    return system(datetime(2026, month, day, 9, tzinfo=UTC))


def route(cast: Cast, ctx: Context, **more: Any) -> Any:
    """A route that is kept from a day on."""
    given = {"title": "Route", "type": "upsell", "currency": "EUR", "owner": cast.owner} | more
    return make("route", ctx=ctx, account=cast.account, **given)


def change(ctx: Context, one: Any, **data: Any) -> None:
    """Change a route on a day."""
    services.update(ctx, registry.get("route"), one.pk, data)


def test_every_past_day_is_seen_as_it_was_and_today_is_what_is_stored(cast: Cast) -> None:
    one = route(cast, at(1), value=400, probability=10, expected_close_on=date(2026, 11, 30))
    route(cast, at(1), title="Won before", state="won", value=90, closed_on=date(2026, 10, 3))
    told: dict[int, Any] = {}
    day, held = 1, dict(STEPS)
    while day <= 20:
        if day in held:
            change(at(day), one, **held[day])
        if day == 7:
            advance_route(at(day), one.pk, "qualifying")
        if day == 14:
            advance_route(at(day), one.pk, "pursuing")
        told[day] = deals_as_of(at(day), at(day).today).rows
        day += 1
    now = at(20)
    days = [date(2026, 11, day) for day in told]
    assert [found.rows for found in deals_on(now, days, rates_in_force(now.today))] == list(told.values())
    assert [deals_as_of(now, on).rows for on in days[3:9:5]] == [told[4], told[9]]
    assert (
        len({(deal.value, deal.probability, deal.closes_on, deal.owner, deal.state) for deal, *_ in told.values()}) >= 7
    )
    assert forecast(now, date(2026, 11, 2))["gross"] == 400


def test_a_chance_changed_between_two_moves_is_the_one_that_stood(cast: Cast) -> None:
    one = route(cast, at(1), value=100, expected_close_on=date(2026, 12, 1))
    advance_route(at(2), one.pk, "qualifying")
    change(at(4), one, probability=55)
    advance_route(at(6), one.pk, "pursuing")
    assert [deals_as_of(at(9), date(2026, 11, day)).rows[0].probability for day in (3, 5)] == [30, 55]


def test_forecasts_of_past_months_against_what_was_won(cast: Cast) -> None:
    now = at(20)
    make("booking_target", period="month", from_on=date(2026, 10, 1), value=150)
    brought = route(cast, at(10, 8), state="pursuing", value=100, probability=50, expected_close_on=date(2026, 9, 15))
    slipped = route(
        cast,
        at(10, 8),
        state="pursuing",
        value=200,
        probability=25,
        expected_close_on=date(2026, 9, 20),
        owner=cast.teammate,
    )
    change(at(5, 9), slipped, expected_close_on=date(2026, 10, 20), value=300)
    advance_route(at(12, 9), brought.pk, "won", value=80)
    route(cast, at(3, 10), title="Later known", value=999, probability=90, expected_close_on=date(2026, 10, 25))
    advance_route(at(18, 10), slipped.pk, "won")
    found = accuracy(now, periods=4)
    assert [(row["period"], row["forecast"], row["won"], row["target"]) for row in found["rows"]] == [
        ("2026-07", None, 0, None), ("2026-08", None, 0, None), ("2026-09", 100, 80, None), ("2026-10", 75, 300, 150),
    ]  # fmt: skip
    assert round(float(found["accuracy_pct"]), 3) == 117.143 and not found["ok"] and found["bias"] == "even"
    owners = {row["name"]: (row["forecast"], row["won"], row["bias"]) for row in found["owners"]}
    assert owners == {cast.owner.name: (50, 80, "too_low"), cast.teammate.name: (125, 300, "even")}
    assert "no forecast to compare with" in found["notes"][0]
    quarter = accuracy(now, "quarter", 1)["rows"]
    assert [(row["period"], row["forecast"], row["won"]) for row in quarter] == [("2026-Q3", None, 80)]
    hidden = accuracy(as_user(cast.outsider, now.now))
    assert {(row["forecast"], row["won"]) for row in hidden["rows"]} == {(None, 0)} and hidden["owners"] == []


def test_queries_do_not_grow_with_periods(cast: Cast) -> None:
    route(cast, at(10, 8), value=100, expected_close_on=date(2026, 9, 15))

    def count(ask: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    assert count(lambda: accuracy(at(20), periods=2)) == count(lambda: accuracy(at(20), periods=12))
