"""Distributions of totals: every way of computing them against counting all outcomes, and against each other."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackline.core.analytics.chances import ATOMS, CELL_WORK, HANDFUL, Atoms, Few, Grid, Halves, Peaks, Totals, totals
from trackline.core.analytics.search import DUST
from trackline.core.analytics.waves import Chances, Steps, Undecided, Waves

QUANTILES = (0.001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999)


def counted(values: list[int], percents: list[int]) -> dict[int, Fraction]:
    """Every total with its exact chance, by listing all outcomes."""
    found = {0: Fraction(1)}
    for value, percent in zip(values, percents, strict=True):
        after: dict[int, Fraction] = {}
        for total, chance in found.items():
            after[total] = after.get(total, Fraction(0)) + chance * (100 - percent) / 100
            after[total + value] = after.get(total + value, Fraction(0)) + chance * percent / 100
        found = after
    return dict(sorted(found.items()))


def exact_quantile(outcomes: dict[int, Fraction], share: Fraction) -> int:
    """The smallest total whose cumulative chance reaches the share."""
    running = Fraction(0)
    for total, chance in outcomes.items():
        running += chance
        if running >= share:
            return total
    raise AssertionError(share)


def arrays(values: list[int], percents: list[int]) -> tuple[Steps, Chances]:
    return np.array(values, np.int64), np.array(percents) / 100


deals = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 99)), min_size=1, max_size=9)


@given(deals, st.integers(1, 99))
@settings(deadline=None, max_examples=60)
def test_each_way_equals_counting(listed: list[tuple[int, int]], percent: int) -> None:
    values, percents = map(list, zip(*listed, strict=True))
    outcomes = counted(values, percents)
    atoms = Atoms.of(*arrays(values, percents), most=1000)
    assert atoms is not None
    assert atoms.places.tolist() == list(outcomes)
    ways: list[Totals] = [atoms, Few(values, [one / 100 for one in percents]), Grid(*arrays(values, percents))]
    if len(values) > 1:
        halves = Halves.of(*arrays(values, percents))
        assert halves is not None
        ways.append(halves)
    peaks = Peaks.of(*arrays(values, percents), CELL_WORK)
    assert peaks is not None
    ways.append(peaks)
    running = Fraction(0)
    for total, chance in outcomes.items():
        running += chance
        for way in ways:
            assert way.at_most(total) == pytest.approx(float(running), abs=1e-14)
            assert way.at_most(total - 1) == pytest.approx(float(running - chance), abs=1e-14)
    for way in ways:
        # Percentages fall exactly on cumulative chances now and then: dust must not push them to the next total.
        assert way.quantile(percent / 100) == exact_quantile(outcomes, Fraction(percent, 100))


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 99)), min_size=1, max_size=HANDFUL))
@settings(deadline=None, max_examples=60)
def test_a_handful_of_deals_is_told_to_the_last_digit_as_many_are(listed: list[tuple[int, int]]) -> None:
    values, shares = arrays(*map(list, zip(*listed, strict=True)))
    few, atoms = totals(values, shares), Atoms.of(values, shares, ATOMS)
    assert isinstance(few, Few)
    assert atoms is not None
    assert few.places == atoms.places.tolist()
    assert few.cumulative == atoms.cumulative.tolist()


def cumulative(values: list[int], percents: list[int]) -> tuple[list[int], int]:
    """The cumulative chance of every step as a whole number of parts, and how many parts there are.

    All chances stand in one long number, as many bits for each as the largest needs: adding a deal is a shift and a sum.
    """
    bits = (7 * len(values) + 15) // 8 * 8
    packed = 1
    for value, percent in zip(values, percents, strict=True):
        packed = packed * (100 - percent) + ((packed * percent) << bits * value)
    raw, size = packed.to_bytes((sum(values) + 1) * bits // 8, "little"), bits // 8
    masses = (int.from_bytes(raw[at : at + size], "little") for at in range(0, len(raw), size))
    return list(accumulate(masses)), 100 ** len(values)


def ways_of(values: Steps, shares: Chances) -> list[Totals]:
    """Every way of computing that takes these deals, each made to take them alone."""
    found = [
        Grid(values, shares),
        Peaks.of(values, shares, CELL_WORK),
        Halves.of(values, shares),
        Waves.of(values, shares),
        totals(values, shares),
    ]
    return [way for way in found if way is not None]


@pytest.mark.parametrize(
    ("count", "largest", "percents"),
    [
        (24, 3000, (1, 99)),
        (30, 2000, (50, 50)),
        (60, 400, (1, 99)),
        (61, 400, (50, 50)),
        (150, 120, (20, 80)),
        (300, 40, (50, 50)),
        (300, 40, (3, 97)),
    ],
)
def test_every_way_equals_whole_numbers(count: int, largest: int, percents: tuple[int, int]) -> None:
    """Chances and quantiles against counting in whole numbers, on every share and where a share is met to the last digit."""
    random = np.random.default_rng(count)
    values = random.integers(1, largest + 1, count)
    values[0] += 1 - values.sum() % 2  # an odd range: at even chances half of all lies on either side of its middle
    chances = random.integers(percents[0], percents[1] + 1, count)
    counted_up, parts = cumulative(values.tolist(), chances.tolist())
    assert counted_up[-1] == parts
    ways = ways_of(values, chances / 100)
    assert len(ways) >= 3
    looked_at = [*random.integers(0, len(counted_up), 300).tolist(), 0, len(counted_up) - 1]
    middle = len(counted_up) // 2
    for way in ways:
        for total in [*looked_at, middle - 1, middle]:
            assert way.at_most(total) == pytest.approx(counted_up[total] / parts, abs=3e-13)
        for percent in range(1, 100):
            reached = bisect_left(counted_up, parts * percent // 100)  # 100 parts of a hundred each: no rest
            assert way.quantile(percent / 100) == reached, (type(way), percent)


def test_the_sum_of_millions_of_steps_loses_nothing() -> None:
    """Half of all lies exactly on either side of the middle: roundings of ten million steps must not move it."""
    random = np.random.default_rng(8)
    values = random.integers(1, 600_000, 34)
    values[0] += 1 - values.sum() % 2
    grid = Grid(values, np.full(34, 0.5))
    middle = (int(values.sum()) - 1) // 2
    assert grid.at_most(middle) == pytest.approx(0.5, abs=2e-14)
    assert abs(grid.cumulative[-1] - 1) < 2e-14
    assert grid.quantile(0.5) <= middle < grid.quantile(0.5 + 1e-9)


@pytest.mark.parametrize(
    ("count", "largest", "step"),
    [(250, 50, 1), (300, 1000, 1), (1000, 900, 1), (3000, 90, 1), (1000, 9, 100), (400, 1, 7)],
)
def test_waves_equal_the_grid(count: int, largest: int, step: int) -> None:
    random = np.random.default_rng(count)
    values = random.integers(1, largest + 1, count) * step
    shares = random.uniform(0.02, 0.98, count)
    waves, grid = Waves.of(values, shares), Grid(values, shares)
    assert waves is not None
    for total in random.integers(0, values.sum() + 1, 200).tolist():
        assert waves.at_most(total) == pytest.approx(grid.at_most(total), abs=2e-13)
    for share in QUANTILES:
        assert waves.quantile(share) == grid.quantile(share)


def test_waves_of_nearly_even_values() -> None:
    """Round amounts with a few odd ones among them: the characteristic function comes back at many frequencies."""
    random = np.random.default_rng(5)
    values = random.integers(1, 90, 600) * 100
    values[:3] = [7, 1301, 55]
    shares = random.uniform(0.2, 0.8, 600)
    waves, grid = Waves.of(values, shares), Grid(values, shares)
    assert waves is not None
    assert [waves.quantile(share) for share in QUANTILES] == [grid.quantile(share) for share in QUANTILES]


def test_what_is_left_out_stays_below_the_error_told() -> None:
    random = np.random.default_rng(12)
    values, shares = random.integers(1, 20_000, 160), random.uniform(0.02, 0.98, 160)
    waves, grid = Waves.of(values, shares), Grid(values, shares)
    assert waves is not None
    assert waves.error > 1e-13
    for total in random.integers(0, values.sum(), 100).tolist():
        assert waves.at_most(total) == pytest.approx(grid.at_most(total), abs=waves.error + 1e-13)
    assert [waves.quantile(share) for share in QUANTILES] == [grid.quantile(share) for share in QUANTILES]


def test_a_share_within_the_error_is_not_decided() -> None:
    random = np.random.default_rng(12)
    waves = Waves.of(random.integers(1, 1000, 300), random.uniform(0.02, 0.98, 300))
    assert waves is not None
    waves.error = 1e-3
    with pytest.raises(Undecided):
        waves.quantile(0.5)


def test_waves_are_not_used_where_nothing_proves_that_they_vanish() -> None:
    values = np.arange(1, 61, dtype=np.int64) * 1000 + 1
    assert Waves.of(values, np.full(60, 0.3)) is None
    assert Waves.of(values, np.full(60, 0.001)) is None


@pytest.mark.parametrize(
    ("count", "largest", "way"),
    [
        (8, 10**8, Atoms),
        (100, 900, Grid),
        (28, 10**8, Halves),
        (40, 400_000, Peaks),
        (10_000, 900, Waves),
        (10_000, 900_000, Waves),
    ],
)
def test_the_cheapest_way_is_taken(count: int, largest: int, way: type) -> None:
    random = np.random.default_rng(2)
    assert type(totals(random.integers(1, largest, count), random.uniform(0.05, 0.95, count))) is way


def test_what_fits_no_way_is_told() -> None:
    random = np.random.default_rng(2)
    assert totals(random.integers(1, 10**9, 100), random.uniform(0.05, 0.95, 100)) is None


def test_a_few_great_deals_make_no_grid_too_large() -> None:
    """Whole amounts of any size, most of them in a few deals: the rest alone fits a grid."""
    random = np.random.default_rng(6)
    values = np.concatenate((random.integers(1, 50_000, 60), 10**7 << np.arange(8)))
    shares = random.uniform(0.05, 0.95, 68)
    found = totals(values, shares)
    assert type(found) is Peaks
    small, great = Grid(values[:60], shares[:60]), Atoms.of(values[60:], shares[60:], 1 << 8)
    assert great is not None
    upto = great.cumulative.tolist()
    for place, below, reached in zip(great.places.tolist(), [0.0, *upto[:-1]], upto, strict=True):
        half = small.quantile(0.5)
        chance = below + (reached - below) * small.at_most(half)
        assert found.at_most(place + half) == pytest.approx(chance, abs=1e-13)
        if reached - below > 1e-3:  # else a step of the grid is dust
            assert found.quantile(below + (reached - below) * 0.4) == place + small.quantile(0.4)


def test_many_large_deals_match_the_normal_curve() -> None:
    random = np.random.default_rng(9)
    values, shares = random.integers(1_000, 900_000, 5_000), random.uniform(0.1, 0.9, 5_000)
    found = totals(values, shares)
    assert found is not None
    mean = float(values @ shares)
    sd = float(np.sqrt((values.astype(float) ** 2 * shares * (1 - shares)).sum()))
    assert found.quantile(0.5) == pytest.approx(mean, abs=sd / 100)
    assert found.quantile(0.975) == pytest.approx(mean + 1.96 * sd, abs=sd / 20)
    median = found.quantile(0.5)
    assert found.at_most(median) >= 0.5 - DUST
    assert found.at_most(median - 1) < 0.5
