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
from trackline.accounts.models import Account, Metric, Score
from trackline.accounts.services import change_setting, set_exchange_rate
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.queries.account.together.competition import group_competition
from trackline.workspace.queries.account.together.coverage import group_coverage
from trackline.workspace.queries.account.together.execution import group_execution
from trackline.workspace.queries.account.together.forecast import group_forecast
from trackline.workspace.queries.account.together.goals import group_goals
from trackline.workspace.queries.account.together.health import group_health
from trackline.workspace.queries.account.together.kpis import group_kpis
from trackline.workspace.queries.account.together.renewals import group_renewals
from trackline.workspace.queries.account.together.surveys import group_surveys
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


def everything_else(account: Any, cast: Cast, word: str) -> None:
    """Give an account one of what the pages of its group show beside routes, people and plays."""
    ctx = now_context()
    make("pain_point", ctx=ctx, account=account, title=f"Pain {word}", money_impact=10)
    make("competitor", ctx=ctx, account=account, name=f"Rival {word}", solution_fit=4)
    make(
        "goal", ctx=ctx, account=account, title=f"Goal {word}", baseline=0, target=10, start_on=days(-9), due_on=days(9)
    )
    make("cadence", ctx=ctx, account=account, name=f"Rhythm {word}", type="qbr", frequency="monthly")
    make("execution_metric", ctx=ctx, account=account, name=f"Kept {word}", formula_key="actions_closed")
    contact = make("contact", ctx=ctx, account=account, name=f"Sponsor {word}")
    make("sponsorship", ctx=ctx, account=account, sponsor=cast.admin, contact=contact, purpose=f"Renew {word}")
    make("contract", ctx=ctx, account=account, ref=f"C {word}", end_on=days(40), notice_days=30)
    kpi = make("kpi", ctx=ctx, account=account, name=f"KPI {word}", unit="percent", baseline=1, target=9)
    make("observation", ctx=ctx, kpi=kpi.pk, account=account, metric=kpi.metric_id, on=days(-1), value=5)
    answered(account, 9, 9)


def answered(account: Any, *marks: int) -> None:
    """Make a wave of an account that these marks answered."""
    ctx = now_context()
    wave = make("wave", ctx=ctx, account=account, title="Survey", sent_on=days(-3), status="closed", asked=len(marks))
    for mark in marks:
        make("response", ctx=ctx, wave=wave, recommend=mark, on=days(-1))


def read(account: Any, key: str, value: int, ago: int = 1) -> None:
    """Record a reading of a metric of the book."""
    metric = Metric.objects.get(key=key)
    make("observation", ctx=now_context(), account=account, metric=metric, on=days(-ago), value=value)


def test_metrics_add_up_where_their_definition_says_so(cast: Cast, child: Any) -> None:
    for account, revenue, tickets, nps in ((cast.account, 100, 7, 20), (child, 400, 5, 60)):
        read(account, "revenue", 1, ago=60)
        read(account, "revenue", revenue, ago=2)
        read(account, "tickets_open", tickets)
        read(account, "nps", nps)
    read(child, "mau", 3)
    rows = {row.metric.key: row for row in group_kpis(together(cast)).rows}
    # 400 dollars are 200 euros; a reading of one account alone stands with that account.
    assert {key: (row.total, row.summed) for key, row in rows.items()} == {
        "revenue": (300, 2), "tickets_open": (12, 2), "nps": (None, 0),
    }  # fmt: skip
    assert [(cell.value, cell.currency) for cell in rows["revenue"].cells] == [(100, "EUR"), (400, "USD")]
    other = make_account(name="Osaka", parent=cast.account, currency="JPY")
    read(other, "revenue", 9000)
    row = next(row for row in group_kpis(together(cast)).rows if row.metric.key == "revenue")
    assert (row.total, row.summed, row.read) == (300, 2, 3)


def test_the_mean_of_goals_counts_every_goal_once(cast: Cast, child: Any) -> None:
    def goal(account: Any, title: str, now: int | None) -> None:
        made = make("goal", ctx=now_context(), account=account, title=title, baseline=0, target=100,
                    start_on=days(-50), due_on=days(50))  # fmt: skip
        if now is not None:
            make("check_in", ctx=now_context(), goal=made, on=days(0), value=now)

    goal(cast.account, "Half", 50)
    goal(cast.account, "Most", 75)
    goal(child, "Some", 35)
    goal(child, "Unread", None)
    found = group_goals(together(cast))
    assert found.overall.progress_pct is not None
    assert round(found.overall.progress_pct, 1) == Decimal("53.3")
    assert (found.overall.active, found.overall.unread) == (4, 1)
    lines = {line.name: (line.sums.progress_pct, line.worst) for line in found.lines}
    assert lines == {"Brandt Guss": (35, "At risk"), cast.account.name: (Decimal("62.5"), "On track")}


def test_answers_of_all_accounts_are_pooled(cast: Cast, child: Any) -> None:
    answered(cast.account, 10, 10, 9, 2)  # 75 % promote, 25 % detract: 50
    answered(child, 3, 8)  # -50
    make_account(name="Silent", parent=cast.account)
    found = group_surveys(now_context(), together(cast))
    # 3 of 6 promote, 2 of 6 detract; the mean of 50 and -50 would be 0.
    assert found.pool.scores.nps.value is not None
    assert round(found.pool.scores.nps.value, 2) == Decimal("16.67")
    assert [(line.name, line.result and line.result.scores.nps.value) for line in found.lines] == [
        ("Brandt Guss", -50), (cast.account.name, 50), ("Silent", None),
    ]  # fmt: skip
    assert (found.pool.rate, found.without) == (100, ["Silent"])
    assert found.finding == "NPS 17 over 6 answers of 2 accounts"


def test_a_competitor_stands_with_the_money_of_its_accounts(cast: Cast, child: Any) -> None:
    make_account(name="Unwatched", parent=cast.account)
    make("competitor", ctx=now_context(), account=cast.account, name="Line Vision")
    make("competitor", ctx=now_context(), account=child, name="line vision ")
    make("competitor", ctx=now_context(), account=child, name="Iris")
    found = group_competition(together(cast))
    rivals = {rival.name.casefold().strip(): (len(rival.places), rival.arr) for rival in found.rivals}
    assert rivals == {"line vision": (2, 2_840_500), "iris": (1, 500)}
    assert found.unwatched == ["Unwatched"]


def test_renewals_add_up_by_how_near_they_are(cast: Cast, child: Any) -> None:
    Account.objects.filter(pk=cast.account.pk).update(renewal_date=days(90), arr=1000)
    Account.objects.filter(pk=child.pk).update(renewal_date=days(91))
    make("renewal_cycle", ctx=now_context(), account=cast.account, renewal_date=days(90), arr_up=800)
    make_account(name="Undated", parent=cast.account, arr=5)
    found = group_renewals(together(cast))
    assert [(due.days, due.count, due.arr) for due in found.due] == [(90, 1, 800), (180, 2, 1300), (365, 2, 1300)]
    assert [(line.name, line.unprepared) for line in found.lines] == [
        (cast.account.name, False), ("Brandt Guss", True), ("Undated", False),
    ]  # fmt: skip
    assert found.without_date == ["Undated"]


def test_execution_adds_up_what_was_done_of_what_was_due(cast: Cast, child: Any) -> None:
    for account, total, done in ((cast.account, 4, 4), (child, 6, 3)):
        make("execution_metric", ctx=now_context(), account=account, name="Actions", formula_key="actions_closed")
        for number in range(total):
            made = make("action", ctx=now_context(), account=account, title=f"A{number}", due_on=days(0))
            if number < done:
                records.update(now_context(), registry.get("action"), made.pk, {"status": "done"})
    found = group_execution(together(cast))
    (one,) = found.sums
    # 7 of 10, not the mean of 100 % and 50 %.
    assert (one.done, one.due, one.found.value) == (7, 10, 70)
    assert len(found.rows) == 2


def test_the_group_says_what_comes_first_in_each_account(cast: Cast, child: Any, as_: Any) -> None:
    make("action", ctx=now_context(), account=child, title="Send the papers", due_on=days(-3))
    html = as_("owner").get(f"/accounts/{cast.account.key}/group").content.decode()
    told = html.split("What comes first in each account")[1].split("Section by section")[0]
    # What is late in one account comes before what is merely missing in the other.
    assert told.index("Send the papers") < told.index(f'href="/accounts/{cast.account.key}"')


def test_the_switch_stays_and_is_remembered(cast: Cast, child: Any, as_: Any) -> None:
    html = as_("owner").get(f"/accounts/{cast.account.key}/track/profile?group=1").content.decode()
    assert "With 1 below" in html and "for Okada Brandt Mobility alone" in html
    assert f'href="/accounts/{cast.account.key}/track/contacts?group=1"' in html
    assert f'href="/accounts/{cast.account.key}/reveal?group=1"' in html
    assert f'href="/accounts/{cast.account.key}/group"' in html
    assert "With 1 below" in as_("owner").get(f"/accounts/{cast.account.key}").content.decode()
    assert (
        "below" not in as_("owner").get(f"/accounts/{child.key}/track/contacts").content.decode().split('"scopes"')[0]
    )


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
    everything_else(child, cast, "below")
    html = as_("owner").get(f"/accounts/{cast.account.key}/{page}?group=1").content.decode()
    assert "below" in html.split('id="section-body"')[1] or "Brandt Guss" in html.split('id="section-body"')[1]
    assert "With 1 below" in html
    alone = as_("owner").get(f"/accounts/{cast.account.key}/{page}").content.decode().split('id="section-body"')[1]
    assert "Brandt Guss" not in alone
    assert not any(
        f"{noun} below" in alone
        for noun in (
            "Route",
            "Person",
            "Risk",
            "Play",
            "Meeting",
            "Value",
            "Foundry",
            "Pain",
            "Rival",
            "Goal",
            "Rhythm",
            "Kept",
            "Renew",
        )
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
        everything_else(account, cast, account.name)

    fill(child)
    asked()  # what is made on first use exists
    few = asked()
    for number in range(3):
        fill(make_account(name=f"Below {number}", parent=child, owner=cast.owner, currency="USD"))
    assert asked() == few


def test_who_sees_the_parent_alone_adds_up_the_parent_alone(cast: Cast, as_: Any) -> None:
    child = make_account(name="Hidden child", parent=cast.account, owner=cast.outsider)
    route(child, "Hidden route", value=999_000)
    everything_else(child, cast, "Hidden")
    change_setting(now_context(), "perm.parent_teams_see_children", False)
    for page in PAGES:
        assert "Hidden" not in as_("teammate").get(f"/accounts/{cast.account.key}/{page}?group=1").content.decode(), (
            page
        )
