"""The board of routes: by the stages of the pipeline that is chosen, or by state; of one account, or of a group."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

from tests.factories import Cast, make, make_account
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.services import set_exchange_rate
from trackline.align.models import Pipeline
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.queries.account.routes import RouteBoard, ladder_of, route_board


def head(cast: Cast) -> Head:
    return head_of(now_context(), cast.account.key)


def board(cast: Cast, pipeline: str = "", **more: Any) -> RouteBoard:
    found = head(cast)
    return route_board(found, ladder_of(found, pipeline), **more)


def add(cast: Cast, title: str, **more: Any) -> Any:
    return make("route", ctx=now_context(), **({"account": cast.account, "title": title, "type": "upsell"} | more))


def kam7() -> Any:
    return Pipeline.objects.get(key="kam7")


def test_the_board_of_the_usual_pipeline_offers_what_the_gate_knows(cast: Cast) -> None:
    late = add(cast, "Late", value=100, owner=cast.owner, expected_close_on=days(-4))
    add(cast, "Other", type="renewal", value=50, owner=cast.teammate)
    found = board(cast)
    assert [column.name for column in found.columns] == ["Identified", "Qualifying", "Pursuing", "Won, 12 months"]
    assert [column.state for column in found.folded] == ["parked", "lost"]
    cards = {card.route.title: card for card in found.columns[0].cards}
    assert cards["Late"].chip == "4 d past its date"
    assert [to for to, _ in cards["Late"].moves] == ["qualifying", "parked", "lost"]
    assert found.totals == "2 open · €150 gross · €15 weighted"
    mine = board(cast, narrowed=Q(owner=cast.owner.pk))
    assert [card.route.pk for card in mine.columns[0].cards] == [late.pk]
    assert [list(column.needs) for column in found.columns[:2]] == [[], ["An owner", "A type", "An estimated value"]]


def test_a_closed_route_is_reopened_by_administrators_only(cast: Cast) -> None:
    add(cast, "Won", value=1, state="won", closed_on=today())
    assert board(cast).columns[3].cards[0].moves == ()
    assert board(cast, can_reopen=True).columns[3].cards[0].moves == [("pursuing", "Pursuing")]


def test_the_stages_of_a_pipeline_are_its_columns(cast: Cast) -> None:
    add(cast, "Trace", pipeline=kam7(), stage="discovery", value=300, owner=cast.owner)
    add(cast, "Lost", pipeline=kam7(), state="lost", close_reason="price")
    found = board(cast)
    assert [column.key for column in found.columns] == [
        "lead", "qualification", "discovery", "solution_validation", "proposal", "negotiation", "closed_won",
    ]  # fmt: skip
    discovery = found.columns[2]
    assert (discovery.count, discovery.weighted, list(discovery.advises)) == (1, "€75", ["A qualification at its cut"])
    assert [column.count for column in found.folded] == [0, 1]
    assert [name for _, name in discovery.cards[0].moves] == [
        "Solution validation", "Proposal", "Negotiation", "Qualification", "Lead", "Parked", "Lost",
    ]  # fmt: skip


def test_pipelines_are_chosen_or_shown_together_by_state(cast: Cast) -> None:
    add(cast, "Trace", pipeline=kam7(), stage="proposal", value=300)
    add(cast, "Other", value=50)
    ladder = ladder_of(head(cast))
    assert (ladder.pipeline, ladder.key) == (None, "all")
    assert [name for _, name in ladder.choices] == ["All pipelines, by state", "TRACK", "Key account, seven stages"]
    together = board(cast)
    pursuing = together.columns[2].cards[0]
    assert (pursuing.route.title, pursuing.place, [to for to, _ in pursuing.moves]) == (
        "Trace", "Proposal", ["won", "qualifying", "lost", "parked"],
    )  # fmt: skip
    assert together.totals.startswith("2 open · €350")
    assert board(cast, "track").totals.startswith("1 open · €50")
    assert board(cast, "kam7").columns[4].cards[0].place == ""
    assert ladder_of(head(cast), "no-such-pipeline").key == "all"


def test_a_pipeline_of_ones_own_may_leave_states_out(cast: Cast) -> None:
    own = make("pipeline", name="Partners")
    first = make("stage", pipeline=own, name="Talks", state="identified")
    make("stage", pipeline=own, name="Signing", state="pursuing")
    add(cast, "Alliance", pipeline=own, stage=first.key)
    found = board(cast)
    assert [column.name for column in found.columns] == ["Talks", "Signing", "Won, 12 months"]
    assert [name for _, name in found.columns[0].cards[0].moves] == ["Signing", "Parked", "Lost"]
    assert "A probability" in found.columns[1].needs


def test_a_group_is_one_board_in_one_currency(cast: Cast) -> None:
    child = make_account(name="Brandt Guss", parent=cast.account, currency="USD")
    set_exchange_rate(now_context(), currency="USD", on=today(), rate=0.5)
    add(cast, "Parent", value=100)
    add(cast, "Child", value=100, account=child, currency="USD")
    found = replace(head(cast), together=True)
    together = route_board(found, ladder_of(found))
    assert {card.route.title: card.account for card in together.columns[0].cards} == {
        "Parent": cast.account.name,
        "Child": "Brandt Guss",
    }
    assert (together.totals, together.note) == ("2 open · €150 gross · €15 weighted", "in EUR at stored rates")
    assert board(cast).total == 1


def test_queries_do_not_grow_with_routes(cast: Cast, django_assert_max_num_queries: Any) -> None:
    found = head(cast)
    for number in range(6):
        add(cast, f"Route {number}", owner=cast.owner, value=number)
    with django_assert_max_num_queries(12):
        route_board(found, ladder_of(found))


@pytest.mark.parametrize("view", ["", "table", "timeline"])
def test_each_shape_keeps_pipeline_and_group(cast: Cast, as_: Any, view: str) -> None:
    child = make_account(name="Brandt Guss", parent=cast.account, owner=cast.owner)
    add(cast, "Trace", pipeline=kam7(), stage="proposal", value=300, account=child)
    add(cast, "Elsewhere", value=300)
    page = as_("admin").get(
        f"/accounts/{cast.account.key}/align/routes?group=1&pipeline=kam7&view={view}"
    ).content.decode()  # fmt: skip
    assert "Trace" in page and "Elsewhere" not in page
    assert "Proposal" in page and "Brandt Guss" in page
    assert "view=timeline" in page and "group=1" in page
