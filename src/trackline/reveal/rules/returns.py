"""Arithmetic of yearly cash flows: present value, internal rate of return, payback. Year 0 is not discounted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise

from trackline.core.decimals import HUNDRED, ONE, ZERO, q6

LOWEST, HIGHEST = -0.99, 10.0
"""Rates between which a return is searched (VAL-06)."""

_STEPS = 4000
_TOLERANCE = 1e-13


def discounted(nets: Sequence[Decimal], rate_pct: Decimal) -> list[Decimal]:
    """Return the present value of each year at a yearly rate above −100 %."""
    growth = ONE + rate_pct / HUNDRED
    out, factor = [], ONE
    for net in nets:
        out.append(net / factor)
        factor *= growth
    return out


def payback(nets: Sequence[Decimal]) -> Decimal | None:
    """Return the years until what was laid out is back, linear within the year.

    0 if the running sum is never negative, None if it stays so.
    """
    sums = list(accumulate(nets, initial=ZERO))[1:]
    if all(q6(total) >= 0 for total in sums):
        return ZERO
    for year, (before, after) in enumerate(pairwise(sums)):
        if q6(before) < 0 <= q6(after):
            return year - before / (after - before)
    return None


def sign_changes(nets: Sequence[Decimal]) -> int:
    """Return how often the sign changes from one year to the next that is not 0."""
    signs = [net > 0 for net in nets if net != 0]
    return sum(before != after for before, after in pairwise(signs))


def internal_rate(nets: Sequence[Decimal]) -> Decimal | None:
    """Return the rate, in %, at which the present value is 0; None where there is none from −99 to 1,000 %.

    Binary floats suffice: the rate decides nothing, and the search stops far below what anybody shows.
    """
    if not sign_changes(nets):
        return None
    flows = [float(net) for net in nets]
    low, high = LOWEST, HIGHEST
    if (_present(flows, low) > 0) == (_present(flows, high) > 0):
        # An even number of roots, or none: look for the first that shows.
        bracket = _bracket(flows)
        if bracket is None:
            return None
        low, high = bracket
    rising = _present(flows, low) < 0
    while high - low > _TOLERANCE * max(1.0, abs(low)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (_present(flows, middle) < 0) == rising:
            low = middle
        else:
            high = middle
    return Decimal(repr((low + high) / 2 * 100))


def _present(flows: Sequence[float], rate: float) -> float:
    factor, total = 1 / (1 + rate), 0.0
    for flow in reversed(flows):
        total = total * factor + flow
    return total


def _bracket(flows: Sequence[float]) -> tuple[float, float] | None:
    """Return two rates between which the present value changes sign, those nearest to 0 % first."""
    grid = [LOWEST + (HIGHEST - LOWEST) * (step / _STEPS) ** 3 for step in range(_STEPS + 1)]
    found = [(low, high) for low, high in pairwise(grid) if (_present(flows, low) > 0) != (_present(flows, high) > 0)]
    return min(found, key=lambda pair: abs(pair[0]), default=None)
