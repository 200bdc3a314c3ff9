"""Small pictures drawn by the server as inline SVG: `{% load charts %}`. Each stands beside a table of the same numbers.

Colours and strokes come from the classes of `chart.css`; nothing here needs a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trackline.kit import formats
from trackline.kit.formats import measure as measured
from trackline.workspace.queries.account.choose import PlayLine
from trackline.workspace.queries.account.health import Trend
from trackline.workspace.queries.account.track import HealthHistory
from trackline.workspace.queries.account.trajectory import Trajectory
from trackline.workspace.queries.account.why import Why
from trackline.workspace.queries.alerts.why import Series
from trackline.workspace.svg import month as _month
from trackline.workspace.svg import number as _n
from trackline.workspace.svg import path as _path
from trackline.workspace.svg import picture
from trackline.workspace.svg import scale as _scale

register = template.Library()

Point = tuple[date, Decimal]


@register.filter
def measure(value: Any, unit: str) -> str:
    """`{{ goal.current|measure:goal.unit }}` → 3.1 %. Money takes `{% measured %}`, which knows the currency."""
    return measured(value, unit)


@register.simple_tag(name="measured")
def measured_tag(value: Any, unit: str, currency: str = "") -> str:
    """`{% measured goal.current goal.unit account.currency %}` → €420k."""
    return measured(value, unit, currency)


@register.simple_tag
def percent_words(done: Any, expected: Any = None) -> str:
    """Progress in words for who cannot see the bar: "62 % of the way, 70 % expected today"."""
    said = f"{formats.percent(done, 0)} of the way"
    return said if expected is None else f"{said}, {formats.percent(expected, 0)} expected today"


@register.simple_tag
def sparkline(points: Sequence[Point], label: str, target: Any = None) -> SafeString:
    """A line of 120 × 28 with its last point, and the target as a dashed rule."""
    if len(points) < 2:
        return mark_safe(
            '<svg class="spark" viewBox="0 0 120 28" aria-hidden="true"><path class="none" d="M2 14h116"/></svg>'
        )
    values = [float(value) for _, value in points]
    goal = float(target) if target is not None else None
    scale = _scale([*values, *([goal] if goal is not None else [])], 25, 3)
    first, last = points[0][0], points[-1][0]
    span = max((last - first).days, 1)
    placed = [(2 + 112 * (on - first).days / span, scale(float(value))) for on, value in points]
    rule = format_html('<path class="rule" d="M2 {}h116"/>', _n(scale(goal))) if goal is not None else ""
    return format_html(
        '<svg class="spark" viewBox="0 0 120 28" role="img" aria-label="{}">{}<path class="line" d="{}"/>'
        '<circle class="last" cx="{}" cy="{}" r="2.5"/></svg>',
        label, rule, _path(placed), _n(placed[-1][0]), _n(placed[-1][1]),
    )  # fmt: skip


@register.simple_tag
def trajectory(chart: Trajectory, label: str) -> SafeString:
    """A goal's readings against the straight line from its start to its target."""
    left, right, top, bottom = 8.0, 392.0, 12.0, 132.0
    start, end = chart.start, max(chart.end, chart.start + timedelta(days=1))
    span = (end - start).days
    values = [float(value) for _, value in chart.points]
    scale = _scale([*values, float(chart.baseline), float(chart.target)], bottom, top)

    def at(on: date) -> float:
        return left + (right - left) * min(max((on - start).days / span, 0.0), 1.0)

    y = scale(float(chart.target))
    words = measured(chart.target, chart.unit, chart.currency)
    parts = [
        format_html('<path class="axis" d="M{} {}H{}"/>', _n(left), _n(bottom + 8), _n(right)),
        format_html('<path class="rule" d="M{} {}H{}"/>', _n(left), _n(y), _n(right)),
        format_html('<text x="{}" y="{}">Target {}</text>', _n(left), _n(y + 14 if y < 40 else y - 5), words),
    ]
    if chart.line is not None:
        begins, due = chart.line
        parts.append(
            format_html(
                '<path class="expected" d="{}"/>', _path([(at(begins), scale(float(chart.baseline))), (at(due), y)])
            )
        )
    if start <= chart.today <= end:
        parts.append(
            format_html('<path class="today" d="M{} {}V{}"/>', _n(at(chart.today)), _n(top - 6), _n(bottom + 8))
        )
    if (expected := chart.expected(chart.today)) is not None:
        parts.append(
            format_html(
                '<circle class="due" cx="{}" cy="{}" r="3"><title>Where it should be today: {}</title></circle>',
                _n(at(chart.today)), _n(scale(float(expected))), measured(expected, chart.unit, chart.currency),
            )
        )  # fmt: skip
    if chart.points:
        placed = [(at(on), scale(float(value))) for on, value in chart.points]
        parts.append(format_html('<path class="line" d="{}"/>', _path(placed)))
        parts.append(
            format_html_join(
                "",
                '<circle class="{}" cx="{}" cy="{}" r="3"><title>{}: {}</title></circle>',
                (
                    ("last" if index == len(placed) - 1 else "dot", _n(x), _n(y), formats.day(on),
                     measured(value, chart.unit, chart.currency))
                    for index, ((x, y), (on, value)) in enumerate(zip(placed, chart.points, strict=True))
                ),
            )
        )  # fmt: skip
    parts.append(format_html('<text x="{}" y="{}">{}</text>', _n(left), 156, _month(start)))
    parts.append(format_html('<text x="{}" y="{}" text-anchor="end">{}</text>', _n(right), 156, _month(end)))
    return picture("chart", 400, 160, label, parts)


@register.simple_tag
def alert_series(series: Series) -> SafeString:
    """A measure up to the alert, with the levels it is held against as named dashed rules."""
    left, right, top, bottom = 8.0, 384.0, 16.0, 116.0
    values = [float(value) for _, value in series.points]
    scale = _scale([*values, *(float(value) for _, value in series.levels)], bottom, top)
    start, end = series.points[0][0], series.points[-1][0]
    span = max((end - start).days, 1)
    placed = [(left + (right - left) * (on - start).days / span, scale(float(value))) for on, value in series.points]
    parts = [format_html('<path class="axis" d="M{} {}H{}"/>', _n(left), _n(bottom + 8), _n(right))]
    for name, level in series.levels:
        y = scale(float(level))
        parts.append(format_html('<path class="rule" d="M{} {}H{}"/>', _n(left), _n(y), _n(right)))
        words = f"{name} {formats.number(level, 1)}"
        parts.append(format_html('<text x="{}" y="{}">{}</text>', _n(left), _n(y - 4 if y > 24 else y + 12), words))
    parts.append(format_html('<path class="line" d="{}"/>', _path(placed)))
    x, y = placed[-1]
    parts.append(format_html('<circle class="last" cx="{}" cy="{}" r="4"/>', _n(x), _n(y)))
    said = formats.number(series.points[-1][1], 1)
    parts.append(format_html('<text class="now" x="{}" y="{}" text-anchor="end">{}</text>', _n(x - 8), _n(y + 4), said))
    parts.append(format_html('<text x="{}" y="{}">{}</text>', _n(left), _n(bottom + 24), formats.day(start, end)))
    parts.append(
        format_html('<text x="{}" y="{}" text-anchor="end">{}</text>', _n(right), _n(bottom + 24), formats.day(end))
    )
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart" viewBox="0 0 392 144" role="img" aria-label="{}">{}</svg>', series.finding, body
    )


@register.simple_tag
def health_bars(history: HealthHistory, label: str) -> SafeString:
    """Delivery and relationship over time as two bars of colours with their letters."""
    parts = []
    for row, (name, spans) in enumerate(history.bars):
        y = 6 + row * 34
        parts.append(format_html('<text x="0" y="{}">{}</text>', y + 16, name))
        for span in spans:
            x, width = 92 + 5.0 * span.start_pct, 5.0 * span.width_pct
            shown = _n(max(width - 1.5, 2))
            parts.append(
                format_html(
                    '<g class="band {}"><title>{}</title><rect class="tint" x="{}" y="{}" width="{}" height="24"/>'
                    '<rect class="edge" x="{}" y="{}" width="{}" height="4"/></g>',
                    span.band, span.title, _n(x), y, shown, _n(x), y + 20, shown,
                )
            )  # fmt: skip
            if width > 14:
                letter = span.band[0].upper() if span.band != "unknown" else "?"
                parts.append(format_html('<text class="letter" x="{}" y="{}">{}</text>', _n(x + 6), y + 16, letter))
    parts.append(format_html('<text x="92" y="84">{}</text>', _month(history.start)))
    parts.append(format_html('<text x="592" y="84" text-anchor="end">{}</text>', "today"))
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<svg class="chart bands" viewBox="0 0 592 88" role="img" aria-label="{}">{}</svg>', label, body)


@register.simple_tag
def health_trend(trend: Trend, value: Decimal | None, label: str) -> SafeString:
    """Scores of half a year as steps over their bands; a gap where there was no score, the last value written out."""
    left, right, top, bottom = 26.0, 348.0, 6.0, 176.0
    span = max((trend.end - trend.start).days, 1)

    def x(on: date) -> float:
        return left + (right - left) * (on - trend.start).days / span

    def y(score: Decimal | float) -> float:
        return bottom - (bottom - top) * float(score) / 100

    parts = []
    steps, strokes = _trend_steps([(x(on), None if score is None else y(score)) for on, score in trend.points], right)
    for band, low, high in (("green", trend.green, 100), ("amber", trend.amber, trend.green), ("red", 0, trend.amber)):
        name = band.capitalize()
        at = _free((left + 5, right - 5), (y(high) + 14, y(low) - 5), 6.5 * len(name), strokes)
        parts.append(
            format_html(
                '<rect class="tint {}" x="{}" y="{}" width="{}" height="{}"/><text x="{}" y="{}">{}</text>',
                band, _n(left), _n(y(high)), _n(right - left), _n(y(low) - y(high)), _n(at[0]), _n(at[1]), name,
            )
        )  # fmt: skip
        parts.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="end">{}</text>', _n(left - 5), _n(y(high) + 4), formats.number(high)
            )
        )
    month = (trend.start.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= trend.end:
        parts.append(format_html('<path class="axis" d="M{} {}v4"/>', _n(x(month)), _n(bottom)))
        parts.append(format_html('<text x="{}" y="{}">{}</text>', _n(x(month) + 2), _n(bottom + 14), f"{month:%b}"))
        month = (month + timedelta(days=32)).replace(day=1)
    parts.append(format_html('<path class="line" d="{}"/>', steps))
    if value is not None:
        parts.append(format_html('<circle class="last" cx="{}" cy="{}" r="4"/>', _n(right), _n(y(value))))
        said = formats.number(value, 1)
        parts.append(format_html('<text class="now" x="{}" y="{}">{}</text>', _n(right + 9), _n(y(value) + 4), said))
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart trend" viewBox="0 0 392 196" role="img" aria-label="{}">{}</svg>', label, body
    )


Box = tuple[float, float, float, float]
"""From x to x, from y to y."""


def _trend_steps(placed: Sequence[tuple[float, float | None]], right: float) -> tuple[str, list[Box]]:
    """Return a line of steps with its gaps as a path, and its strokes one by one."""
    path, strokes = "", []
    before: tuple[float, float] | None = None
    for x, y in [*placed, (right, None)]:
        if before is not None:
            path += f"H{_n(x)}"
            strokes.append((before[0], x, before[1], before[1]))
            if y is not None:
                path += f"V{_n(y)}"
                strokes.append((x, x, min(before[1], y), max(before[1], y)))
        elif y is not None:
            path += f"M{_n(x)} {_n(y)}"
        before = None if y is None else (x, y)
    return path, strokes


def _free(
    ends: tuple[float, float], lines: Sequence[float], width: float, strokes: Sequence[Box]
) -> tuple[float, float]:
    """Return where a word may stand that no stroke crosses: leftmost, on the first base line; the start where none is."""
    start, end = ends
    steps = range(max(int((end - width - start) / 8) + 1, 1))
    for x, y in ((start + 8 * step, y) for step in steps for y in lines):
        if not any(a < x + width + 3 and b > x - 3 and c < y + 5 and d > y - 13 for a, b, c, d in strokes):
            return x, y
    return start, lines[0]


@register.simple_tag
def score_line(why: Why) -> SafeString:
    """A score over a span: over its bands where it has them, else on a scale of its own, with lowest and highest."""
    if why.cuts is not None:
        trend = Trend(why.start, why.end, why.points, *why.cuts)
        return health_trend(trend, why.score.value, why.finding)
    left, right, top, bottom = 8.0, 384.0, 22.0, 112.0
    span = max((why.end - why.start).days, 1)
    known = [float(value) for _, value in why.points if value is not None]
    scale = _scale(known, bottom, top)
    placed = [
        (left + (right - left) * (on - why.start).days / span, scale(float(value)))
        for on, value in why.points
        if value is not None
    ]
    last, low, high = placed[-1], min(known), max(known)
    parts = [
        format_html('<path class="axis" d="M{} {}H{}"/>', _n(left), _n(bottom + 8), _n(right)),
        format_html('<path class="line" d="{}H{}"/>', _steps(placed), _n(right)),
        format_html('<circle class="last" cx="{}" cy="{}" r="4"/>', _n(right), _n(last[1])),
        format_html('<text x="{}" y="{}">{}</text>', _n(left), _n(top - 8), f"Highest {formats.number(high)}"),
        format_html('<text x="{}" y="{}" text-anchor="end">{}</text>', _n(right), _n(top - 8),
                    f"lowest {formats.number(low)}"),
        format_html('<text x="{}" y="{}">{}</text>', _n(left), _n(bottom + 24), formats.day(why.start, why.end)),
        format_html('<text x="{}" y="{}" text-anchor="end">today</text>', _n(right), _n(bottom + 24)),
    ]  # fmt: skip
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart" viewBox="0 0 392 144" role="img" aria-label="{}">{}</svg>', why.finding, body
    )


def _steps(placed: Sequence[tuple[float, float]]) -> str:
    """A value holds until the next one."""
    (x, y), *rest = placed
    return f"M{_n(x)} {_n(y)}" + "".join(f"H{_n(x)}V{_n(y)}" for x, y in rest)


@register.simple_tag
def journey_dots(now: Any, before: Any, label: str) -> SafeString:
    """A dimension on its scale of 1 to 5: a filled dot now, an open one before."""

    def x(score: Any) -> str:
        return _n(10 + 45 * (float(score) - 1))

    marks = format_html_join("", '<path class="axis" d="M{} 8v8"/>', ((10 + 45 * step,) for step in range(5)))
    was = format_html('<circle class="before" cx="{}" cy="12" r="4.5"/>', x(before)) if before is not None else ""
    moved = (
        format_html('<path class="moved" d="M{} 12H{}"/>', x(before), x(now))
        if before is not None and now is not None and before != now
        else ""
    )
    is_now = format_html('<circle class="last" cx="{}" cy="12" r="5"/>', x(now)) if now is not None else ""
    return format_html(
        '<svg class="dots" viewBox="0 0 200 24" role="img" aria-label="{}"><path class="axis" d="M10 12h180"/>{}{}{}{}</svg>',
        label, marks, moved, was, is_now,
    )  # fmt: skip


@register.simple_tag
def playbook_line(line: PlayLine, label: str) -> SafeString:
    """The steps of a play on the line, true to time, with the rule of today.

    Names stand above and below by turns and are cut to the room they have; the table beside holds them whole.
    """
    left, right, y = 14.0, 1106.0, 48.0
    days = [station.on for station in line.stations]
    start, end = min([*days, line.today]), max(days)
    span = max((end - start).days, 1)

    def at(on: date) -> float:
        return left + (right - left) * min(max((on - start).days / span, 0.0), 1.0)

    places = [at(on) for on in days]
    today = at(line.today)
    parts = [
        format_html('<path class="rail" d="M{} {}H{}"/>', _n(left), _n(y), _n(right)),
        format_html('<path class="past" d="M{} {}H{}"/>', _n(left), _n(y), _n(today)),
    ]
    if start < line.today <= end:
        parts.append(format_html('<path class="today" d="M{} {}V{}"/>', _n(today), _n(y - 18), _n(y + 18)))
    for index, (station, x) in enumerate(zip(line.stations, places, strict=True)):
        # A name has the room up to the middle between its station and the next one on the same side.
        low = (places[index - 2] + x) / 2 + 4 if index > 1 else left
        high = (x + places[index + 2]) / 2 - 4 if index + 2 < len(places) else right
        above = index % 2 == 0
        anchor = "start" if x < left + 60 else "end" if x > right - 60 else "middle"
        width = {"start": high - x, "end": x - low, "middle": 2 * min(x - low, high - x)}[anchor]
        room = int(min(width, 190) / 6.2)
        mark = "M-3 0l2.2 2.2L3 -2" if station.state == "done" else ""
        parts.append(
            format_html(
                '<g class="stop {}"><title>{}, {}</title><circle cx="{}" cy="{}" r="{}"/>{}</g>',
                station.state, station.step.title, formats.day(station.on), _n(x), _n(y), 8 if station.state == "next" else 6,
                format_html('<path class="tick" transform="translate({} {})" d="{}"/>', _n(x), _n(y), mark) if mark else "",
            )
        )  # fmt: skip
        if room >= 7:
            name = station.step.title
            cut = name if len(name) <= room else f"{name[: room - 1].rstrip()}…"
            parts.append(
                format_html(
                    '<text class="name" x="{0}" y="{1}" text-anchor="{3}">{4}</text>'
                    '<text x="{0}" y="{2}" text-anchor="{3}">{5}</text>',
                    _n(x), _n(y - 29 if above else y + 25), _n(y - 16 if above else y + 38), anchor, cut,
                    f"{station.on.day} {station.on:%b}",
                )
            )  # fmt: skip
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart playbook" viewBox="0 0 1120 96" role="img" aria-label="{}">{}</svg>', label, body
    )
