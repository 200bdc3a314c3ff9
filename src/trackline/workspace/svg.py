"""What pictures that the server draws share: scales, paths, words on axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def number(value: float) -> str:
    """Write a coordinate, to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0")


def path(placed: Sequence[tuple[float, float]]) -> str:
    """Return the straight line through points as path data."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in placed)


def scale(values: Sequence[float], bottom: float, top: float) -> Callable[[float], float]:
    """Return where values stand between `bottom` and `top`; equal ones in the middle."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low == high:
        low, high = low - 1, high + 1
    return lambda value: bottom - (bottom - top) * (value - low) / (high - low)


def month(day: date) -> str:
    """Return a month as an axis names it."""
    return f"{day:%b} {day.year}"


def picture(css: str, width: float, height: float, label: str, parts: Iterable[SafeString | str]) -> SafeString:
    """Return the drawing with the finding that a screen reader hears."""
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        css, number(width), number(height), label, body,
    )  # fmt: skip
