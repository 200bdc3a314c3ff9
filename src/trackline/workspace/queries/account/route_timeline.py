"""Open routes over time: since when each is pursued, through which states, and when it is expected to close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F

from trackline.accounts.settings import setting
from trackline.align.models import Route, RouteState, RouteTransition
from trackline.align.rules.gate import OPEN
from trackline.core.periods import quarter_of
from trackline.kit import formats
from trackline.workspace.queries.account.head import Head

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
    """A route: how it got here (`spans`), what is still ahead of it, and its dates in words.

    `ahead` is None without an expected close, and where that lies in the past; `late` are the days it is past.
    """

    route: Route
    began: date
    before_axis: bool
    spans: Sequence[Span]
    ahead: Span | None
    beyond: bool
    late: int


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


def route_timeline(head: Head) -> RouteTimeline:
    """Return the timeline, in two queries and one of a setting."""
    rows = Route.objects.filter(account_id=head.account.pk, deleted_at__isnull=True, state__in=OPEN)
    routes = list(rows.select_related("owner").order_by(F("expected_close_on").asc(nulls_last=True), "-value", "pk"))
    ways: dict[int, list[tuple[date, str]]] = {}
    moved = RouteTransition.objects.filter(route__in=[route.pk for route in routes]).order_by("at", "pk")
    for pk, at, state in moved.values_list("route", "at", "to_state"):
        way = ways.setdefault(pk, [])
        if not way or way[-1][1] != state:
            way.append((at.date(), state))
    for route in routes:
        ways.setdefault(route.pk, [(route.state_since or route.created_at.date(), route.state)])
    axis = _Axis.of(head.today, [way[0][0] for way in ways.values()], [route.expected_close_on for route in routes])
    lanes = [_lane(route, ways[route.pk], axis, head.today) for route in routes]
    late = sum(lane.late > 0 for lane in lanes)
    undated = sum(route.expected_close_on is None for route in routes)
    return RouteTimeline(axis.ticks, axis.at(head.today), lanes, undated, late, _finding(lanes, late, undated))


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


def _lane(route: Any, way: Sequence[tuple[date, str]], axis: _Axis, today: date) -> Lane:
    labels: Mapping[str, str] = {str(key): str(label) for key, label in RouteState.choices}
    ends = [*(day for day, _ in way[1:]), today]
    spans = [
        axis.span(state, begin, end, f"{labels[state]}, {(end - begin).days} d")
        for (begin, state), end in zip(way, ends, strict=True)
        if end > axis.start
    ]
    close = route.expected_close_on
    ahead = axis.span(route.state, today, close, f"until {formats.day(close)}") if close and close > today else None
    return Lane(
        route, way[0][0], way[0][0] < axis.start, spans, ahead, bool(close and close > axis.end),
        max((today - close).days, 0) if close else 0,
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
