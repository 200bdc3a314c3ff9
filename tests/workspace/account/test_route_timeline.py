"""Open routes over time: what their bars say, and where the axis begins and ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories import Cast, make
from tests.workspace.account.world import now_context, today
from trackline.align.models import Pipeline, Route, RouteTransition
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.route_timeline import RouteTimeline, route_timeline
from trackline.workspace.queries.account.routes import ladder_of


def add(cast: Cast, title: str, began: int, close: int | None, **more: Any) -> Any:
    """A route that began so many days ago and is expected to close in so many."""
    ctx = now_context()
    day = None if close is None else ctx.today + timedelta(days=close)
    route = make("route", ctx=ctx, account=cast.account, title=title, type="upsell", expected_close_on=day, **more)
    RouteTransition.objects.filter(route=route).update(at=ctx.now - timedelta(days=began))
    return route


def plan(cast: Cast) -> RouteTimeline:
    head = head_of(now_context(), cast.account.key)
    return route_timeline(head, ladder_of(head))


def test_routes_stand_in_order_of_their_close_and_say_what_is_wrong(cast: Cast) -> None:
    add(cast, "Undated", 5, None)
    add(cast, "Next", 40, 30)
    add(cast, "Late", 60, -3)
    add(cast, "Won", 90, 10, state="won")
    found = plan(cast)
    assert [lane.route.title for lane in found.lanes] == ["Late", "Next", "Undated"]
    assert [lane.late for lane in found.lanes] == [3, 0, 0]
    assert (found.late, found.undated) == (1, 1)
    assert [lane.ahead is not None for lane in found.lanes] == [False, True, False]
    assert found.finding.startswith("Next closes next")


def test_a_bar_is_made_of_the_states_it_went_through(cast: Cast) -> None:
    route = add(cast, "Line 4", 50, 30, state="qualifying")
    now = now_context().now
    RouteTransition.objects.filter(route=route).update(to_state="identified", to_stage="identified")
    RouteTransition.objects.create(route=route, to_state="qualifying", at=now - timedelta(days=20))
    (lane,) = plan(cast).lanes
    assert [(span.state, span.words) for span in lane.spans] == [
        ("identified", "Identified, 30 d"),
        ("qualifying", "Qualifying, 20 d"),
    ]
    assert (lane.began, lane.before_axis) == (now_context().today - timedelta(days=50), False)


def test_a_span_begins_on_the_day_where_the_book_is_at_home(cast: Cast) -> None:
    route = add(cast, "Line 4", 0, 30)
    midnight = timezone.localtime(now_context().now).replace(hour=0, minute=30) - timedelta(days=9)
    RouteTransition.objects.filter(route=route).update(at=midnight)
    (lane,) = plan(cast).lanes
    assert lane.began == today() - timedelta(days=9)


def test_the_axis_is_bounded_and_says_quarters(cast: Cast) -> None:
    add(cast, "Old", 3000, 30_000)
    found = plan(cast)
    assert 14 <= len(found.ticks) <= 19
    assert found.ticks[0].at == "0.00%"
    (lane,) = found.lanes
    assert (lane.before_axis, lane.beyond) == (True, True)
    assert all(float(tick.at.rstrip("%")) < 100 for tick in found.ticks)
    assert found.ticks[0].label.split()[0] in ("Q1", "Q2", "Q3", "Q4")


def test_queries_do_not_grow_with_routes(cast: Cast, django_assert_num_queries: Any) -> None:
    head = head_of(now_context(), cast.account.key)
    ladder = ladder_of(head)
    for number in range(8):
        add(cast, f"Route {number}", number, number)
    with django_assert_num_queries(3):
        route_timeline(head, ladder)


def test_bars_are_made_of_the_stages_of_the_pipeline(cast: Cast) -> None:
    kam7 = Pipeline.objects.get(key="kam7")
    route = add(cast, "Trace", 50, 30, pipeline=kam7, stage="solution_validation")
    RouteTransition.objects.create(
        route=route, to_state="pursuing", to_stage="proposal", at=now_context().now - timedelta(days=20)
    )
    Route.objects.filter(pk=route.pk).update(stage="proposal")
    (lane,) = plan(cast).lanes
    assert ([span.words for span in lane.spans], lane.place) == (
        ["Solution validation, 30 d", "Proposal, 20 d"],
        "Proposal",
    )
    head = head_of(now_context(), cast.account.key)
    (lane,) = route_timeline(head, ladder_of(head, "all")).lanes
    assert ([span.words for span in lane.spans], lane.place) == (["Pursuing, 50 d"], "Pursuing")
    assert route_timeline(head, ladder_of(head, "track")).lanes == []
