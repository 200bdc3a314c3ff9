"""Open routes over time: since when each is pursued, through which states, and when it is expected to close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from trackline.accounts.settings import setting
from trackline.align import moves
from trackline.align.models import Route, RouteState, RouteTransition
from trackline.align.rules.gate import OPEN
from trackline.core.periods import quarter_of
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.routes import LABELS, Ladder, routes_of

BACK = 4
"""So many quarters back the axis reaches at most; what began before is drawn from its edge."""
AHEAD = 2
"""So many quarters ahead it reaches at least."""
FARTHEST = 12
"""So many quarters ahead it reaches at most."""


@dataclass(frozen=True)
class Tick:
    """The beginning of a quarter on the axis, in % of its width."""

    at: str
    label: str


@dataclass(frozen=True)
class Span:
    """A piece of a bar: its state, where it begins and how wide it is in %, and what it says."""

    state: str
    at: str
    width: str
    words: str


@dataclass(frozen=True)
class Lane:
    """A route: where it stands, how it got here (`spans`), what is still ahead of it, and its dates in words.

    `place` is its stage, its state where all pipelines are shown; `account` is named where several are shown. `ahead` is None without an expected close, and where that lies in the past; `late` are the days it is past.
    """

    route: Route
    began: date
    before_axis: bool
    spans: Sequence[Span]
    ahead: Span | None
    beyond: bool
    late: int
    place: str
    account: str


@dataclass(frozen=True)
class RouteTimeline:
    """The lanes of open routes in order of their close, over one axis of quarters."""

    ticks: Sequence[Tick]
    now: str
    lanes: Sequence[Lane]
    undated: int
    late: int
    finding: str

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """The states that bars are drawn in."""
        return [(str(key), str(label)) for key, label in RouteState.choices if key in OPEN]


def route_timeline(head: Head, ladder: Ladder, narrowed: Q | None = None) -> RouteTimeline:
    """Return the timeline of the routes that stand in a pipeline, in two queries and one of a setting."""
    rows = routes_of(head).filter(ladder.among, narrowed or Q(), state__in=OPEN).select_related("owner")
    routes = list(rows.order_by(F("expected_close_on").asc(nulls_last=True), "-value", "pk"))
    ways: dict[int, list[_Leg]] = {}
    named = {route.pk: {stage.key: stage.name for stage in ladder.stages} for route in routes}
    moved = RouteTransition.objects.filter(route__in=[route.pk for route in routes]).order_by("at", "pk")
    for pk, at, state, stage in moved.values_list("route", "at", "to_state", "to_stage"):
        way, leg = ways.setdefault(pk, []), _Leg(timezone.localdate(at), state, named[pk].get(stage) or LABELS[state])
        if not way or (way[-1].state, way[-1].place) != (leg.state, leg.place):
            way.append(leg)
    for route in routes:
        here = moves.place(route, ladder.stages)
        place = here.name if here else LABELS[route.state]
        way = ways.setdefault(
            route.pk, [_Leg(route.state_since or timezone.localdate(route.created_at), route.state, place)]
        )
        way[-1] = replace(way[-1], place=place)
    begins = [way[0].begin for way in ways.values()]
    axis = _Axis.of(head.today, begins, [route.expected_close_on for route in routes])
    lanes = [_lane(route, ways[route.pk], axis, head) for route in routes]
    late = sum(lane.late > 0 for lane in lanes)
    undated = sum(route.expected_close_on is None for route in routes)
    return RouteTimeline(axis.ticks, axis.at(head.today), lanes, undated, late, _finding(lanes, late, undated))


@dataclass(frozen=True)
class _Leg:
    """Since when a route stood somewhere: its state then, and the name of the stage or state."""

    begin: date
    state: str
    place: str


@dataclass(frozen=True)
class _Axis:
    start: date
    end: date
    ticks: Sequence[Tick]

    @classmethod
    def of(cls, today: date, begins: Sequence[date], closes: Sequence[date | None]) -> _Axis:
        first_month = setting("book.fiscal_year_start_month")
        start = quarter_of(max(min([*begins, today]), today - timedelta(days=BACK * 91)), first_month).start
        last = max([*(day for day in closes if day), today + timedelta(days=(AHEAD - 1) * 91)])
        end = quarter_of(min(last, today + timedelta(days=FARTHEST * 91)), first_month).end
        days, found = (end - start).days + 1, []
        at = start
        while at <= end:
            quarter = quarter_of(at, first_month)
            found.append(Tick(_pct((at - start).days / days), f"Q{quarter.number} {quarter.fiscal_year}"))
            at = quarter.end + timedelta(days=1)
        return cls(start, end, found)

    def at(self, day: date) -> str:
        """Where a day stands, in %, clamped to the axis."""
        return _pct(self.share(day))

    def share(self, day: date) -> float:
        return min(max((day - self.start).days / ((self.end - self.start).days + 1), 0.0), 1.0)

    def span(self, state: str, begin: date, end: date, words: str) -> Span:
        left, right = self.share(begin), self.share(end)
        return Span(state, _pct(left), _pct(max(right - left, 0.004)), words)


def _lane(route: Any, way: Sequence[_Leg], axis: _Axis, head: Head) -> Lane:
    today, ends = head.today, [*(leg.begin for leg in way[1:]), head.today]
    spans = [
        axis.span(leg.state, leg.begin, end, f"{leg.place}, {(end - leg.begin).days} d")
        for leg, end in zip(way, ends, strict=True)
        if end > axis.start
    ]
    close = route.expected_close_on
    ahead = axis.span(route.state, today, close, f"until {formats.day(close)}") if close and close > today else None
    return Lane(
        route, way[0].begin, way[0].begin < axis.start, spans, ahead, bool(close and close > axis.end),
        max((today - close).days, 0) if close else 0, way[-1].place, head.names.get(route.account_id, ""),
    )  # fmt: skip


def _finding(lanes: Sequence[Lane], late: int, undated: int) -> str:
    if not lanes:
        return "No route is open."
    coming = next((lane.route for lane in lanes if lane.ahead), None)
    words = [
        f"{coming.title} closes next, {formats.day(coming.expected_close_on)}" if coming else "None has a close ahead"
    ]
    words += [f"{late} past {'its' if late == 1 else 'their'} date"] if late else []
    words += [f"{undated} without a date"] if undated else []
    return "; ".join(words) + "."


def _pct(share: float) -> str:
    return f"{share * 100:.2f}%"
