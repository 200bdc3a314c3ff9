"""A parent with all below it: pictures added up in one currency, or side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, make, make_account
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Account, Score
from trackline.accounts.services import change_setting, set_exchange_rate
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.queries.account.together.coverage import group_coverage
from trackline.workspace.queries.account.together.forecast import group_forecast
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.value import group_value
from trackline.workspace.views.account_together import TOGETHER

PAGES = [f"{section}/{tab}" for section, tab in TOGETHER]


@pytest.fixture
def child(cast: Cast) -> Any:
    """A subsidiary that pays in dollars, two of them to the euro."""
    set_exchange_rate(now_context(), currency="USD", on=today(), rate=0.5)
    return make_account(name="Brandt Guss", parent=cast.account, owner=cast.owner, currency="USD", arr=1000)


def together(cast: Cast) -> Head:
    return replace(head_of(now_context(), cast.account.key), together=True)


def route(account: Any, title: str, **more: Any) -> Any:
    return make("route", ctx=now_context(), account=account, title=title, type="upsell", **more)


def test_the_forecast_is_one_distribution_in_one_currency(cast: Cast, child: Any) -> None:
    route(cast.account, "Half", value=100, probability=50)
    route(child, "Sure", value=400, currency="USD", probability=100)
    route(child, "No value", probability=50)
    found = group_forecast(together(cast))
    assert (found.currency, found.count, found.gross, found.weighted) == ("EUR", 2, 300, 250)
    assert [(line.name, line.count, line.weighted) for line in found.accounts] == [
        ("Brandt Guss", 1, 200), (cast.account.name, 1, 50),
    ]  # fmt: skip
    assert found.fan is not None
    # Either the half chance comes or not: 200 or 300.
    assert (found.fan.quantiles["p10"], found.fan.quantiles["p90"], found.fan.mean) == (200, 300, 250)
    assert [(title, why) for _, title, why in found.left_out] == [("No value", "no value")]
    own = group_forecast(head_of(now_context(), cast.account.key).__class__(**vars(together(cast)) | {"below": []}))
    assert own.count == 1


def test_a_currency_without_a_rate_is_left_out_and_named(cast: Cast) -> None:
    other = make_account(name="Osaka", parent=cast.account, currency="JPY")
    route(other, "Yen", value=100, currency="JPY", probability=50)
    make("value_outcome", ctx=now_context(), account=other, title="Saved", committed=500, money=500)
    assert [why for _, _, why in group_forecast(together(cast)).left_out] == ["no exchange rate of JPY"]
    assert group_value(together(cast)).without_rate == ["Osaka"]


def test_value_falls_account_by_account(cast: Cast, child: Any) -> None:
    ctx = now_context()
    make("value_outcome", ctx=ctx, account=cast.account, title="Scrap", committed=100, money=100)
    make("value_outcome", ctx=ctx, account=child, title="Hours", committed=400, money=600, verified_on=days(-3))
    found = group_value(together(cast))
    assert (found.committed, found.verified) == (300, 300)
    assert [(line.name, line.committed, line.verified) for line in found.lines] == [
        ("Brandt Guss", 200, 300), (cast.account.name, 100, 0),
    ]  # fmt: skip
    assert found.fall is not None
    assert [(step.label, step.amount, step.seen, after) for step, _, after in found.fall.steps] == [
        ("Brandt Guss", 100, True, 400), (cast.account.name, -100, False, 300),
    ]  # fmt: skip


def test_health_stands_side_by_side_with_its_money(cast: Cast, child: Any) -> None:
    Account.objects.filter(pk=cast.account.pk).update(health={"band": "green", "value": 90, "change": 5}, arr=1500)
    Account.objects.filter(pk=child.pk).update(health={"band": "red", "value": 20})
    found = group_health(together(cast))
    assert [(line.account.name, line.band, line.change) for line in found.lines] == [
        ("Brandt Guss", "red", None), (cast.account.name, "green", Decimal(5)),
    ]  # fmt: skip
    sums = {one.band: (one.count, one.arr, one.share) for one in found.bands}
    assert sums["red"] == (1, 500, 25)
    assert sums["green"] == (1, 1500, 75)
    assert found.finding == "1 red, 1 green; €500 of ARR stands in red."


def test_coverage_is_told_account_by_account(cast: Cast, child: Any) -> None:
    Score.objects.filter(account=cast.account).delete()
    lines = {line.name: line for line in group_coverage(together(cast))}
    assert lines[cast.account.name].value is None
    assert lines[cast.account.name].thread[1] == "not computed"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_group_shows_the_records_of_all(cast: Cast, child: Any, as_: Any, page: str) -> None:
    ctx = now_context()
    unit = make("business_unit", ctx=ctx, account=child, name="Foundry below")
    make("whitespace_cell", ctx=ctx, business_unit=unit, product=make("product", ctx=ctx, name="Inspect"), value=10)
    route(child, "Route below", value=10, probability=50)
    make("contact", ctx=ctx, account=child, name="Person below")
    make("risk", ctx=ctx, account=child, title="Risk below", likelihood=3, impact=3)
    make("play", ctx=ctx, account=child, title="Play below", horizon=30, due_on=days(9))
    make("meeting", ctx=ctx, account=child, title="Meeting below", at=ctx.now.replace(hour=12))
    make("value_outcome", ctx=ctx, account=child, title="Value below", committed=5, money=5)
    html = as_("owner").get(f"/accounts/{cast.account.key}/{page}?group=1").content.decode()
    assert "below" in html.split('id="section-body"')[1] or "Brandt Guss" in html.split('id="section-body"')[1]
    assert "With 1 below" in html
    alone = as_("owner").get(f"/accounts/{cast.account.key}/{page}").content.decode().split('id="section-body"')[1]
    assert "Brandt Guss" not in alone
    assert not any(
        f"{noun} below" in alone for noun in ("Route", "Person", "Risk", "Play", "Meeting", "Value", "Foundry")
    )


def test_queries_do_not_grow_with_accounts(cast: Cast, child: Any, as_: Any) -> None:
    def asked() -> dict[str, int]:
        found = {}
        for page in PAGES:
            with CaptureQueriesContext(connection) as queries:
                as_("owner").get(f"/accounts/{cast.account.key}/{page}?group=1")
            found[page] = len(queries)
        return found

    def fill(account: Any) -> None:
        ctx = now_context()
        route(account, "Route", value=10, probability=50)
        make("contact", ctx=ctx, account=account, name="Person")
        make("play", ctx=ctx, account=account, title="Play", horizon=30, due_on=days(9))
        make("meeting", ctx=ctx, account=account, title="Meeting", at=ctx.now + timedelta(hours=3))
        make("value_outcome", ctx=ctx, account=account, title="Value", committed=5, money=5)

    fill(child)
    asked()  # what is made on first use exists
    few = asked()
    for number in range(3):
        fill(make_account(name=f"Below {number}", parent=child, owner=cast.owner, currency="USD"))
    assert asked() == few


def test_who_sees_the_parent_alone_adds_up_the_parent_alone(cast: Cast, as_: Any) -> None:
    child = make_account(name="Hidden child", parent=cast.account, owner=cast.outsider)
    route(child, "Hidden route", value=999_000)
    change_setting(now_context(), "perm.parent_teams_see_children", False)
    for page in PAGES:
        assert "Hidden" not in as_("teammate").get(f"/accounts/{cast.account.key}/{page}?group=1").content.decode(), (
            page
        )
