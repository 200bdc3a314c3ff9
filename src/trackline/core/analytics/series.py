"""Signals over many series at once: what `core/series.py` says one by one, over arrays of a row for each series.

NaN marks a gap. Where a float lies so close to a limit that its dust could decide, the exact decimals do.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from trackline.core import series as exact
from trackline.core.decimals import CONTEXT, q6

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEAR = 2e-6
"""Limits are compared on six decimals: nearer than this, floats do not decide."""


@dataclass(frozen=True)
class Charts:
    """Mean, sample deviation and limits of each series, NaN where its baseline is too short; and the points that fire."""

    mean: Floats
    sd: Floats
    lower: Floats
    upper: Floats
    beyond: Flags
    trends: Flags

    @property
    def firing(self) -> NDArray[np.int64]:
        """How many points of each series fire, −1 where its baseline is too short."""
        return np.where(np.isnan(self.mean), -1, (self.beyond | self.trends).sum(axis=1))


def control_charts(
    values: Floats, baseline: int | None = None, k: Decimal = Decimal(3), run: int = 8, min_baseline: int = 8
) -> Charts:
    """Return the charts of all series; `baseline` counts leading points, all but the last if not given."""
    count = max(values.shape[1] - 1, 0) if baseline is None else baseline
    known = ~np.isnan(values[:, :count])
    points = known.sum(axis=1)
    enough = (points >= max(min_baseline, 2)) & (count <= values.shape[1])
    base = np.where(known, values[:, :count], 0.0)
    width = np.where(enough, points, np.nan)
    mean = base.sum(axis=1) / width
    off = np.where(known, base - mean[:, None], 0.0)
    # The second pass takes out what rounding left in the mean.
    mean = mean + off.sum(axis=1) / width
    off = np.where(known, base - mean[:, None], 0.0)
    sd = np.sqrt((off**2).sum(axis=1) / (width - 1))
    level = np.where(known, values[:, :count], np.inf).min(axis=1, initial=np.inf)
    flat = enough & (level == np.where(known, values[:, :count], -np.inf).max(axis=1, initial=-np.inf))
    mean[flat], sd[flat] = level[flat], 0.0
    lower, upper = mean - float(k) * sd, mean + float(k) * sd
    outside = np.maximum(lower[:, None] - values, values - upper[:, None])
    beyond = np.nan_to_num(outside, nan=-1.0) > 0
    size = np.maximum(np.abs(lower), np.abs(upper))[:, None]
    doubtful = (np.abs(outside) <= NEAR + 1e-13 * size) & ~(flat[:, None] & (outside == 0))
    for row in np.flatnonzero(doubtful.any(axis=1)).tolist():
        beyond[row] = _beyond(values[row], count, k)
    return Charts(mean, sd, lower, upper, beyond, trend_ends(values, run))


def charts_ending(values: Floats, k: Decimal, run: int, min_baseline: int) -> Flags:
    """Tell for each series whether its newest point fires, against the points before it."""
    last = values[:, -1:]
    found = control_charts(values, None, k, run, min_baseline)
    return (found.beyond[:, -1] | found.trends[:, -1]) & ~np.isnan(last[:, 0])


def trend_ends(values: Floats, run: int) -> Flags:
    """Tell each place that ends `run` points in a row, all above or all below the one before."""
    found = np.zeros(values.shape, np.bool_)
    rising, falling = np.ones(len(values), np.int64), np.ones(len(values), np.int64)
    for at in range(1, values.shape[1]):
        before, point = values[:, at - 1], values[:, at]
        rising = np.where(point > before, rising + 1, 1)
        falling = np.where(point < before, falling + 1, 1)
        found[:, at] = (rising >= run) | (falling >= run)
    return found


def falling_twice(values: Floats, fall_pct: Decimal = Decimal(-2)) -> NDArray[np.int8]:
    """Tell for each series (1, 0) whether both of the last two changes are falls of this size; −1 where one is not known."""
    if values.shape[1] < 3:
        return np.full(len(values), -1, np.int8)
    last = values[:, -3:]
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = np.diff(last, axis=1) * 100 / last[:, :2]
    changes[last[:, :2] == 0] = 0.0  # from nothing nothing falls
    limit = float(fall_pct)
    found = np.where(np.isnan(last).any(axis=1), -1, (changes <= limit).all(axis=1)).astype(np.int8)
    for row in np.flatnonzero((np.abs(changes - limit) <= NEAR).any(axis=1) & (found >= 0)).tolist():
        found[row] = _falls(last[row], fall_pct)
    return found


def _beyond(series: Floats, count: int, k: Decimal) -> Flags:
    points = [None if value != value else Decimal(repr(value)) for value in series.tolist()]
    found = np.zeros(len(points), np.bool_)
    with localcontext(CONTEXT):
        band = exact.limits(points[:count], k)
        assert band is not None
        found[exact.beyond(points, band)] = True
    return found


def _falls(last: Floats, fall_pct: Decimal) -> bool:
    one, two, three = (Decimal(repr(value)) for value in last.tolist())
    with localcontext(CONTEXT):
        changes = (exact.change_pct(one, two), exact.change_pct(two, three))
        return all(change is not None and q6(change) <= q6(fall_pct) for change in changes)
