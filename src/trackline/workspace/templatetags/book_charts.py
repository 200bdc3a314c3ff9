"""Pictures of the book, as inline SVG: `{% load book_charts %}`. Each stands beside a table of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.kit import formats
from trackline.workspace.svg import number as _n
from trackline.workspace.svg import picture

register = template.Library()

ROW, AMOUNT, LEFT, WIDTH = 30.0, 158.0, 172.0, 620.0
"""Amounts stand before the bars: on a phone they are seen without scrolling."""


@register.simple_tag
def retention_fall(kept: Mapping[str, Any], label: str) -> SafeString:
    """Starting ARR, churn, contraction and expansion, ending ARR, from top to bottom."""
    start, churn = float(kept["starting_arr"]), float(kept["churn"])
    shrunk, grown = float(kept["contraction"]), float(kept["expansion"])
    low, end = start - churn - shrunk, start - churn - shrunk + grown
    most = max(start, end) or 1.0
    rows = (
        ("Starting ARR", 0.0, start, "whole", kept["starting_arr"], ""),
        ("Churn", start - churn, start, "loss", kept["churn"], "−"),
        ("Contraction", low, start - churn, "loss", kept["contraction"], "−"),
        ("Expansion", low, end, "gain", kept["expansion"], "+"),
        ("Ending ARR", 0.0, end, "whole", kept["ending_arr"], ""),
    )
    parts: list[SafeString] = []
    for at, (name, first, last, css, amount, sign) in enumerate(rows):
        y, x = at * ROW, LEFT + (WIDTH - LEFT) * first / most
        width = max((WIDTH - LEFT) * (last - first) / most, 1.5)
        said = f"{sign if amount else ''}{formats.money(amount, kept['currency'])}"
        parts.append(format_html('<text class="name" x="0" y="{}">{}</text>', _n(y + 19), name))
        parts.append(
            format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="16"><title>{}: {}</title></rect>'
                '<text class="amount" x="{}" y="{}" text-anchor="end">{}</text>',
                css, _n(x), _n(y + 7), _n(width), name, said, _n(AMOUNT), _n(y + 19), said,
            )
        )  # fmt: skip
    return picture("chart fall", WIDTH, len(rows) * ROW, label, parts)
