"""Answers as pictures, as inline SVG: `{% load survey_charts %}`. Each stands beside the table of its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trackline.kit import formats
from trackline.track.surveys.results import SIDES, WaveResult
from trackline.workspace.svg import number, path, picture

register = template.Library()

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 460.0, 4.0, 456.0, 18.0, 96.0


@register.simple_tag
def nps_spread(wave: WaveResult, label: str) -> SafeString:
    """How many gave each mark from 0 to 10, as columns with their count; detractors, passives, promoters in their colours."""
    spread, sides = wave.spread, [wave.scores.sides.side(mark) for mark in range(11)]
    width, most = (RIGHT - LEFT) / 11, max(max(spread, default=0), 1)
    parts = [format_html('<path class="axis" d="M{} {}H{}"/>', number(LEFT), number(BOTTOM), number(RIGHT))]
    for mark, count in enumerate(spread):
        x, band = LEFT + mark * width, SIDES[sides[mark]]
        height = (BOTTOM - TOP) * count / most
        if count:
            parts.append(
                format_html(
                    '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>',
                    band, number(x + 3), number(BOTTOM - height), number(width - 6), number(height),
                )
            )  # fmt: skip
            parts.append(_text(x + width / 2, BOTTOM - height - 4, str(count)))
        parts.append(_text(x + width / 2, BOTTOM + 14, str(mark)))
    for side in SIDES:
        if marks := [mark for mark, one in enumerate(sides) if one == side]:
            parts.append(_text(LEFT + width * (marks[0] + marks[-1] + 1) / 2, BOTTOM + 30, f"{side.capitalize()}s"))
    return picture("chart nps-spread", WIDTH, BOTTOM + 36, label, parts)


@register.simple_tag
def nps_trend(waves: Sequence[WaveResult], label: str) -> SafeString:
    """NPS of each wave in order of time, from −100 to 100, with its margin of error as a whisker."""
    shown = [one for one in waves if one.scores.nps.value is not None]
    parts = _nps_axis()
    step = (RIGHT - 70) / max(len(shown), 1)
    placed = []
    for at, one in enumerate(shown):
        value, margin = float(one.scores.nps.value or 0), float(one.scores.nps.details["margin_of_error"] or 0)
        x = 50 + step * (at + 0.5)
        placed.append((x, _nps_y(value)))
        parts.append(
            format_html(
                '<path class="whisker" d="M{0} {1}V{2}"/>',
                number(x),
                number(_nps_y(value - margin)),
                number(_nps_y(value + margin)),
            )
        )
        parts.append(_text(x, BOTTOM + 18, formats.day(one.wave.sent_on)))
    if len(placed) > 1:
        parts.append(format_html('<path class="line" d="{}"/>', path(placed)))
    for (x, top), one in zip(placed, shown, strict=True):
        parts.append(format_html('<circle class="dot" cx="{}" cy="{}" r="4"/>', number(x), number(top)))
        parts.append(_text(x + 8, top - 6, formats.number(one.scores.nps.value, 0), "start"))
    return picture("chart nps-spread", WIDTH, BOTTOM + 24, label, parts)


@register.simple_tag
def nps_years(waves: Sequence[WaveResult], years: Sequence[int], label: str) -> SafeString:
    """NPS over the months, one line for each year: this year's full, earlier ones paler (SUR-11)."""
    left, right = 30.0, RIGHT - 34
    parts = _nps_axis()
    for month, name in ((0, "Jan"), (3, "Apr"), (6, "Jul"), (9, "Oct")):
        parts.append(_text(left + (right - left) * month / 12, BOTTOM + 18, name, "start"))
    for at, year in enumerate(years[:3]):
        points = [
            (
                left + (right - left) * (one.wave.sent_on.timetuple().tm_yday - 1) / 365,
                _nps_y(float(one.scores.nps.value)),
            )
            for one in waves
            if one.wave.sent_on and one.wave.sent_on.year == year and one.scores.nps.value is not None
        ]
        if not points:
            continue
        drawn = [format_html('<path class="line" d="{}"/>', path(points))] if len(points) > 1 else []
        drawn += [
            format_html('<circle class="dot" cx="{}" cy="{}" r="3.5"/>', number(x), number(top)) for x, top in points
        ]
        drawn.append(_text(points[-1][0] + 8, points[-1][1] + 4, str(year), "start"))
        parts.append(
            format_html('<g class="year-{}">{}</g>', at, format_html_join("", "{}", ((one,) for one in drawn)))
        )
    return picture("chart nps-spread", WIDTH, BOTTOM + 24, label, parts)


def _text(x: float, y: float, words: str, anchor: str = "middle") -> SafeString:
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', number(x), number(y), anchor, words)


def _nps_y(value: float) -> float:
    """The height of an NPS in a picture from −100 to 100."""
    return BOTTOM - (BOTTOM - TOP) * (min(max(value, -100.0), 100.0) + 100) / 200


def _nps_axis() -> list[SafeString]:
    """Lines and labels at −100, 0 and 100."""
    lines = [
        format_html(
            '<path class="{}" d="M30 {}H{}"/>', "axis" if not mark else "grid", number(_nps_y(mark)), number(RIGHT)
        )
        for mark in (-100, 0, 100)
    ]
    return lines + [_text(24, _nps_y(mark) + 4, f"{mark}".replace("-", "−"), "end") for mark in (-100, 0, 100)]
