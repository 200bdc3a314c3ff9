"""Scores, ranks, percentiles and tiers of 1,000,000 accounts by 12 criteria: ours, and bare NumPy doing the same arithmetic.

Both start from the same matrix and end with the same four arrays. Ours also tells equals from dust: its scores equal the exact
rules on ten decimals. scikit-criteria and pymcdm are run on the same matrix where they are installed, and agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.scoring import Scored
from trackline.core.analytics.tiers import cuts, tiers

ACCOUNTS, REPEATS = 1_000_000, 5
WEIGHTS = (20, 15, 10, 10, 10, 8, 7, 5, 5, 4, 3, 3)
PERCENTILES = {"t1": Decimal(90), "t2": Decimal(55), "t3": Decimal(20)}

Floats = NDArray[np.float64]


def book() -> tuple[Floats, list[bool]]:
    """Skewed values as revenue, tickets and seats are; every third criterion is better low."""
    values = np.random.default_rng(7).gamma(2, 1_000, (ACCOUNTS, len(WEIGHTS))).round(2)
    return values, [at % 3 == 2 for at in range(len(WEIGHTS))]


def ours(values: Floats, down: list[bool]) -> tuple[Any, ...]:
    """Score, rank and tier by the product."""
    scored = Scored(values, [Decimal(weight) for weight in WEIGHTS], down)
    marks = cuts(scored.places.rising, "percentile", PERCENTILES, {})
    assert marks is not None
    return scored.scores, scored.places.ranks, scored.places.percentiles, tiers(scored.steps, marks)


def floor(values: Floats, down: list[bool]) -> tuple[Any, ...]:
    """The same in bare NumPy: equals share a rank here too, but equal is what floats happen to call so."""
    low, high = values.min(axis=0), values.max(axis=0)
    normalised = (values - low) / (high - low)
    normalised[:, down] = 1 - normalised[:, down]
    scores = normalised @ (np.array(WEIGHTS) / sum(WEIGHTS))
    order = np.argsort(scores)
    rising = scores[order]
    firsts = np.flatnonzero(np.diff(rising, prepend=-1))
    sizes = np.diff(firsts, append=len(scores))
    ranks, percentiles = np.empty(len(scores), np.int64), np.empty(len(scores))
    ranks[order] = np.repeat(1 + len(scores) - firsts - sizes, sizes)
    percentiles[order] = np.repeat(firsts * 100 / (len(scores) - 1), sizes)
    marks = np.percentile(scores, [float(PERCENTILES[tier]) for tier in ("t1", "t2", "t3")])
    level = np.select([scores >= mark for mark in marks], [1, 2, 3], 0)
    return scores, ranks, percentiles, level


def others(values: Floats, down: list[bool]) -> dict[str, Callable[[], Floats] | None]:
    """Scores by other packages on the same matrix; None for one that is not installed (`pip install -e .[bench]`).

    They score, scikit-criteria ranks too; percentiles, tiers and telling equals from dust are not among their work.
    """
    weights, found = np.array(WEIGHTS) / sum(WEIGHTS), dict[str, Callable[[], Floats] | None]()
    signs = np.where(down, -1, 1)
    try:
        from pymcdm.methods import WSM  # type: ignore[import-not-found]
        from pymcdm.normalizations import minmax_normalization  # type: ignore[import-not-found]
    except ImportError:
        found["pymcdm, scores only"] = None
    else:
        found["pymcdm, scores only"] = lambda: WSM(minmax_normalization)(values, weights, signs)
    try:
        from skcriteria import mkdm  # type: ignore[import-not-found]
        from skcriteria.agg.simple import WeightedSumModel  # type: ignore[import-not-found]
        from skcriteria.preprocessing.invert_objectives import NegateMinimize  # type: ignore[import-not-found]
        from skcriteria.preprocessing.scalers import MinMaxScaler  # type: ignore[import-not-found]
    except ImportError:
        found["scikit-criteria, scores and ranks"] = None
        return found

    def criteria() -> Floats:
        matrix = NegateMinimize().transform(mkdm(values, list(signs), weights=weights))
        told = WeightedSumModel().evaluate(MinMaxScaler(target="matrix").transform(matrix))
        scores: Floats = told.e_.score
        return scores

    found["scikit-criteria, scores and ranks"] = criteria
    return found


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The least of several times, in seconds."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def main() -> None:
    """Print seconds and ratio."""
    values, down = book()
    mine, bare = ours(values, down), floor(values, down)
    apart = float(np.abs(mine[0] - bare[0]).max())
    one, two = [], []
    for _ in range(REPEATS):  # in turns, so that a busy machine is busy for both
        one.append(best(lambda: ours(values, down), 1))
        two.append(best(lambda: floor(values, down), 1))
    mine_took, bare_took = min(one), min(two)
    print(f"score, rank, tier {ACCOUNTS:,} accounts × {len(WEIGHTS)}: ours {mine_took:.2f} s, bare NumPy {bare_took:.2f} s, "
          f"ratio {mine_took / bare_took:.2f} (aim 1.5); scores differ by {apart:.0e} at most, "
          f"tiers of {int((mine[3] != bare[3]).sum())} accounts")  # fmt: skip
    for name, work in others(values, down).items():
        if work is None:
            print(f"  {name}: NOT MEASURED, not installed here; pip install -e '.[bench]' brings it")
            continue
        begin = time.perf_counter()
        theirs = work()
        took = time.perf_counter() - begin
        print(f"  {name}: {took:.2f} s, {took / mine_took:.0f} times ours; "
              f"scores differ by {float(np.abs(theirs - mine[0]).max()):.0e} at most")  # fmt: skip


if __name__ == "__main__":
    main()
