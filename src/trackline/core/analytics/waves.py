"""The distribution of a sum of many deals from its characteristic function, at the few frequencies where that does not vanish.

That it vanishes everywhere else is proved for each case, not assumed: `error` bounds what is left out of any cumulative chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.search import first

Steps = NDArray[np.int64]
Chances = NDArray[np.float64]
Floats = NDArray[np.float32]

SPECTRUM = 1 << 25
"""Most frequencies looked at to prove that a characteristic function vanishes (128 MB, twice)."""
WORK = 50_000_000
"""Most deals times frequencies that are summed."""
TAIL = 35.5
"""Chances below 2e^-35.5 = 8e-16 are left outside the window."""
DEPTHS = (36.0, 32.0, 28.0, 26.0)
"""Where the characteristic function counts as vanished, in powers of e: the first whose frequencies are not too many."""
SURE = 1e-13
"""An error below which cumulative chances are as good as exact floats."""
KNOWN = 1e-10
"""An error up to which a quantile is still told for certain, unless a cumulative chance comes that close to its share."""
STEEP = np.sqrt(4 / 3)
"""How fast the root of the depth may change, in deviations of the sum."""


class Undecided(ArithmeticError):
    """A cumulative chance lies closer to a share than its error: which total reaches the share cannot be told."""


class Waves:
    """A window around the mean, wide enough for all but 1e-15 of the chance, and the frequencies that matter in it."""

    def __init__(
        self, values: Steps, chances: Chances, start: int, length: int, frequencies: Steps, error: float
    ) -> None:
        self._start, self._length, self._frequencies = start, length, frequencies
        self.error = error
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
        floor = _floor(values, spread, sd)
        if floor is None:
            return None
        found = _significant(floor, length, WORK // len(values))
        return None if found is None else cls(values, chances, start, length, *found)

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
        """Return the smallest total whose cumulative chance reaches a share. Raises `Undecided` where the error hides it."""
        total = first(self.at_most, share, self._start, self._start + self._length - 1)
        if self.error > SURE and not (
            self.at_most(total - 1) < share - self.error and share + self.error <= self.at_most(total)
        ):
            raise Undecided
        return total


def _floor(values: Steps, spread: Chances, sd: float) -> Floats | None:
    """Return how deep the characteristic function φ lies at the least around each frequency from 0 to half a turn.

    With y = p(1 − p)(1 − cos tv) for each deal and E(t) = Σ (y + y²), |φ(t)| ≤ e^-E, and √E never changes faster than
    `STEEP` deviations of the sum. So E on a grid, which one Fourier transform gives, bounds φ in between. None where
    even the usual depth does not suffice, or the grid would be too fine.
    """
    mass, square = float(spread.sum()), float((spread**2).sum())
    usual, steep = np.sqrt(mass + 1.5 * square), float(STEEP * sd * np.pi)
    shallow = np.sqrt(DEPTHS[-1])
    if usual - steep / SPECTRUM < shallow:
        return None
    points = 1 << int(np.ceil(np.log2(max(2.0, 2 * steep / max(usual - np.sqrt(DEPTHS[0]), usual / 8)))))
    points = min(points, SPECTRUM)
    # Σ (y + y²) is a sum of cosines of tv and 2tv. Half the memory, and an error of some 1e-6 that is allowed for.
    folded = np.zeros(points, np.float32)
    np.add.at(folded, values % points, (spread + 2 * spread**2).astype(np.float32))
    np.add.at(folded, 2 * values % points, (-0.5 * spread**2).astype(np.float32))
    depth = (1 - 1e-4) * (mass + 1.5 * square) - np.fft.rfft(folded).real
    root = np.sqrt(np.maximum(depth, 0, out=depth), out=depth)
    root -= np.float32(steep / points)
    found: Floats = np.square(np.maximum(root, 0, out=root), out=root)
    return found


def _significant(floor: Floats, length: int, most: int) -> tuple[Steps, float] | None:
    """Return the frequencies from 1 to length // 2 that matter, and a bound of what the others add to a cumulative chance.

    Frequency k adds at most |φ| / k. None where more than `most` matter.
    """
    points = 2 * (len(floor) - 1)
    added = np.exp(-floor)
    # Σ 1/k over the frequencies around point j is at most ln((j + ½) / (j − ½)) and the first of them.
    added[1:] *= np.float32(1.1 + 2 * points / length) / np.arange(1, len(floor), dtype=np.float32)
    for depth in DEPTHS:
        near = floor < depth
        near[0] = True
        if int(near.sum()) * max(length / points, 1) > 2 * most:
            continue
        error = float(added[~near].sum(dtype=np.float64))
        ranges = _ranges(np.flatnonzero(near), points, length)
        if sum(high - low + 1 for low, high in ranges) > most:
            continue
        if error > KNOWN:
            return None
        return np.concatenate([np.arange(low, high + 1) for low, high in ranges]), error
    return None


def _ranges(near: Steps, points: int, length: int) -> list[tuple[int, int]]:
    """Return the ranges of frequencies around points of the grid."""
    breaks = np.flatnonzero(np.diff(near) > 1)
    firsts, lasts = near[np.concatenate(([0], breaks + 1))], near[np.concatenate((breaks, [len(near) - 1]))]
    found: list[tuple[int, int]] = []
    for one, other in zip(firsts.tolist(), lasts.tolist(), strict=True):
        low = max(1, (2 * one - 1) * length // (2 * points))
        high = min(length // 2, (2 * other + 1) * length // (2 * points) + 1)
        if found and low <= found[-1][1]:
            low = found[-1][1] + 1
        if low <= high:
            found.append((low, high))
    return found


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
