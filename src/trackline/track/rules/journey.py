"""The journey of an account in one number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def journey_index(scores: Sequence[Decimal]) -> Decimal | None:
    """Return the mean of scores of 1 to 5 on a scale of 0 to 100; None of none. Source: TRK-15."""
    if not scores:
        return None
    return sum(((score - 1) / 4 for score in scores), Decimal(0)) / len(scores) * 100
