"""Pictures of the book, as inline SVG: `{% load book_charts %}`. Each stands beside a table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.kit import formats
from trackline.workspace.queries.book.backtest import Picked
from trackline.workspace.queries.book.forecasting import Period
from trackline.workspace.svg import number as _n
from trackline.workspace.svg import picture, scale

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


PERIODS, ACROSS, COLUMN, HIGH = 12, 912.0, 128.0, 176.0
"""A picture holds so many periods; the table beside it holds all."""


@register.simple_tag
def forecast_periods(periods: Sequence[Period], currency: str, label: str) -> SafeString:
    """A column a quarter or month: what is won as a full foot, above it where the total lies in eight (wide) and five (dark)
    of ten cases, the middle as a tick, the target as a dashed rule."""
    shown = periods[:PERIODS]
    most = max((_top(period.facts) for period in shown), default=Decimal(0)) or Decimal(1)
    top, bottom = 30.0, HIGH

    def y(value: Decimal) -> float:
        return bottom - (bottom - top) * float(value / most)

    step = min(COLUMN, ACROSS / len(shown))
    parts: list[SafeString] = [format_html('<path class="axis" d="M0 {}H{}"/>', _n(bottom), _n(ACROSS))]
    for at, period in enumerate(shown):
        parts += _column(period, currency, step * (at + 0.5), y)
    return picture("chart fan periods", ACROSS, HIGH + 40, label, parts)


def _top(facts: Mapping[str, Any]) -> Decimal:
    most: Decimal = max(facts["won"] + facts["quantiles"]["p90"], facts["target"] or Decimal(0))
    return most


def _column(period: Period, currency: str, x: float, y: Callable[[Decimal], float]) -> list[SafeString]:
    facts, half = period.facts, 16.0
    won, quantiles = facts["won"], facts["quantiles"]
    parts = []
    if won:
        parts.append(_box("won", x, half, y(won), y(Decimal(0))))
    if facts["count"]:
        for low, high, css in (("p10", "p90", "wide"), ("p25", "p75", "mid")):
            parts.append(_box(css, x, half, y(won + quantiles[high]), y(won + quantiles[low])))
        middle = y(won + quantiles["p50"])
        parts.append(format_html('<path class="half" d="M{} {}h{}"/>', _n(x - half - 3), _n(middle), _n(2 * half + 6)))
    if facts["target"] is not None:
        at = y(facts["target"])
        parts.append(format_html('<path class="rule" d="M{} {}h{}"/>', _n(x - 32), _n(at), _n(64)))
    amount = formats.money(won + quantiles["p50"], currency)
    parts.append(
        format_html(
            '<text class="amount" x="{}" y="{}" text-anchor="middle">{}</text>', _n(x), _n(y(_top(facts)) - 8), amount
        )
    )
    css = "name now" if period.current else "name"
    parts.append(
        format_html(
            '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>', css, _n(x), _n(HIGH + 18), period.label
        )
    )
    said = "past" if period.past else formats.percent(facts["p_target_pct"], 0) if facts["target"] is not None else ""
    parts.append(format_html('<text x="{}" y="{}" text-anchor="middle">{}</text>', _n(x), _n(HIGH + 34), said))
    return parts


def _box(css: str, x: float, half: float, top: float, bottom: float) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        css, _n(x - half), _n(top), _n(2 * half), _n(max(bottom - top, 1.5)),
    )  # fmt: skip


@register.simple_tag
def scores_and_outcomes(picked: Picked) -> SafeString:
    """Accounts as dots: score to the right, outcome upwards."""
    left, right, top, bottom = 4.0, 636.0, 8.0, 168.0
    y = scale([dot.outcome for dot in picked.dots], bottom - 8, top + 8)
    parts: list[SafeString] = [format_html('<path class="axis" d="M{} {}H{}"/>', _n(left), _n(bottom), _n(right))]
    for dot in picked.dots:
        x = left + (right - left) * dot.score / 100
        parts.append(
            format_html(
                '<circle class="dot" cx="{}" cy="{}" r="4"><title>{}</title></circle>',
                _n(x), _n(y(dot.outcome)), dot.said,
            )
        )  # fmt: skip
    for at, anchor in ((0, "start"), (50, "middle"), (100, "end")):
        x = left + (right - left) * at / 100
        words = f"score {at}" if not at else str(at)
        parts.append(
            format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', _n(x), _n(bottom + 14), anchor, words)
        )
    parts.append(format_html('<text x="{}" y="{}">{} at the top</text>', _n(left), _n(top + 4), picked.high))
    parts.append(format_html('<text x="{}" y="{}">{} at the foot</text>', _n(left), _n(bottom - 6), picked.low))
    return picture("chart scatter", 640, 186, f"{picked.line.label} by score. {picked.finding}", parts)
