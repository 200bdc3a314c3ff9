"""The distribution of a sum of deals, each of which is won or not: exact wherever that can be computed.

Values are whole steps of a grid (int64), chances lie strictly between 0 and 1. Each class answers the same questions, its
error far below `DUST`; `totals` picks the cheapest that is exact, or none.

* `Atoms` lists every total there is: few deals, or values that repeat.
* `Grid` holds the chance of every step of the grid: a total range that fits in memory.
* `Waves` sums the characteristic function at the few frequencies where it does not vanish: many deals. That it vanishes
  everywhere else is proved for each case, not assumed.
* `Halves` splits the deals in two lists of totals and meets in the middle: up to some thirty-six deals of any values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.int64]
Chances = NDArray[np.float64]

DUST = 1e-12
"""Cumulative chances closer than this count as equal: above every rounding error here, below any chance that matters."""

ATOMS = 1 << 20
"""Most totals that are listed one by one."""
HALF_ATOMS = 1 << 18
"""Most totals on each side of a split."""
CELLS = 1 << 25
"""Most steps of a grid that is held in memory (256 MB)."""
CELL_WORK = 1 << 33
"""Most deals times steps that a grid takes: some seconds."""
QUICK_CELL_WORK = 1 << 27
"""Deals times steps below which a grid is taken without looking further."""
SPECTRUM = 1 << 25
"""Most frequencies looked at to prove that a characteristic function vanishes."""
WAVE_WORK = 50_000_000
"""Most deals times frequencies that are summed."""
VANISHED = 36.0
"""A characteristic function below e^-36 = 2e-16 has vanished."""
TAIL = 35.5
"""Chances below 2e^-35.5 = 8e-16 are left outside the window."""


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
    span, count = int(values.sum()), len(values)
    if count <= 20 or span <= 1 << 12:
        found = Atoms.of(values, chances, ATOMS)
        if found is not None:
            return found
    if span < CELLS and count * span <= QUICK_CELL_WORK:
        return Grid(values, chances)
    waves = Waves.of(values, chances)
    if waves is not None:
        return waves
    if span < CELLS and count * span <= CELL_WORK:
        return Grid(values, chances)
    return Halves.of(values, chances) or Atoms.of(values, chances, ATOMS)


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
            first = np.flatnonzero(np.diff(joined, prepend=-1))
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
        for done, (value, chance) in enumerate(zip(values[order].tolist(), chances[order].tolist(), strict=True), 1):
            moved = mass[:size] * chance
            mass[:size] *= 1 - chance
            mass[value : value + size] += moved
            size += value
            if not done % 64:
                # Numbers near the smallest that a float can hold slow the arithmetic down a hundredfold.
                mass[:size][mass[:size] < 1e-200] = 0
        self.cumulative = np.cumsum(mass)

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        return 0.0 if total < 0 else float(self.cumulative[min(total, len(self.cumulative) - 1)])

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return min(int(np.searchsorted(self.cumulative, share - DUST)), len(self.cumulative) - 1)


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
        return _first(self.at_most, share, 0, self._span)


class Waves:
    """A window around the mean, wide enough for all but 1e-15 of the chance, and the frequencies that matter in it."""

    def __init__(self, values: Steps, chances: Chances, start: int, length: int, frequencies: Steps) -> None:
        self._start, self._length, self._frequencies = start, length, frequencies
        turned = _characteristic(values, chances, frequencies, length)
        turned *= _turn(_times(frequencies, -start, length), length)
        # 1 − e^-iθ, written so that small angles keep their digits.
        half = np.pi * (frequencies / length)
        self._waves = turned / length / (np.sin(half) * (np.sin(half) + 1j * np.cos(half)))
        self._offset = float(self._waves.real.sum())

    @classmethod
    def of(cls, values: Steps, chances: Chances) -> Waves | None:
        """Find window and frequencies, None where too many of them matter or that cannot be proved."""
        spread = chances * (1 - chances)
        sd = float(np.sqrt((spread * values.astype(float) ** 2).sum()))
        span, largest = int(values.sum()), int(values.max())
        # Bernstein's inequality: beyond `reach` on either side lies less than 2e^-TAIL.
        reach = TAIL * largest / 3 + np.sqrt((TAIL * largest / 3) ** 2 + 2 * TAIL * sd**2)
        mean = float((chances * values).sum())
        start = max(0, int(mean - reach) - 1)
        length = min(span, int(mean + reach) + 2) - start + 1
        length += not length % 2  # of odd length no frequency is its own mirror image
        ranges = _significant(values, spread, sd, length)
        if ranges is None or sum(high - low + 1 for low, high in ranges) * len(values) > WAVE_WORK:
            return None
        frequencies = np.concatenate([np.arange(low, high + 1) for low, high in ranges])
        return cls(values, chances, start, length, frequencies)

    def at_most(self, total: int) -> float:
        """Return the chance of this total or less."""
        place = total - self._start
        if place < 0:
            return 0.0
        if place >= self._length - 1:
            return 1.0
        waves = self._waves * _turn(_times(self._frequencies, -(place + 1), self._length), self._length)
        return float((place + 1) / self._length + self._offset - waves.real.sum())

    def quantile(self, share: float) -> int:
        """Return the smallest total whose cumulative chance reaches a share."""
        return _first(self.at_most, share, self._start, self._start + self._length - 1)


def _significant(values: Steps, spread: Chances, sd: float, length: int) -> list[tuple[int, int]] | None:
    """Return the ranges of frequencies 1 … length // 2 outside which the characteristic function has vanished.

    With D(t) = Σ p(1 − p)(1 − cos tv), |φ(t)| ≤ e^-D, and √D never changes faster than sd / √2. So D on a grid of
    frequencies, which one Fourier transform of the values gives, bounds φ in between.
    """
    mass, largest = float(spread.sum()), int(values.max())
    if mass <= VANISHED:
        return None
    # Fine enough that between two points √D cannot fall from its usual height into significance.
    wanted = np.pi * sd / np.sqrt(2) / (0.5 * (np.sqrt(mass) - np.sqrt(VANISHED)))
    points = 1 << int(np.ceil(np.log2(min(max(wanted, 2 * largest), 32 * largest))))
    if points > SPECTRUM:
        return None
    folded = np.zeros(points, np.float32)  # half the memory; its error, some 1e-6 of the mass, is allowed for
    np.add.at(folded, values % points, spread.astype(np.float32))
    depth = np.sqrt(np.maximum((1 - 1e-4) * mass - np.fft.rfft(folded).real, 0))
    floor = np.maximum(depth - sd / np.sqrt(2) * np.pi / points, 0) ** 2
    near = np.flatnonzero(floor < VANISHED)
    breaks = np.flatnonzero(np.diff(near) > 1)
    firsts, lasts = near[np.concatenate(([0], breaks + 1))], near[np.concatenate((breaks, [len(near) - 1]))]
    ranges: list[tuple[int, int]] = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        low = max(1, (2 * first - 1) * length // (2 * points))
        high = min(length // 2, (2 * last + 1) * length // (2 * points) + 1)
        if ranges and low <= ranges[-1][1]:
            low = ranges[-1][1] + 1
        if low <= high:
            ranges.append((low, high))
    return ranges


def _characteristic(values: Steps, chances: Chances, frequencies: Steps, length: int) -> NDArray[np.complex128]:
    """Return Π (1 − p + p e^iv·2πk/length) for each frequency k."""
    found = np.empty(len(frequencies), np.complex128)
    block = max(1, 1_000_000 // len(values))
    for at in range(0, len(frequencies), block):
        some = frequencies[at : at + block]
        turns = _turn(some[:, None] * values[None, :] % length, length)
        found[at : at + block] = np.prod(1 - chances + chances * turns, axis=1)
    return found


def _turn(places: Steps, length: int) -> NDArray[np.complex128]:
    """Return e^i2π·place/length."""
    turns: NDArray[np.complex128] = np.exp(2j * np.pi * (places / length))
    return turns


def _times(frequencies: Steps, place: int, length: int) -> Steps:
    """Return frequency × place modulo length, in two steps so that nothing overflows."""
    high, low = divmod(place % length, 1 << 20)
    found: Steps = ((frequencies * high % length) * (1 << 20) + frequencies * low) % length
    return found


def _first(at_most: Callable[[int], float], share: float, low: int, high: int) -> int:
    """Return the first total from `low` to `high` whose cumulative chance reaches a share.

    Bisection, sped up: a guess along the straight line between the bounds, then one a little beyond it. Where the curve is
    smooth, that closes in faster with every pair; where it is not, what is left is halved.
    """
    bounds = _Bounds(at_most, share, low - 1, high)
    closeness = 8
    while bounds.width > 1:
        width, guess = bounds.width, bounds.guess()
        beyond = max(1, width // closeness)
        bounds.look(guess + beyond if bounds.look(guess) else guess - beyond)
        if bounds.width * 4 < width:
            closeness = min(closeness**2, 1 << 40)
        else:
            closeness = 8
            bounds.look(bounds.short + bounds.width // 2)
    return bounds.reached


class _Bounds:
    """Two totals with their cumulative chances, `short` of a share and having `reached` it."""

    def __init__(self, at_most: Callable[[int], float], share: float, short: int, reached: int) -> None:
        self._at_most, self._share = at_most, share
        self.short, self.reached = short, reached
        self._low, self._high = 0.0, 1.0

    @property
    def width(self) -> int:
        """How far the two are apart."""
        return self.reached - self.short

    def guess(self) -> int:
        """Return where the straight line between the two meets the share."""
        rise = self._high - self._low
        part = min(max((self._share - self._low) / rise, 0.0), 1.0) if rise > 0 else 0.5
        return min(max(self.short + int(self.width * part), self.short + 1), self.reached - 1)

    def look(self, total: int) -> bool:
        """Draw one bound in to a total between them, and tell whether that was the short one."""
        if not self.short < total < self.reached:
            return False
        chance = self._at_most(total)
        if chance >= self._share - DUST:
            self.reached, self._high = total, chance
            return False
        self.short, self._low = total, chance
        return True
