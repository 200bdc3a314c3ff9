"""The distribution of a sum of deals, each of which is won or not: exact wherever that can be computed.

Values are whole steps of a grid (int64), chances lie strictly between 0 and 1. Each class answers the same questions, its
error far below `DUST`; `totals` picks the cheapest that is exact, or none.

* `Few` lists every total of a handful of deals without NumPy, whose calls cost more than such short lists.
* `Atoms` lists every total there is: few deals, or values that repeat.
* `Grid` holds the chance of every step of the grid: a total range that fits in memory.
* `Peaks` lists the totals of the few greatest deals and holds the rest on a grid: one that would not fit with them.
* `Waves` (in `waves.py`) sums the characteristic function at the few frequencies where it does not vanish: many deals.
* `Halves` splits the deals in two lists of totals and meets in the middle: up to some thirty-six deals of any values.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

import numpy as np

from trackline.core.analytics.search import DUST, first
from trackline.core.analytics.waves import Chances, Steps, Waves

HANDFUL = 5
"""Most deals whose totals are listed one by one without NumPy."""
ATOMS = 1 << 20
"""Most totals that are listed one by one."""
HALF_ATOMS = 1 << 18
"""Most totals on each side of a split."""
FEW = 32
"""Deals up to which meeting in the middle is quicker than a grid that is not small."""
PEAKS = 18
"""Most deals that are listed beside a grid."""
LOOKS = 1 << 11
"""What one look at every listed total costs over all questions, in steps of a grid."""
CELLS = 1 << 27
"""Most steps of a grid that is held in memory (1 GB, no more than `Waves` may take)."""
CELL_WORK = 1 << 33
"""Most deals times steps that a grid takes: some seconds."""
MIDDLING = 200
"""Deals up to which waves are slow to vanish, if they do: a grid of `SWIFT_CELL_WORK` at most is quicker."""
SWIFT_CELL_WORK = 1 << 30
BLOCK = 1 << 15
"""Steps of a grid at a time: what is worked on stays in the cache, and sums stay short."""
QUICK_CELL_WORK = 1 << 27
"""Deals times steps below which a grid is taken without looking further."""


class Totals(Protocol):
    """What can be asked of a distribution of totals."""

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        ...

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share between 0 and 1."""
        ...


def totals(values: Steps, chances: Chances) -> Totals | None:
    """Return the exact distribution of the sum, None where none of the ways fits time and memory."""
    count = len(values)
    if count <= HANDFUL:
        return Few(values.tolist(), chances.tolist())
    span = int(values.sum())
    if count <= 20 or span <= 1 << 12:
        found = Atoms.of(values, chances, ATOMS)
        if found is not None:
            return found
    if span < CELLS and count * span <= QUICK_CELL_WORK:
        return Grid(values, chances)
    if count <= FEW:
        halves = Halves.of(values, chances)
        if halves is not None:
            return halves
    return (
        (Peaks.of(values, chances, SWIFT_CELL_WORK) if count <= MIDDLING else None)
        or Waves.of(values, chances)
        or Peaks.of(values, chances, CELL_WORK)
        or Halves.of(values, chances)
        or Atoms.of(values, chances, ATOMS)
    )


class Few:
    """Every total of a handful of deals with its cumulative chance, rising: what `Atoms` finds, to the last digit."""

    def __init__(self, values: Sequence[int], chances: Sequence[float]) -> None:
        masses = {0: 1.0}
        for value, chance in zip(values, chances, strict=True):
            joined = {place: mass * (1 - chance) for place, mass in masses.items()}
            for place, mass in masses.items():
                joined[place + value] = joined.get(place + value, 0.0) + mass * chance
            masses = joined
        self.places = sorted(masses)
        self.cumulative = list(accumulate(masses[place] for place in self.places))

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        at = bisect_right(self.places, total)
        return self.cumulative[at - 1] if at else 0.0

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return self.places[min(bisect_left(self.cumulative, share - DUST), len(self.places) - 1)]


class Atoms:
    """Every total with its chance, rising."""

    def __init__(self, places: Steps, masses: Chances) -> None:
        self.places, self.masses = places, masses
        self.cumulative = np.cumsum(masses)

    @classmethod
    def of(cls, values: Steps, chances: Chances, most: int) -> Atoms | None:
        """List the totals, None where there are more than `most`."""
        places, masses = np.zeros(1, np.int64), np.ones(1)
        for value, chance in zip(values.tolist(), chances.tolist(), strict=True):
            joined = np.concatenate((places, places + value))
            weighed = np.concatenate((masses * (1 - chance), masses * chance))
            order = np.argsort(joined, kind="stable")  # two sorted runs: merged, not sorted
            joined, weighed = joined[order], weighed[order]
            first = np.flatnonzero(np.concatenate(([True], joined[1:] != joined[:-1])))
            places, masses = joined[first], np.add.reduceat(weighed, first)
            if len(places) > most:
                return None
        return cls(places, masses)

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        at = int(np.searchsorted(self.places, total, side="right"))
        return float(self.cumulative[at - 1]) if at else 0.0

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        at = int(np.searchsorted(self.cumulative, share - DUST))
        return int(self.places[min(at, len(self.places) - 1)])


class Grid:
    """The chance of every step from 0 to the greatest total."""

    def __init__(self, values: Steps, chances: Chances) -> None:
        mass = np.zeros(int(values.sum()) + 1)
        mass[0], size = 1.0, 1
        order = np.argsort(values, kind="stable")
        for value, chance in zip(values[order].tolist(), chances[order].tolist(), strict=True):
            size += value
            _add(mass[:size], value, chance)
        self.cumulative = _running(mass)

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        return 0.0 if total < 0 else float(self.cumulative[min(total, len(self.cumulative) - 1)])

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return min(int(np.searchsorted(self.cumulative, share - DUST)), len(self.cumulative) - 1)


def _add(mass: Chances, value: int, chance: float) -> None:
    """Add one deal to a grid, in place and from above, so that what is still needed lies below."""
    for low in range((len(mass) - 1) // BLOCK * BLOCK, -1, -BLOCK):
        high = min(low + BLOCK, len(mass))
        block = mass[low:high] * (1 - chance)
        start = max(low, value)
        if start < high:
            block[start - low :] += mass[start - value : high - value] * chance
        # Numbers near the smallest that a float can hold slow the arithmetic down a hundredfold.
        block[block < 1e-200] = 0
        mass[low:high] = block


def _running(mass: Chances) -> Chances:
    """Turn chances into cumulative ones, in place. Block by block, so that the roundings of millions do not add up."""
    before = 0.0
    for low in range(0, len(mass), BLOCK):
        block = mass[low : low + BLOCK]
        total = float(block.sum())
        np.cumsum(block, out=block)
        block += before
        before += total
    return mass


class Peaks:
    """The totals of the few greatest deals, each over the grid of the rest."""

    def __init__(self, peaks: Atoms, grid: Grid) -> None:
        # Look-ups in rising order stay in the cache.
        self._places, self._masses = peaks.places[::-1].copy(), peaks.masses[::-1].copy()
        self._cumulative = grid.cumulative
        self._span = int(peaks.places[-1]) + len(grid.cumulative) - 1

    @classmethod
    def of(cls, values: Steps, chances: Chances, most: int) -> Peaks | None:
        """List as many deals as make the least work, None where that is more than `most`, or the grid does not fit."""
        order = np.argsort(values, kind="stable")
        spans = values[order].cumsum().tolist()
        work = {
            rest: rest * spans[rest - 1] + (LOOKS << len(values) - rest)
            for rest in range(max(1, len(values) - PEAKS), len(values) + 1)
            if spans[rest - 1] < CELLS
        }
        rest = min(work, key=work.__getitem__, default=0)
        if not rest or work[rest] > most:
            return None
        peaks = Atoms.of(values[order[rest:]], chances[order[rest:]], ATOMS)
        assert peaks is not None
        return cls(peaks, Grid(values[order[:rest]], chances[order[:rest]]))

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        left = total - self._places
        reached = left >= 0
        found = self._cumulative[np.minimum(left[reached], len(self._cumulative) - 1)]
        return float(self._masses[reached] @ found)

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return first(self.at_most, share, 0, self._span)


class Halves:
    """Two lists of totals whose pairs are all totals; a cumulative chance sums over one and looks up in the other."""

    def __init__(self, one: Atoms, other: Atoms) -> None:
        # Look-ups in rising order stay in the cache.
        self._places, self._masses = one.places[::-1].copy(), one.masses[::-1].copy()
        self._other, self._sums = other.places, np.concatenate((np.zeros(1), other.cumulative))
        self._span = int(one.places[-1] + other.places[-1])

    @classmethod
    def of(cls, values: Steps, chances: Chances) -> Halves | None:
        """Split the deals, None where either side has too many totals."""
        order = np.argsort(values, kind="stable")
        sides = [Atoms.of(values[order[side::2]], chances[order[side::2]], HALF_ATOMS) for side in (0, 1)]
        if sides[0] is None or sides[1] is None:
            return None
        return cls(sides[0], sides[1])

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        found = np.searchsorted(self._other, total - self._places, side="right")
        return float(self._masses @ self._sums[found])

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return first(self.at_most, share, 0, self._span)
