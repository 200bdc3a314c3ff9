"""What a list of deals may bring in: mean and deviation in closed form, the distribution exact where it can be computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.chances import Totals, totals
from trackline.core.analytics.waves import Undecided
from trackline.core.decimals import CONTEXT, HUNDRED, ZERO, q6

MOST_STEPS = 2**62
"""Totals of more steps of money than these are not counted exactly."""
SIMULATED_DRAWS = 1 << 28
"""Most deals times runs of a simulation."""


class Forecast:
    """The distribution of the money that deals bring in. Chances are percentages from 0 to 100, independent of each other.

    `runs` is None where the distribution is exact. A quantile is the smallest total whose cumulative chance reaches its
    percentage; the chance of a target, 0 to 1, is that of the target or more.
    """

    def __init__(self, values: Sequence[Decimal], chances: Sequence[Decimal], *, runs: int, seed: int) -> None:
        with localcontext(CONTEXT):
            pairs = list(zip(values, chances, strict=True))
            self.mean = sum((value * chance for value, chance in pairs), ZERO) / HUNDRED
            spread = sum((value * value * chance * (HUNDRED - chance) for value, chance in pairs), ZERO)
            self.sd = spread.sqrt() / HUNDRED
            self._certain = sum((value for value, chance in pairs if chance == HUNDRED), ZERO)
            open_ = [(value, chance) for value, chance in pairs if q6(value) and 0 < chance < HUNDRED]
            self._unit, steps = _steps([value for value, _ in open_])
        self._span, self._steps = sum(steps), steps
        self._shares = np.array([float(chance / HUNDRED) for _, chance in open_])
        self._most_runs, self._seed = runs, seed
        self.runs: int | None = None
        self._totals: Totals | None = None
        if steps and self._span < MOST_STEPS:
            self._totals = totals(np.array(steps, np.int64), self._shares)
        if steps and self._totals is None:
            self._draw()

    def told(self, percents: Sequence[Decimal], target: Decimal | None) -> tuple[list[Decimal], float | None]:
        """Return quantiles and the chance of reaching a target, all of them exact or all simulated."""
        try:
            return self._told(percents, target)
        except Undecided:
            self._draw()
            return self._told(percents, target)

    @property
    def why_simulated(self) -> str:
        """Say why the distribution was not computed."""
        return (
            f"Simulated in {self.runs:,} runs: amounts in steps of {self._unit.normalize():f} make "
            f"{self._span:,} possible totals, too many to compute each."
        )

    @property
    def standard_error(self) -> Decimal | None:
        """The standard error of a simulated mean, None where nothing is simulated."""
        return None if self.runs is None else self.sd / Decimal(self.runs).sqrt(CONTEXT)

    def _draw(self) -> None:
        self.runs = max(100, min(self._most_runs, SIMULATED_DRAWS // len(self._steps)))
        self._totals = Drawn(self._steps, self._shares, self.runs, self._seed)

    def _told(self, percents: Sequence[Decimal], target: Decimal | None) -> tuple[list[Decimal], float | None]:
        quantiles = [self._quantile(percent) for percent in percents]
        return quantiles, None if target is None else self._at_least(target)

    def _quantile(self, percent: Decimal) -> Decimal:
        if self._totals is None or percent <= 0:
            return self._certain
        if percent >= HUNDRED:
            return self._certain + self._span * self._unit
        return self._certain + self._totals.quantile(float(percent / HUNDRED)) * self._unit

    def _at_least(self, target: Decimal) -> float:
        needed = target - self._certain
        if needed <= 0:
            return 1.0
        if self._totals is None:
            return 0.0
        steps = int((needed / self._unit).to_integral_value(ROUND_CEILING))
        return 0.0 if steps > self._span else min(max(1.0 - self._totals.at_most(steps - 1), 0.0), 1.0)


class Drawn:
    """Totals of many runs in which each deal is drawn won or lost."""

    def __init__(self, steps: Sequence[int], shares: NDArray[np.float64], runs: int, seed: int) -> None:
        random, values = np.random.default_rng(seed), np.array(steps, float)
        block = max(1, 4_000_000 // len(values))
        drawn = [
            (random.random((min(block, runs - at), len(values))) < shares).astype(float) @ values
            for at in range(0, runs, block)
        ]
        self._sorted = np.sort(np.concatenate(drawn))

    def at_most(self, total: int) -> float:
        """Return the share of runs with this total or less."""
        return int(np.searchsorted(self._sorted, total, side="right")) / len(self._sorted)

    def quantile(self, share: float) -> int:
        """Return the smallest total that a share of the runs does not pass."""
        at = math.ceil(share * len(self._sorted) - 1e-9) - 1
        return round(float(self._sorted[min(max(at, 0), len(self._sorted) - 1)]))


def _steps(values: Sequence[Decimal]) -> tuple[Decimal, list[int]]:
    """Return the greatest unit that all values are whole multiples of, and the multiples. Beyond six decimals is dust."""
    whole = [int(q6(value).scaleb(6)) for value in values]
    unit = math.gcd(*whole) or 1
    return Decimal(unit).scaleb(-6), [value // unit for value in whole]
