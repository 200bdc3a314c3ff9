"""Forecast of 10,000 deals: exact, beside a naive simulation of 10,000 runs in NumPy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from trackline.core.analytics.forecast import Forecast

DEALS, RUNS = 10_000, 10_000
QUANTILES = (5, 10, 25, 50, 75, 90, 95)


def deals(step: int, most: int) -> tuple[list[Decimal], list[Decimal]]:
    """Values in whole steps of money, chances in whole percent."""
    random = np.random.default_rng(11)
    values = random.integers(1, most // step + 1, DEALS) * step
    return [Decimal(int(value)) for value in values], [
        Decimal(int(chance)) for chance in random.integers(1, 100, DEALS)
    ]


def exact(values: Sequence[Decimal], chances: Sequence[Decimal], target: Decimal) -> tuple[list[float], float]:
    """Quantiles and the chance of a target, by the product."""
    found = Forecast(values, chances, runs=RUNS, seed=1)
    quantiles, chance = found.told([Decimal(q) for q in QUANTILES], target)
    assert found.runs is None and chance is not None, "this forecast is meant to be exact"
    return [float(total) for total in quantiles], chance


def simulated(values: Sequence[Decimal], chances: Sequence[Decimal], target: Decimal) -> tuple[list[float], float]:
    """The same by drawing every deal in every run."""
    random = np.random.default_rng(1)
    money, shares = np.array([float(value) for value in values]), np.array([float(chance) / 100 for chance in chances])
    totals = np.concatenate([(random.random((500, DEALS)) < shares) @ money for _ in range(RUNS // 500)])
    told = np.quantile(totals, [q / 100 for q in QUANTILES], method="inverted_cdf")
    return [float(total) for total in told], float((totals >= float(target)).mean())


def main() -> None:
    """Print seconds and ratio, and how far the simulation is off."""
    for name, step, most in (
        ("in thousands", 1_000, 900_000),
        ("in hundreds", 100, 900_000),
        ("to the unit", 1, 900_000),
    ):
        values, chances = deals(step, most)
        target = Decimal(int(sum(value * chance for value, chance in zip(values, chances, strict=True)) / 100))
        begin = time.perf_counter()
        told, chance = exact(values, chances, target)
        ours = time.perf_counter() - begin
        begin = time.perf_counter()
        drawn, drawn_chance = simulated(values, chances, target)
        naive = time.perf_counter() - begin
        off = max(abs(one - two) for one, two in zip(told, drawn, strict=True))
        print(f"forecast of {DEALS:,} deals {name}: exact {ours:.2f} s, {RUNS:,} runs {naive:.2f} s, "
              f"ratio {ours / naive:.3f} (aim below 1); quantiles simulated are off by up to {off:,.0f}, "
              f"the chance of the target by {abs(chance - drawn_chance):.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
