"""Pictures of value, as inline SVG: `{% load value_charts %}`. Each stands beside a table of the same numbers."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.kit import formats
from trackline.workspace.queries.account.business_case import CasePage
from trackline.workspace.queries.account.value import Fall
from trackline.workspace.svg import number as _n
from trackline.workspace.svg import picture

register = template.Library()

ROW, LEFT, RIGHT, WIDTH = 30.0, 190.0, 560.0, 650.0
LONGEST = 28
SWINGS = 8
"""So many lines of a business case are drawn; the table has all."""


@register.simple_tag
def value_fall(fall: Fall, label: str) -> SafeString:
    """Committed worth, each step, verified worth, from top to bottom; hollow steps wait for the customer."""
    most = max([fall.start, fall.end, *(level for _, *levels in fall.steps for level in levels)])

    def x(level: float) -> float:
        return LEFT + (RIGHT - LEFT) * max(level, 0.0) / float(most or 1)

    parts: list[SafeString] = []

    def row(at: int, name: str, levels: tuple[float, float], css: str, said: str, reached: float | None = None) -> None:
        y = at * ROW
        cut = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
        start, end = x(min(levels)), x(max(levels))
        parts.append(format_html('<text class="name" x="0" y="{}">{}<title>{}</title></text>', _n(y + 19), cut, name))
        parts.append(
            format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="16"><title>{}: {}</title></rect>',
                css, _n(start), _n(y + 7), _n(max(end - start, 1.5)), name, said,
            )
        )  # fmt: skip
        # Beside the bar where there is room to its right, else before it.
        after = end + 80 <= WIDTH
        parts.append(
            format_html(
                '<text class="amount" x="{}" y="{}" text-anchor="{}">{}</text>',
                _n(end + 6 if after else start - 6), _n(y + 19), "start" if after else "end", said,
            )
        )  # fmt: skip
        if reached is not None:
            parts.append(format_html('<path class="axis" d="M{} {}v14"/>', _n(x(reached)), _n(y - 7)))

    start, end = float(fall.start), float(fall.end)
    row(0, "Committed", (0.0, start), "whole", formats.money(fall.start, fall.currency))
    for at, (step, before, after) in enumerate(fall.steps, start=1):
        css = "waits" if not step.seen else "gain" if step.amount > 0 else "loss"
        said = f"{'+' if step.amount > 0 else '−'}{formats.money(abs(step.amount), fall.currency)}"
        row(at, step.label, (float(before), float(after)), css, said, float(before))
    last = len(fall.steps) + 1
    row(last, "Verified", (0.0, end), "whole", formats.money(fall.end, fall.currency), end)
    return picture("chart fall", WIDTH, (last + 1) * ROW, label, parts)


@register.simple_tag
def tornado(page: CasePage, label: str) -> SafeString:
    """What each line of a business case moves: its present value with the line 20 % lower and higher, the widest on top."""
    swings = page.result.swings[:SWINGS]
    npv = float(page.result.npv or 0)
    ends = [float(value) for one in swings for value in (one.lower, one.higher)]
    low, high = min([npv, *ends]), max([npv, *ends])
    room = (high - low) or 1.0

    def x(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * (value - low) / room

    bottom = len(swings) * ROW + 4
    parts: list[SafeString] = []
    for at, one in enumerate(swings):
        y = at * ROW
        cut = one.title if len(one.title) <= LONGEST else f"{one.title[: LONGEST - 1].rstrip()}…"
        parts.append(
            format_html('<text class="name" x="0" y="{}">{}<title>{}</title></text>', _n(y + 19), cut, one.title)
        )
        for css, value, words in (("less", one.lower, "20 % lower"), ("more", one.higher, "20 % higher")):
            start, end = sorted((x(npv), x(float(value))))
            said = f"{one.title} {words}: {formats.money(value, page.currency)}"
            parts.append(
                format_html(
                    '<rect class="{}" x="{}" y="{}" width="{}" height="16"><title>{}</title></rect>',
                    css, _n(start), _n(y + 7), _n(max(end - start, 1)), said,
                )
            )  # fmt: skip
    for level, css in ((0.0, "zero"), (npv, "base")):
        if low <= level <= high:
            parts.append(format_html('<path class="{}" d="M{} 0V{}"/>', css, _n(x(level)), _n(bottom)))
    ends_at = ((low, "start"), (high, "end"))
    parts += [
        format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', _n(x(value)), _n(bottom + 14), anchor,
                    formats.money(Decimal(str(round(value))), page.currency))
        for value, anchor in ends_at
    ]  # fmt: skip
    return picture("chart fall tornado", RIGHT + 10, bottom + 20, label, parts)
