"""What stands beside the tables: grids, lines, boards, sums of a group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import Cast, make, make_account, system
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Account
from trackline.accounts.rates import Rates
from trackline.accounts.services import set_exchange_rate
from trackline.choose.models import Step
from trackline.kit.days import day_start
from trackline.kit.formats import measure
from trackline.workspace.queries.account import choose, group, kickoff, reveal, track
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.templatetags import charts


def head(account: Account) -> Head:
    """The head of an account as the program sees it."""
    return head_of(now_context(), account.key)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("3.1"), "percent", "3.1\u00a0%"),
        (Decimal("25"), "hours", "25\u00a0h"),
        (Decimal("420000"), "currency", "€420k"),
        (Decimal("0.04"), "ratio", "0.04"),
        (Decimal("1234.5"), "count", "1,235"),
        (None, "percent", "no reading"),
    ],
)
def test_measures_carry_their_unit(value: Decimal | None, unit: str, text: str) -> None:
    assert measure(value, unit, "EUR") == text


def test_sums_keep_one_currency_and_convert_several() -> None:
    rates = Rates("EUR", {"USD": Decimal("0.9")}, {"USD": date(2026, 10, 31)})
    plain = rates.total([(Decimal(10), "JPY"), (Decimal(5), "JPY"), (None, "JPY")])
    assert (plain.amount, plain.currency, plain.note) == (Decimal(15), "JPY", "")
    mixed = rates.total([(Decimal(10), "USD"), (Decimal(1), "EUR"), (Decimal(7), "XAF")])
    assert (mixed.amount, mixed.currency) == (Decimal("10.0"), "EUR")
    assert mixed.note == "in EUR at stored rates, XAF left out: no rate"
    assert rates.total([]).currency == "EUR"


def test_colours_hold_until_the_next_view(cast: Cast) -> None:
    ctx = now_context()
    for back, delivery in ((100, "green"), (60, "green"), (20, "red")):
        make("health_snapshot", ctx=ctx, account=cast.account, on=days(-back), delivery=delivery, relationship="amber")
    history = track.health_history(cast.account.pk, today())
    assert history is not None
    (_, delivery_spans), (_, relationship_spans) = history.bars
    assert [(span.band, round(span.width_pct)) for span in delivery_spans] == [("green", 80), ("red", 20)]
    assert [span.band for span in relationship_spans] == ["amber"]
    assert history.finding.endswith(
        f"Delivery was green until {days(-60).day}\u00a0{days(-60):%b}\u00a0{days(-60).year}."
    )
    assert track.health_history(make_account("Other").pk, today()) is None


def test_risks_are_banded_by_their_product(cast: Cast) -> None:
    for likelihood, impact in ((3, 5), (3, 4), (1, 1)):
        make("risk", account=cast.account, title="Risk", likelihood=likelihood, impact=impact)
    make("risk", account=cast.account, title="Closed", likelihood=5, impact=5, status="closed")
    grid = track.risk_grid(cast.account.pk)
    assert grid.finding == "3 open risks, 1 red and 1 amber (likelihood × impact)."


def test_a_goal_card_knows_where_it_should_be(cast: Cast) -> None:
    ctx = now_context()
    goal = make("goal", ctx=ctx, account=cast.account, title="Scrap", baseline=10, target=0, unit="percent",
                start_on=days(-50), due_on=days(50), owner=cast.owner)  # fmt: skip
    make("check_in", ctx=ctx, goal=goal, on=days(-40), value=8)
    card = reveal.goal_cards(head(cast.account))[0]
    assert card.row.expected_pct == 50
    assert card.finding == "8\u00a0%, 20\u00a0% of the way; 50\u00a0% of the time has passed."
    assert card.overdue_days == 10
    assert card.row.band == "red"
    drawn = charts.trajectory(card.chart, card.finding)
    assert 'role="img"' in drawn
    assert "style=" not in drawn


def test_the_straight_line_runs_from_start_to_due_date_whatever_was_read_before(cast: Cast) -> None:
    ctx = now_context()
    goal = make("goal", ctx=ctx, account=cast.account, title="Scrap", baseline=10, target=0, unit="percent",
                start_on=days(-50), due_on=days(50), owner=cast.owner)  # fmt: skip
    make("check_in", ctx=ctx, goal=goal, on=days(-150), value=10)
    make("check_in", ctx=ctx, goal=goal, on=days(-25), value=8)
    chart = reveal.goal_cards(head(cast.account))[0].chart
    assert (chart.start, chart.end, chart.line) == (days(-150), days(50), (days(-50), days(50)))
    assert chart.rows == [(days(-25), 8, Decimal("7.5")), (days(-150), 10, 10)]
    # 384 units for 200 days from the first reading: the line starts half way.
    assert 'class="expected" d="M200 12L392 132"' in charts.trajectory(chart, "On the way")


def test_without_dates_there_is_no_straight_line(cast: Cast) -> None:
    goal = make("goal", ctx=now_context(), account=cast.account, title="Scrap", baseline=10, target=0,
                start_on=days(-50))  # fmt: skip
    make("check_in", ctx=now_context(), goal=goal, on=days(-25), value=8)
    card = reveal.goal_cards(head(cast.account))[0]
    assert card.chart.line is None
    assert card.chart.rows[0][2] is None
    assert "expected" not in charts.trajectory(card.chart, card.finding)


@pytest.mark.parametrize(("mode", "field"), [("value", "value"), ("manual", "progress_override"), ("kpi", None)])
def test_a_check_in_asks_for_what_the_goal_is_measured_by(cast: Cast, mode: str, field: str | None) -> None:
    make("goal", ctx=now_context(), account=cast.account, title="Scrap", baseline=10, target=0, progress_mode=mode)
    entry = reveal.goal_cards(head(cast.account))[0].entry
    assert (entry.field.name if entry.field else None) == field


@pytest.mark.parametrize(("left", "column"), [(-3, "30"), (30, "30"), (31, "60"), (44, "60"), (61, "90"), (90, "90")])
def test_a_play_stands_by_the_days_it_has_left(cast: Cast, left: int, column: str) -> None:
    start = today() - timedelta(days=60 if left < 31 else 0)
    make("play", ctx=now_context(), account=cast.account, title="Play", horizon=90, start_on=start, due_on=days(left))
    board = choose.horizon_board([cast.account.pk], today())
    assert [one.key for one in board.columns if one.cards] == [column]
    assert [one.key for one in choose.horizon_board([cast.account.pk], today(), by="horizon").columns if one.cards] == [
        "90"
    ]


def test_a_play_with_many_dated_steps_is_drawn_as_a_line(cast: Cast) -> None:
    ctx = now_context()
    play = make("play", ctx=ctx, account=cast.account, title="Renewal", horizon=90, owner=cast.owner)
    for n in range(6):
        make("step", ctx=ctx, play=play, title=f"A step with quite a long name {n}", due_on=days(n * 9))
    Step.objects.filter(play=play, position=0).update(status="done")
    line = choose.horizon_board([cast.account.pk], today()).lines[0]
    assert [station.state for station in line.stations] == ["done", "next", "open", "open", "open", "open"]
    drawn = charts.playbook_line(line, line.summary)
    assert drawn.count('class="stop') == 6
    assert "style=" not in drawn


def test_a_meeting_misses_what_its_kind_needs(cast: Cast) -> None:
    ctx = now_context()
    contact = make("contact", ctx=ctx, account=cast.account, name="Sabine Keller")
    soon = ctx.now + timedelta(days=1)
    make("meeting", ctx=ctx, account=cast.account, title="Sync", at=soon, attendees=[cast.owner.pk])
    make("meeting", ctx=ctx, account=cast.account, title="Visit", at=soon + timedelta(hours=1), contacts=[contact.pk])
    make("meeting", ctx=ctx, account=cast.account, title="Review", at=soon + timedelta(hours=2), review="qbr",
         contacts=[contact.pk])  # fmt: skip
    make("meeting", ctx=ctx, account=cast.account, title="Nobody", at=soon + timedelta(hours=3))
    ahead = kickoff.meetings_ahead(head(cast.account), day_start(today()))
    assert {one.meeting.title: list(one.missing) for one in ahead} == {
        "Sync": [], "Visit": ["agenda"], "Review": ["agenda", "pre-read"], "Nobody": ["attendees"],
    }  # fmt: skip


def test_a_group_adds_up_in_the_books_currency_and_names_who_is_left_out(cast: Cast) -> None:
    ctx = now_context()
    set_exchange_rate(system(), "JPY", date(2026, 1, 31), Decimal("0.0061"))
    child = make_account("Okada Seimitsu", ctx=ctx, parent=cast.account, arr=61_500_001, currency="JPY")
    make_account("Guss", ctx=ctx, parent=child, arr=5, currency="XAF")
    make_account("Ng", ctx=ctx, parent=cast.account)
    make("route", ctx=ctx, account=child, title="Trace", type="upsell", value=1000, currency="JPY")
    found = group.group_of(replace(head(cast.account), together=True))
    assert [(row.account.name, row.level) for row in found.rows] == [
        ("Okada Brandt Mobility", 0), ("Ng", 1), ("Okada Seimitsu", 1), ("Guss", 2),
    ]  # fmt: skip
    assert found.arr.amount == sum(row.arr_book or 0 for row in found.rows) == 2_840_000 + 375_150
    assert (list(found.without_rate), list(found.without_arr)) == (["Guss"], ["Ng"])
    assert (found.routes, found.gross.amount) == (1, Decimal(6))
    assert head(cast.account).group is not None
    assert head(child).above[0].name == "Okada Brandt Mobility"
