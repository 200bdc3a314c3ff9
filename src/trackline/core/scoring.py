"""Scores of many accounts by weighted criteria: normalised over all of them, added up, ranked. Exact decimals.

`core/analytics/scoring.py` does the same over arrays and agrees on the ten decimals that ranks are told apart by.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trackline.core.decimals import CONTEXT, HUNDRED, ONE, ZERO

Normaliser = Literal["minmax", "zcdf"]

HALF = Decimal("0.5")
_STEP = Decimal("1e-10")


def settled(score: Decimal) -> Decimal:
    """Return a score on ten decimals: far finer than anybody reads, and coarse enough that dust makes no ranks."""
    return score.quantize(_STEP, context=CONTEXT)


def normal_cdf(z: float) -> float:
    """Return the share of a normal distribution below `z` deviations."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of one criterion become 0 to 1, judged over all accounts; `median` stands in for unknown values."""

    low: Decimal
    high: Decimal
    median: Decimal
    mean: Decimal
    sd: Decimal
    normaliser: Normaliser
    down: bool

    def norm(self, value: Decimal) -> Decimal:
        """Return 0 to 1, 1 is best; 0.5 where all accounts are alike."""
        if self.low == self.high:
            return HALF
        if self.normaliser == "minmax":
            up = (value - self.low) / (self.high - self.low)
        else:
            # The normal distribution is no rational function: sixteen digits are what there is.
            up = Decimal(normal_cdf(float((value - self.mean) / self.sd)))
        return ONE - up if self.down else up


def scale_of(values: Sequence[Decimal | None], normaliser: Normaliser, *, down: bool) -> Scale | None:
    """Return the scale of a criterion over its values, None where none is known."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle, odd = divmod(len(known), 2)
    median = known[middle] if odd else (known[middle - 1] + known[middle]) / 2
    filled = [*known, *[median] * (len(values) - len(known))]
    mean, sd = ZERO, ZERO
    if normaliser == "zcdf":
        mean = sum(filled, ZERO) / len(filled)
        sd = (sum(((value - mean) ** 2 for value in filled), ZERO) / len(filled)).sqrt()
    return Scale(known[0], known[-1], median, mean, sd, normaliser, down)


def shares(weights: Sequence[Decimal]) -> list[Decimal]:
    """Return weights scaled to sum to 1. Raises `ValueError` where they sum to nothing."""
    total = sum(weights, ZERO)
    if total <= 0:
        raise ValueError("at least one weight above 0 is expected")
    return [weight / total for weight in weights]


@dataclass(frozen=True, slots=True)
class Standing:
    """Places of accounts among each other."""

    ranks: list[int]
    percentiles: list[Decimal]


def standing(scores: Sequence[Decimal]) -> Standing:
    """Rank settled scores: 1 is best, equals share it (1, 2, 2, 4); a percentile is the share of the others that score lower."""
    ordered = sorted(scores)
    total = len(ordered)
    ranks = [1 + total - bisect_right(ordered, score) for score in scores]
    if total == 1:
        return Standing(ranks, [HUNDRED])
    return Standing(ranks, [Decimal(bisect_left(ordered, score)) * 100 / (total - 1) for score in scores])


def reweighted(score: Decimal, contribution: Decimal, share: Decimal, factor: Decimal) -> Decimal:
    """Return a score after one weight was multiplied by `factor` and all were scaled back to sum to 1."""
    return (score + (factor - 1) * contribution) / (1 + (factor - 1) * share)
