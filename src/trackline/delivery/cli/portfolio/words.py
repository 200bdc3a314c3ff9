"""Words that figures of the book share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from trackline.delivery.cli.output import note
from trackline.kit import formats


def money_in(currency: str) -> Callable[[Any], str]:
    """Return what writes amounts of a currency, to the unit."""
    return lambda amount: formats.money_full(None if amount is None else round(Decimal(amount)), currency)


def tell(notes: Sequence[str]) -> None:
    """Write notes under a table."""
    for text in notes:
        note(text)
