"""Tiers of a whole book: what `core/tiers.py` says, over scores as steps of 1e-10. Whole numbers throughout: nothing rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import overload

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.scoring import STEPS, Scored, Steps, places
from trackline.core.decimals import CONTEXT, ONE, q6
from trackline.core.tiers import TIERS, Method, default_cuts, percentile_cuts

Cuts = Sequence[Decimal | None]
Tiers = NDArray[np.int8]

POINT = STEPS // 100
"""Steps of a point, of which a score has 100."""


class Points(Sequence[Decimal]):
    """Rising steps, read one by one as points from 0 to 100."""

    def __init__(self, rising: Steps) -> None:
        self._rising = rising

    def __len__(self) -> int:
        return len(self._rising)

    @overload
    def __getitem__(self, at: int) -> Decimal: ...
    @overload
    def __getitem__(self, at: slice) -> Points: ...
    def __getitem__(self, at: int | slice) -> Decimal | Points:
        if isinstance(at, slice):
            return Points(self._rising[at])
        return Decimal(int(self._rising[at])) / POINT


def cuts(
    rising: Steps, method: Method, percentiles: Mapping[str, Decimal], absolute: Mapping[str, Decimal]
) -> Cuts | None:
    """Return the cuts of tiers 1 to 3 in points, None where rising scores have no elbow."""
    with localcontext(CONTEXT):
        if method == "absolute":
            return [absolute.get(level) for level in TIERS]
        return elbow(rising) if method == "elbow" else percentile_cuts(Points(rising), percentiles)


def elbow(rising: Steps) -> Cuts | None:
    """Return the cuts at the elbow of rising scores and at that of the rest, None where they have no elbow."""
    falling = rising[::-1]
    first = _elbow(falling)
    if not first:
        return None
    top = falling[first - 1]
    rest = falling[np.searchsorted(-falling, -top, side="right") :]
    second = _elbow(rest)
    marks = (top, rest[second - 1] if second else top)
    return [*(Decimal(int(mark)) / POINT for mark in marks), None]


def _elbow(falling: Steps) -> int:
    last = len(falling) - 1
    if last < 2:
        return 0
    depths = last * (falling[0] - falling) + (falling[-1] - falling[0]) * np.arange(last + 1)
    deepest = int(np.argmax(depths))
    return deepest if depths[deepest] > 0 else 0


def tiers(steps: Steps, cuts: Cuts) -> Tiers:
    """Return the tier of each score, the first whose cut it reaches, compared on six decimals; 0 for none."""
    found = np.ones(len(steps), np.int8)
    for number, cut in enumerate(cuts, 1):
        if cut is None:
            break
        found += (steps < _least(cut)) & (found == number)
    found[found > len(cuts)] = 0
    return found


def _least(cut: Decimal) -> int:
    """The least steps that round half up to a cut, or beyond it, on six decimals of a point."""
    with localcontext(CONTEXT):
        return int((q6(cut) - Decimal("0.0000005")) * POINT)


@dataclass(frozen=True)
class Volatility:
    """Most ranks each account moves when one weight is moved, and whether its tier changes."""

    ranks: Steps
    volatility: Steps
    tier_changes: NDArray[np.bool_]


def sensitivity(
    book: Scored,
    step: Decimal,
    percentiles: Mapping[str, Decimal],
    absolute: Mapping[str, Decimal],
    min_scores: int,
) -> Volatility:
    """Move each weight by a part of it, down and up, rank anew, and compare under the cut-offs of the day."""

    def judged(steps: Steps) -> tuple[Steps, Tiers]:
        found = places(steps)
        with localcontext(CONTEXT):
            marks = default_cuts(Points(found.rising), percentiles, absolute, min_scores)
        return found.ranks, tiers(steps, marks)

    ranks, levels = judged(book.steps)
    volatility, moved = np.zeros(len(ranks), np.int64), np.zeros(len(ranks), np.bool_)
    for at, share in enumerate(book.shares):
        for factor in (ONE - step, ONE + step):
            if share == ONE and not factor:
                continue  # nothing would be left to score by
            other_ranks, other_levels = judged(book.reweighted(at, factor))
            np.maximum(volatility, np.abs(other_ranks - ranks), out=volatility)
            moved |= other_levels != levels
    return Volatility(ranks, volatility, moved)
