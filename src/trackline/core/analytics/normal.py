"""The normal distribution over arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackline.core.scoring import normal_cdf

Floats = NDArray[np.float64]

_STEP = 1 / 32
_EDGE = 9.0
"""Beyond nine deviations the share below is 0 or 1 to a float that is compared with others."""

_NODES = np.arange(-_EDGE, _EDGE + _STEP / 2, _STEP)


def _coefficients() -> Floats:
    """Return the Taylor series at each node, to the seventh power: its remainder is below 1e-17."""
    density = np.exp(-(_NODES**2) / 2) / np.sqrt(2 * np.pi)
    below = np.array([normal_cdf(float(node)) for node in _NODES])
    # Derivatives of the density are ±He(z) times it; Hermite polynomials by their recurrence.
    hermite = [np.ones_like(_NODES), _NODES]
    for power in range(1, 6):
        hermite.append(_NODES * hermite[power] - power * hermite[power - 1])
    series, factorial = [below], 1.0
    for power, polynomial in enumerate(hermite, 1):
        factorial *= power
        series.append((-1) ** (power - 1) * polynomial * density / factorial)
    return np.array(series)


_SERIES = _coefficients()


def cdf(z: Floats) -> Floats:
    """Return the share of a normal distribution below each `z`, within 3e-16."""
    near = np.clip(z, -_EDGE, _EDGE)
    node = np.rint((near + _EDGE) * (1 / _STEP)).astype(np.intp)
    off = near - _NODES[node]
    total: Floats = _SERIES[-1][node]
    for coefficients in _SERIES[-2::-1]:
        total *= off
        total += coefficients[node]
    return total
