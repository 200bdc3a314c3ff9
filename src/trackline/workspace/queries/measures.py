"""Measured numbers with their units, as goals, KPIs and value outcomes read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trackline.kit import formats
from trackline.workspace.records.words import UNIT_WORDS


def measure(value: Any, unit: str, currency: str = "") -> str:
    """Return a number with its unit, for reading: `3.1 %`, `25 h`, `€420k`, `9`; "no reading" for none."""
    if value is None:
        return "no reading"
    if unit == "currency":
        return formats.money(value, currency)
    text = formats.number(value, _decimals(Decimal(value)))
    if unit == "percent":
        return f"{text}{formats.NBSP}%"
    return f"{text}{formats.NBSP}{UNIT_WORDS[unit]}" if unit in UNIT_WORDS else text


def _decimals(value: Decimal) -> int:
    """Up to two decimals, fewer for large numbers: what one reads, not what one stores."""
    if value == value.to_integral_value() or abs(value) >= 1000:
        return 0
    return 1 if abs(value) >= 10 or round(value, 1) == value else 2
