"""How scores are spread, as columns with the cut-offs of tiers: `{% load distribution %}`."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trackline.workspace.queries.book.ranking import Level
from trackline.workspace.svg import number as _at

register = template.Library()


@register.simple_tag
def distribution(bins: Sequence[int], levels: Sequence[Level], label: str) -> SafeString:
    """Scores from 0 to 100 as columns, with the cut-offs of tiers as rules; columns that reach a tier are darker."""
    left, right, top, bottom = 2.0, 358.0, 16.0, 70.0
    width, most = (right - left) / len(bins), max(max(bins, default=0), 1)
    cuts = [(level.number, float(level.cut)) for level in levels if level.cut is not None]
    least = min((cut for _, cut in cuts), default=0.0)
    parts = [format_html('<path class="axis" d="M{} {}H{}"/>', _at(left), _at(bottom), _at(right))]
    step = 100 / len(bins)
    for at, count in enumerate(bins):
        if count:
            height = max((bottom - top) * count / most, 2)
            parts.append(
                format_html(
                    '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{} to {}: {}</title></rect>',
                    "reached" if (at + 1) * step > least else "column", _at(left + at * width + 1), _at(bottom - height),
                    _at(width - 2), _at(height), _at(at * step), _at((at + 1) * step), count,
                )
            )  # fmt: skip
    for number, cut in cuts:
        x = left + (right - left) * cut / 100
        parts.append(format_html('<path class="cut-line" d="M{} {}V{}"/>', _at(x), _at(top - 6), _at(bottom)))
        parts.append(format_html('<text class="cut-name" x="{}" y="{}">T{}</text>', _at(x + 3), _at(top - 4), number))
    for mark in (0, 50, 100):
        anchor = {0: "start", 100: "end"}.get(mark, "middle")
        x = left + (right - left) * mark / 100
        parts.append(
            format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', _at(x), _at(bottom + 13), anchor, mark)
        )
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart distribution" viewBox="0 0 360 86" role="img" aria-label="{}">{}</svg>', label, body
    )
