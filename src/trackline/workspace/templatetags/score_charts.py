"""Pictures of scores, as inline SVG: `{% load score_charts %}`. Each stands beside a table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trackline.kit import formats
from trackline.workspace.queries.account.cards.pipeline import Fan
from trackline.workspace.svg import number as _n

register = template.Library()

_Scale = Callable[[Decimal], float]

WIDTH = 460.0
LETTER = 7.4
"""Room that one letter of a name takes at most."""


@register.simple_tag
def forecast_fan(fan: Fan, label: str) -> SafeString:
    """What open routes bring in: p10 to p90 wide, p25 to p75 dark, the middle as a tick, the target as a dashed rule."""
    left, right, y = 6.0, WIDTH - 6, 34.0
    top = fan.top or Decimal(1)

    def x(value: Decimal) -> float:
        return left + (right - left) * min(float(value / top), 1.0)

    parts = [format_html('<path class="axis" d="M{} {}H{}"/>', _n(left), _n(y + 16), _n(right))]
    parts += [_band(fan, low, high, name, y, x) for low, high, name in (("p10", "p90", "wide"), ("p25", "p75", "mid"))]
    middle = x(fan.quantiles["p50"])
    parts.append(format_html('<path class="half" d="M{} {}v24"/>', _n(middle), _n(y - 12)))
    parts += _names(fan, x, y + 32)
    if fan.target is not None:
        at, words = x(fan.target), f"Target {formats.money(fan.target, fan.currency)}"
        anchor = "end" if at > (left + right) / 2 else "start"
        step = -5 if anchor == "end" else 5
        parts.append(format_html('<path class="rule" d="M{} {}V{}"/>', _n(at), _n(8), _n(y + 16)))
        parts.append(format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', _n(at + step), 14, anchor, words))
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<svg class="chart fan" viewBox="0 0 460 74" role="img" aria-label="{}">{}</svg>', label, body)


@register.simple_tag
def forecast_bar(fan: Fan, label: str) -> SafeString:
    """The same as one small bar, without words."""
    top = fan.top or Decimal(1)

    def x(value: Decimal) -> float:
        return 2 + 236 * min(float(value / top), 1.0)

    parts = [mark_safe('<path class="axis" d="M2 16h236"/>')]
    parts += [
        _band(fan, low, high, name, 9, x, 6) for low, high, name in (("p10", "p90", "wide"), ("p25", "p75", "mid"))
    ]
    parts.append(format_html('<path class="half" d="M{} 2v13"/>', _n(x(fan.quantiles["p50"]))))
    if fan.target is not None:
        parts.append(format_html('<path class="rule" d="M{} 0V17"/>', _n(x(fan.target))))
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="chart fan small" viewBox="0 0 240 18" role="img" aria-label="{}">{}</svg>', label, body
    )


def _band(fan: Fan, low: str, high: str, name: str, y: float, x: _Scale, half: float = 10) -> SafeString:
    start, end = (x(fan.quantiles.get(key, fan.quantiles["p50"])) for key in (low, high))
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        name, _n(start), _n(y - half), _n(max(end - start, 1.5)), _n(2 * half),
    )  # fmt: skip


def _names(fan: Fan, x: _Scale, y: float) -> list[SafeString]:
    """Name p10, p50 and p90 below the bar; names that would overlap share one text."""
    groups = [[name] for name in ("p10", "p50", "p90")]
    while True:
        placed = [_placed(fan, names, x) for names in groups]
        near = next((at for at in range(len(placed) - 1) if placed[at][2] > placed[at + 1][1]), None)
        if near is None:
            break
        groups[near : near + 2] = [groups[near] + groups[near + 1]]
    return [format_html('<text x="{}" y="{}">{}</text>', _n(start), _n(y), words) for words, start, _ in placed]


def _placed(fan: Fan, names: list[str], x: _Scale) -> tuple[str, float, float]:
    """Return the words of some quantiles and the room they take, kept within the picture."""
    low, high = fan.quantiles[names[0]], fan.quantiles[names[-1]]
    amount = formats.money(low, fan.currency)
    if high != low:
        amount = f"{amount} to {formats.money(high, fan.currency)}"
    words = f"{names[0] if len(names) == 1 else f'{names[0]}–{names[-1]}'} {amount}"
    room = LETTER * len(words)
    start = min(max((x(low) + x(high)) / 2 - room / 2, 0.0), WIDTH - room)
    return words, start, start + room
