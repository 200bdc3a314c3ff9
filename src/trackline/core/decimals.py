"""Decimal arithmetic as every rule uses it: fifty digits, half up, compared on six decimals (CNV-02)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

CONTEXT = Context(prec=50, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Wide enough for products of the largest inputs (10^18) with all their decimals."""

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)

_SIX = Decimal("0.000001")
_EXACT_IN_FLOAT = 2**53
_PLAIN = frozenset({str, bool, int, float, type(None)})


def q6(value: Decimal | int) -> Decimal:
    """Return the value on six decimals, half up: what thresholds are compared with, so dust never decides.

    Values too large to have six decimals among fifty digits stay as they are.
    """
    try:
        return Decimal(value).quantize(_SIX, context=CONTEXT)
    except InvalidOperation:
        return Decimal(value)


def mean(values: list[Decimal]) -> Decimal | None:
    """Return the arithmetic mean, None of nothing."""
    return sum(values, ZERO) / len(values) if values else None


def clamp(value: Decimal, low: Decimal = ZERO, high: Decimal = HUNDRED) -> Decimal:
    """Keep a value within two bounds."""
    return low if value < low else high if value > high else value


def plain(value: Any) -> Any:
    """Return a value as JSON has it: decimals as numbers at full precision, dates as text, maps and lists throughout."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        if _PLAIN.issuperset(map(type, value.values())):
            return dict(value)
        return {key: item if type(item) in _PLAIN else plain(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        number = float(value)
        whole = int(number) if number.is_integer() and abs(number) < _EXACT_IN_FLOAT else None
        # A float may be whole where the decimal is not quite.
        return whole if whole is not None and whole == value else number
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else plain(item) for item in value]
    if isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")
