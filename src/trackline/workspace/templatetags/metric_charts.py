"""Readings over time with their limits, as inline SVG: `{% load metric_charts %}`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trackline.kit import formats
from trackline.workspace.queries.account.metric import MetricChart
from trackline.workspace.svg import month, number, path, picture, scale

register = template.Library()

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 900.0, 8.0, 760.0, 14.0, 236.0
LINE = 14.0
"""Room that a name beside the chart takes."""
DOTS = 60
"""Up to so many readings each is a dot; of more the line tells."""
MARK = {"above": "M-5 4L0 -5L5 4Z", "below": "M-5 -4L0 5L5 -4Z", "trend": "M-4 -4h8v8h-8Z"}


@register.filter
def said(chart: MetricChart, value: Decimal | None) -> str:
    """`{{ chart|said:one.value }}` → 93.4 %."""
    return chart.say(value)


@register.simple_tag
def control_chart(chart: MetricChart, label: str) -> SafeString:
    """The readings as a line, target and limits as rules with their names at the right, what fires as a shape with words."""
    start, end = chart.start, max(chart.today, chart.start + timedelta(days=1))
    span = (end - start).days
    lines = _lines(chart)
    values = [float(one.value) for one in chart.points] + [
        float(one.value) for one in chart.check_ins if one.value is not None
    ]
    at_height = scale([*values, *(float(value) for _, _, value in lines)], BOTTOM, TOP)

    def x(on: date) -> float:
        return LEFT + (RIGHT - LEFT) * min(max((on - start).days / span, 0.0), 1.0)

    parts: list[SafeString] = [
        format_html('<path class="axis" d="M{} {}H{}"/>', number(LEFT), number(BOTTOM + 10), number(RIGHT))
    ]
    parts += _months(start, end, x)
    watched = x(max(start, chart.control.watched_from))
    for css, _, value in lines:
        from_x = watched if css.startswith("limit") else LEFT
        y = number(at_height(float(value)))
        parts.append(format_html('<path class="{}" d="M{} {}H{}"/>', css, number(from_x), y, number(RIGHT)))
    parts += _names(chart, lines, at_height)
    placed = [(x(one.on), at_height(float(one.value))) for one in chart.points]
    if len(placed) > 1:
        parts.append(format_html('<path class="line" d="{}"/>', path(placed)))
    for one, (left, top) in zip(chart.points, placed, strict=True):
        title = f"{formats.day(one.on)}: {chart.say(one.value)}{f', {one.said}' if one.signal else ''}"
        if one.signal:
            shape = '<path class="fires {}" transform="translate({} {})" d="{}"><title>{}</title></path>'
            parts.append(format_html(shape, one.signal, number(left), number(top), MARK[one.signal], title))
        elif len(placed) <= DOTS:
            dot = '<circle class="dot" cx="{}" cy="{}" r="2.5"><title>{}</title></circle>'
            parts.append(format_html(dot, number(left), number(top), title))
    parts.append(
        format_html_join(
            "",
            '<path class="check" transform="translate({} {})" d="M0 -5L5 0L0 5L-5 0Z"><title>{}</title></path>',
            (
                (number(x(one.on)), number(at_height(float(one.value or 0))),
                 f"Check-in {formats.day(one.on)}: {chart.say(one.value)}, {one.goal.title}")
                for one in chart.check_ins
            ),
        )
    )  # fmt: skip
    if placed:
        left, top = placed[-1]
        parts.append(format_html('<circle class="last" cx="{}" cy="{}" r="4"/>', number(left), number(top)))
    return picture("chart control", WIDTH, BOTTOM + 34, label, parts)


def _lines(chart: MetricChart) -> list[tuple[str, str, Decimal]]:
    limits = chart.control.limits
    found: list[tuple[str, str, Decimal | None]] = [
        ("rule", "Target", chart.target),
        ("from", "Baseline", chart.baseline),
    ]
    if limits is not None:
        found += [
            ("limit", "Upper limit", limits[2]),
            ("limit mean", "Mean", limits[1]),
            ("limit", "Lower limit", limits[0]),
        ]
    return [(css, name, value) for css, name, value in found if value is not None]


def _names(chart: MetricChart, lines: list[tuple[str, str, Decimal]], at_height: Any) -> list[SafeString]:
    """Name the lines at the right, pushed apart where they lie close together."""
    placed = sorted((at_height(float(value)), f"{name} {chart.say(value)}") for _, name, value in lines)
    rows: list[float] = []
    for y, _ in placed:
        rows.append(max(y, rows[-1] + LINE) if rows else y)
    over = rows[-1] - BOTTOM - 6 if rows else 0.0
    if over > 0:
        for at in range(len(rows) - 1, -1, -1):
            rows[at] = min(rows[at], (rows[at + 1] - LINE) if at + 1 < len(rows) else BOTTOM + 6)
    return [
        format_html('<text x="{}" y="{}">{}</text>', number(RIGHT + 8), number(y + 4), words)
        for y, (_, words) in zip(rows, placed, strict=True)
    ]


def _months(start: date, end: date, x: Any) -> list[SafeString]:
    """Ticks with words: months of a year and less, years of more; about eight of them."""
    months = max((end.year - start.year) * 12 + end.month - start.month, 1)
    step = next((each for each in (1, 2, 3, 6, 12, 24, 60) if months / each <= 9), 120)
    ticks, day = [], date(start.year, start.month, 1)
    while day <= end:
        if day >= start and (day.month - 1 + 12 * day.year) % step == 0:
            ticks.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return [
        format_html(
            '<path class="axis" d="M{0} {1}v4"/><text x="{0}" y="{2}" text-anchor="{3}">{4}</text>',
            number(x(one)), number(BOTTOM + 10), number(BOTTOM + 27), "end" if x(one) > RIGHT - 30 else "start",
            f"{one.year}" if step >= 12 else month(one) if one.month == 1 or one == ticks[0] else f"{one:%b}",
        )
        for one in ticks
    ]  # fmt: skip
