"""Tiles as they are drawn: bars in hundredths, a waterfall that hangs together, a line over open months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from trackline.book.dashboards.boards import Shown
from trackline.book.dashboards.gallery import gallery
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.tiles import Tile
from trackline.workspace.queries.dashboards.asked import Asked
from trackline.workspace.queries.dashboards.drawing import Drawn, drawn

TODAY = date(2026, 11, 23)


def draw(kind: str, *points: Point, query: str = "", behind: Rows | None = None, **more: Any) -> Drawn:
    options = {name: option.default for name, option in gallery().kinds[kind].options.items()}
    tile = Tile("t1", gallery().kinds[kind], "", 6, 4, options | more)
    found = Found(TODAY, "currency", "EUR", points=points, behind=lambda: behind or Rows())
    return drawn(Shown(tile, found), Asked.of(7, QueryDict(query)), TODAY)


def test_bars_are_shares_of_the_longest_and_lead_to_their_rows() -> None:
    found = draw("arr_by", Point("1", "Tier 1", Decimal(400)), Point("2", "Tier 2", Decimal(100)), query="tier=1")
    assert [(mark.size, mark.words) for mark in found.marks] == [("100", "€400"), ("25", "€100")]
    assert found.marks[1].url == "/book/dashboards/7/tiles/t1?part=2&tier=1&only=1"
    nothing = draw("arr_by", Point("1", "Tier 1", Decimal(0)), Point("2", "Tier 2", None))
    assert [(mark.size, mark.words) for mark in nothing.marks] == [("0", "€0"), ("0", "not known")]


def test_columns_stand_on_each_other_below_their_target() -> None:
    point = Point("2026-Q4", "2026-Q4", Decimal(30), second=Decimal(20), target=Decimal(200))
    (mark,) = draw("forecast", point).marks
    assert (mark.size, mark.second, mark.goal, mark.words, mark.target) == ("15", "10", "0", "€50", "€200")


def test_a_waterfall_hangs_together() -> None:
    fall = draw(
        "arr_bridge", Point("start", "A year ago", Decimal(100), whole=True), Point("churn", "Churn", Decimal(-40), start=Decimal(100)),
        Point("expansion", "Expansion", Decimal(20), start=Decimal(60)), Point("end", "Today", Decimal(80), whole=True),
    )  # fmt: skip
    assert [(mark.start, mark.size, mark.css) for mark in fall.marks] == [
        ("0", "100", "whole"), ("60", "40", "loss"), ("60", "20", "gain"), ("0", "80", "whole"),
    ]  # fmt: skip
    assert fall.marks[0].url.endswith("/tiles/t1") and fall.marks[1].url.endswith("?part=churn")


def test_a_line_passes_over_months_without_a_reading() -> None:
    months = [Point(f"2026-{n:02}", f"{n}", value) for n, value in ((9, Decimal(10)), (10, None), (11, Decimal(30)))]
    course = draw("metric_trend", *months, metric="nps").course
    assert course is not None
    assert (course.path, course.dots) == ("M0 92L100 8", "M0 92h0M100 8h0")
    assert (course.first, course.last, course.low, course.high) == ("9", "11", "€10", "€30")
    flat = draw("metric_trend", months[0], metric="nps").course
    assert flat is not None and flat.path == "M0 50"
    assert draw("metric_trend", Point("2026-11", "11", None), metric="nps").course is None
    assert (draw("metric_trend").unset, draw("metric_trend", metric="nps").unset) == ("metric", "")


def test_a_list_shows_so_many_rows_and_counts_the_rest() -> None:
    rows = [Row((f"Account {n}", None), ("account", f"a{n}")) for n in range(7)] + [
        Row(("Route", 5), ("route", 3), currency="USD")
    ]
    found = draw("records", behind=Rows((Column("Name"), Column("ARR", "money")), rows, "EUR"), rows="5")
    assert (len(found.lines), found.more) == (5, 3)
    assert (found.lines[0].url, found.lines[0].panel) == ("/accounts/a0", "")
    assert [words for _, words in found.lines[0].cells] == ["Account 0", "not set"]
    every = draw("records", behind=Rows((Column("Name"), Column("ARR", "money")), rows, "EUR"), rows="8").lines
    assert (every[7].panel, every[7].cells[1][1]) == ("route/3", "US$5")


def test_an_address_without_filters_leaves_those_of_the_dashboard() -> None:
    assert Asked.of(7, QueryDict("")).filters is None
    assert Asked.of(7, QueryDict("only=1")).filters == {}
    assert Asked.of(7, QueryDict("tier=1&luck=2&page=3")).filters == {"tier": "1"}
    assert (
        Asked.of(7, QueryDict("tier=1")).url("/tiles/t1", part="a b")
        == "/book/dashboards/7/tiles/t1?part=a+b&tier=1&only=1"
    )
