"""Finds where a cumulative chance reaches a share, with as few looks at it as it takes."""

from __future__ import annotations

from collections.abc import Callable

DUST = 1e-12
"""Cumulative chances closer than this count as equal: above every rounding error here, below any chance that matters."""


def first(at_most: Callable[[int], float], share: float, low: int, high: int) -> int:
    """Return the first total from `low` to `high` whose cumulative chance reaches a share.

    Bisection, sped up: a guess along the straight line between the bounds, then one a little beyond it. Where the curve is
    smooth, that closes in faster with every pair; where it is not, what is left is halved.
    """
    bounds = Bounds(at_most, share, low - 1, high)
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


class Bounds:
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
