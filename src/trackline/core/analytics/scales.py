"""Scales over arrays: six decimals, bands, the four-point norm and weighted means, as `core/scales.py` and the rulebook have them.

NaN marks what is not known. Where a float lies so close to the middle between two sixth decimals that its dust could decide,
`unsure` says so, and the exact decimals must be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackline.core.decimals import q6
from trackline.core.scales import UNKNOWN, Anchors, Bands

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[Any]

SIX = 1e6
DUST = 1e-3
"""So near to the middle between two sixth decimals, in sixth decimals, floats do not decide."""
LARGEST = 1e6
"""Up to here floats tell sixth decimals apart by far."""


def on_six(values: Floats) -> Floats:
    """Return values in millionths, half up."""
    return np.sign(values) * np.floor(np.abs(values) * SIX + 0.5)


def unsure(values: Floats) -> Flags:
    """Tell where floats cannot say which sixth decimal it is."""
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        return (np.abs(size * SIX % 1 - 0.5) < DUST) | (size > LARGEST)


def limit(value: Decimal | int) -> float:
    """Return a limit in millionths, as `on_six` has values."""
    return float(q6(value) * 10**6)


def bands_of(values: Floats, bands: Bands) -> Words:
    """Return the band of each value, `unknown` of what is not known."""
    settled = on_six(values)
    found = np.full(len(values), bands.rest, object)
    for cut in reversed(bands.cuts):
        edge = limit(cut.limit)
        with np.errstate(invalid="ignore"):
            admitted = {">": settled > edge, ">=": settled >= edge, "<": settled < edge, "<=": settled <= edge}[
                cut.test
            ]
        found[admitted] = cut.band
    found[np.isnan(values)] = UNKNOWN
    return found


def norm(values: Floats, anchors: Anchors) -> Floats:
    """Return the points, 0–100, of each value."""
    sign = 1 if anchors.v100 > anchors.v0 else -1
    at = [sign * float(one) for one in (anchors.v0, anchors.v60, anchors.v80, anchors.v100)]
    found: Floats = np.interp(sign * values, at, [0.0, 60.0, 80.0, 100.0])
    found[np.isnan(values)] = np.nan
    return found


def weighed(points: Sequence[Floats], weights: Sequence[Decimal], min_coverage: Decimal) -> tuple[Floats, Flags]:
    """Return the weighted mean of the points known of each row, NaN where too little is; and where floats cannot tell."""
    table, by = np.column_stack(points), np.array([float(one) for one in weights])
    known = ~np.isnan(table)
    covered = (known * by).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (np.where(known, table, 0.0) * by).sum(axis=1) / covered
    value[(covered == 0) | (on_six(covered) < limit(min_coverage))] = np.nan
    return value, unsure(value) | unsure(covered)
