"""Cut-offs between tiers. Exact decimals; `core/analytics/tiers.py` does the same over arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from trackline.core.decimals import HUNDRED, q6

Method = Literal["percentile", "band", "book", "absolute", "elbow"]
TIERS = ("t1", "t2", "t3")


def percentile(ordered: Sequence[Decimal], q: Decimal) -> Decimal:
    """Return the `q`-th percentile of rising scores, linear and inclusive: at rank (n − 1) · q."""
    position = (len(ordered) - 1) * q / HUNDRED
    below = int(position)
    if below + 1 == len(ordered):
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (position - below)


def percentile_cuts(ordered: Sequence[Decimal], at: Mapping[str, Decimal]) -> list[Decimal | None]:
    """Return the cuts of tiers 1 to 3 at percentiles of rising scores; None where a tier has no lower bound."""
    return [percentile(ordered, at[tier]) if tier in at else None for tier in TIERS]


def elbow_cuts(scores: Sequence[Decimal]) -> list[Decimal | None] | None:
    """Return the cuts at the elbow of the scores and at that of the rest, None where they have no elbow.

    The elbow is the point furthest below the line from the first to the last score, highest first; it begins the next
    tier. A rest without elbow has no tier 2: both cuts are the same.
    """
    ordered = sorted(scores, reverse=True)
    first = _elbow(ordered)
    if not first:
        return None
    rest = [score for score in ordered if score < ordered[first - 1]]
    second = _elbow(rest)
    return [ordered[first - 1], rest[second - 1] if second else ordered[first - 1], None]


def _elbow(ordered: Sequence[Decimal]) -> int:
    """Return where falling scores turn, 0 where they never lie below the line. Distances are scaled: only their order counts."""
    last = len(ordered) - 1
    if last < 2:
        return 0
    top, bottom = ordered[0], ordered[-1]
    depths = [last * (top - score) + (bottom - top) * at for at, score in enumerate(ordered)]
    deepest = max(depths)
    return depths.index(deepest) if deepest > 0 else 0


def default_cuts(
    ordered: Sequence[Decimal], percentiles: Mapping[str, Decimal], absolute: Mapping[str, Decimal], min_scores: int
) -> list[Decimal | None]:
    """Return the cuts by percentile of rising scores, or the absolute ones where there are too few for percentiles."""
    if len(ordered) < min_scores:
        return [absolute.get(level) for level in TIERS]
    return percentile_cuts(ordered, percentiles)


def tier(score: Decimal, cuts: Sequence[Decimal | None]) -> int | None:
    """Return the tier of a score: the first whose cut it reaches, compared on six decimals."""
    for number, cut in enumerate(cuts, 1):
        if cut is None or q6(score) >= q6(cut):
            return number
    return None
