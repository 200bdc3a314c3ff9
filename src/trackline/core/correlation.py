"""How two figures of the same things go together by rank, and how likely chance alone would do as much."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal, localcontext

from trackline.core.decimals import CONTEXT, ONE, ZERO


def mean_ranks(values: Sequence[Decimal]) -> list[Decimal]:
    """Return the rank of each value, 1 is highest; equals share the mean of their ranks (1, 2.5, 2.5, 4)."""
    rising, total = sorted(values), len(values)
    return [Decimal(2 * total + 1 - bisect_left(rising, value) - bisect_right(rising, value)) / 2 for value in values]


def spearman(ones: Sequence[Decimal], others: Sequence[Decimal]) -> Decimal | None:
    """Return Spearman's ρ, −1 to 1: how far two figures put things in the same order. None of fewer than two things, and where
    one figure is the same of all."""
    if len(ones) < 2:
        return None
    with localcontext(CONTEXT):
        middle = Decimal(len(ones) + 1) / 2
        left, right = ([rank - middle for rank in mean_ranks(values)] for values in (ones, others))
        spread = sum((one * one for one in left), ZERO) * sum((one * one for one in right), ZERO)
        if not spread:
            return None
        return sum((one * other for one, other in zip(left, right, strict=True)), ZERO) / spread.sqrt()


def chance_of(rho: Decimal, count: int) -> float | None:
    """Return the p-value of a correlation of `count` things, two-sided: how often as much, either way, comes of chance alone,
    by Student's distribution with two degrees of freedom less. None of fewer than three things."""
    if count < 3:
        return None
    if abs(rho) >= ONE:
        return 0.0
    return _beyond(float(rho) * math.sqrt((count - 2) / (1 - float(rho) ** 2)), count - 2)


def _beyond(t: float, degrees: int) -> float:
    """The share of Student's distribution beyond ±t: the finite series for whole degrees of freedom (Abramowitz and Stegun,
    26.7.3 and 26.7.4)."""
    angle = math.atan2(abs(t), math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = term if degrees > 1 else 0.0
    for step in range(3 if odd else 2, degrees - 1, 2):
        term *= square * (step - 1) / step
        total += term
    within = (angle + sine * total) * 2 / math.pi if odd else sine * total
    return min(max(1 - within, 0.0), 1.0)
