"""The journey as a shape, as inline SVG: `{% load journey_charts %}`. It stands beside the table of its scores."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import cos, pi, sin

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.workspace.queries.account.journey import Journey
from trackline.workspace.svg import number, path, picture

register = template.Library()

WIDTH, HEIGHT, X, Y, RADIUS = 420.0, 250.0, 210.0, 128.0, 88.0


@register.simple_tag
def journey_radar(journey: Journey, label: str) -> SafeString:
    """Scores of today as an area, those at the start of the span as a dashed outline, where all were scored then."""
    axes = len(journey.rows)

    def at(axis: int, score: Decimal | float) -> tuple[float, float]:
        angle, reach = 2 * pi * axis / axes, RADIUS * float(score) / 5
        return X + reach * sin(angle), Y - reach * cos(angle)

    def around(scores: Sequence[Decimal | float]) -> str:
        return path([at(axis, score) for axis, score in enumerate(scores)]) + "Z"

    parts = [format_html('<path class="grid" d="{}"/>', around([level] * axes)) for level in (1, 3, 5)]
    for axis, row in enumerate(journey.rows):
        end, name = at(axis, 5), at(axis, 5.6)
        parts.append(format_html('<path class="grid" d="{}"/>', path([(X, Y), end])))
        anchor = "middle" if abs(name[0] - X) < 12 else "start" if name[0] > X else "end"
        parts.append(
            format_html(
                '<text x="{}" y="{}" text-anchor="{}">{}</text>',
                number(name[0]),
                number(name[1] + 4),
                anchor,
                row.dimension.name,
            )
        )
    before = [row.before for row in journey.rows if row.before is not None]
    if len(before) == axes:
        parts.append(format_html('<path class="before" d="{}"/>', around(before)))
    parts.append(
        format_html('<path class="now" d="{}"/>', around([row.now for row in journey.rows if row.now is not None]))
    )
    return picture("chart radar", WIDTH, HEIGHT, label, parts)
