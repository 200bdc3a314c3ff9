"""Scores of a whole book: what `core/scoring.py` says account by account, over arrays.

Scores are whole steps of 1e-10. They equal the exact scores on ten decimals: floats compute them with a known error, and the
few whose last decimal that error could turn are computed again exactly. So ranks, percentiles and tiers are the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trackline.core.analytics.normal import Floats, cdf
from trackline.core.decimals import CONTEXT, HUNDRED, ONE, ZERO, q6
from trackline.core.scoring import Normaliser, Scale, reweighted, scale_of, settled, shares

Steps = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEPS = 10**10
"""Steps of a score from 0 to 1."""
BLOCK = 1 << 13
"""Accounts at a time: a block of a dozen criteria stays in the cache."""
EXACT_MOMENTS = 20_000
"""Accounts up to which mean and deviation are exact; beyond, their sixteen digits decide the last decimal in rare cases."""

_U = 2.0**-53


@dataclass(frozen=True)
class Places:
    """Places of accounts among each other, by their steps. `order` lists the accounts, lowest first."""

    order: NDArray[np.intp]
    rising: Steps
    ranks: Steps
    percentiles: Floats


def places(steps: Steps) -> Places:
    """Rank accounts: 1 is best, equals share it; a percentile is the share of the others that score lower."""
    total = len(steps)
    order = np.argsort(steps)
    rising = steps[order]
    firsts = np.flatnonzero(np.diff(rising, prepend=-1))
    sizes = np.diff(firsts, append=total)
    ranks = np.empty(total, np.int64)
    ranks[order] = np.repeat(1 + total - firsts - sizes, sizes)
    percentiles = np.empty(total)
    # As whole numbers first, so that the quotient is the nearest float.
    percentiles[order] = np.repeat(100.0 if total == 1 else firsts * 100 / max(total - 1, 1), sizes)
    return Places(order, rising, ranks, percentiles)


class Scored:
    """A book, scored. `values` holds a row for each account and a column for each criterion, NaN where not known.

    A criterion that no account has a value of is left out; `coverage_pct` is the weight of the others.
    Raises `ValueError` for infinite values, and where no criterion with weight has values.
    """

    def __init__(
        self, values: Floats, weights: Sequence[Decimal], down: Sequence[bool], normaliser: Normaliser = "minmax"
    ) -> None:
        self._normaliser = normaliser
        low, high, self.incomplete = _ranges(values)
        self.kept = [at for at in range(values.shape[1]) if low[at] <= high[at]]
        self._values = values if len(self.kept) == values.shape[1] else np.ascontiguousarray(values[:, self.kept])
        self._low, self._high = low[self.kept], high[self.kept]
        self._down = [down[at] for at in self.kept]
        with localcontext(CONTEXT):
            self.shares = shares([weights[at] for at in self.kept])
            self.coverage_pct = sum((weights[at] for at in self.kept), ZERO) * HUNDRED / sum(weights, ZERO)
        self._weights = np.array([float(share) for share in self.shares])
        self._medians = self._middles()
        self._floats = np.empty(len(values))
        with np.errstate(all="ignore"):  # values too close together for floats: their error says so
            self._parts = _parts_of(self)
            for at, block in self._blocks():
                self._floats[at : at + len(block)] = self._parts.total(block)
        self.steps = _settle(self._floats, self._parts.error, lambda row: sum(self.contributions(row), ZERO))

    @property
    def scores(self) -> Floats:
        """Scores from 0 to 1."""
        return self.steps / STEPS

    @cached_property
    def places(self) -> Places:
        """Ranks and percentiles."""
        return places(self.steps)

    @cached_property
    def imputed(self) -> Flags:
        """Where a value was not known and the median stands in."""
        return np.isnan(self._values) if self.incomplete else np.zeros(self._values.shape, np.bool_)

    def provisional(self, imputed_above: Decimal) -> Flags:
        """Tell the accounts with more than a percentage of the weight on medians."""
        found = np.zeros(len(self.steps), np.bool_)
        if not self.incomplete:
            return found
        rows = np.flatnonzero(self.imputed.any(axis=1))
        patterns, which = np.unique(self.imputed[rows], axis=0, return_inverse=True)
        with localcontext(CONTEXT):
            limit = q6(imputed_above)
            over = [
                q6(sum((share for share, gone in zip(self.shares, row, strict=True) if gone), ZERO) * HUNDRED) > limit
                for row in patterns.tolist()
            ]
        found[rows] = np.array(over)[which.reshape(-1)]
        return found

    def contributions(self, row: int) -> list[Decimal]:
        """Return what each criterion kept adds to the score of one account, exactly."""
        with localcontext(CONTEXT):
            raw = self._values[row].tolist()
            known = [
                scale.median if value != value else _exact(value) for value, scale in zip(raw, self.scales, strict=True)
            ]
            return [
                share * scale.norm(value) for share, scale, value in zip(self.shares, self.scales, known, strict=True)
            ]

    @cached_property
    def scales(self) -> list[Scale]:
        """The scales of the criteria kept, in exact decimals."""
        with localcontext(CONTEXT):
            return [self._scale(at) for at in range(len(self.kept))]

    def reweighted(self, criterion: int, factor: Decimal) -> Steps:
        """Return the steps after one weight was multiplied by `factor` and all were scaled back to sum to 1."""
        share = self.shares[criterion]
        grown, scale = float(factor - 1), float(1 + (factor - 1) * share)
        floats = np.empty(len(self._floats))
        with np.errstate(all="ignore"):
            for at, block in self._blocks():
                own = self._parts.one(block, criterion)
                floats[at : at + len(block)] = (self._floats[at : at + len(block)] + grown * own) / scale

        def exact(row: int) -> Decimal:
            own = self.contributions(row)
            return reweighted(sum(own, ZERO), own[criterion], share, factor)

        return _settle(floats, 2 * (self._parts.error + 4 * _U) / scale, exact)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _blocks(self) -> Iterator[tuple[int, Floats]]:
        """Blocks of rows with their place, medians standing in for what is not known."""
        for at in range(0, len(self._values), BLOCK):
            block = self._values[at : at + BLOCK]
            yield at, np.where(np.isnan(block), self._medians, block) if self.incomplete else block

    def _middles(self) -> Floats:
        if not self.incomplete:
            return self._low
        return np.array([float(_middle(self._values[:, at])) for at in range(len(self.kept))])

    def _scale(self, at: int) -> Scale:
        column = self._values[:, at]
        if self._normaliser == "zcdf" and len(column) <= EXACT_MOMENTS:
            values = [None if value != value else _exact(value) for value in column.tolist()]
            found = scale_of(values, "zcdf", down=self._down[at])
            assert found is not None
            return found
        low, high = _exact(float(self._low[at])), _exact(float(self._high[at]))
        mean, sd = ZERO, ONE
        if self._normaliser == "zcdf":
            assert isinstance(self._parts, _Curves)
            mean, sd = Decimal(float(self._parts.means[at])), Decimal(float(self._parts.sds[at]))
        median = _middle(column) if self.incomplete else low
        return Scale(low, high, median, mean, sd, self._normaliser, self._down[at])


class _Lines:
    """Normalised by range: contributions are straight lines in the values."""

    def __init__(self, book: Scored) -> None:
        span = book._high - book._low
        flat = span == 0
        signs = np.where(book._down, -1.0, 1.0)
        self._low = book._low
        self._slopes = np.where(flat, 0.0, signs * book._weights / np.where(flat, 1.0, span))
        self._starts = np.where(flat, 0.5 * book._weights, np.where(book._down, book._weights, 0.0))
        self._start = float(self._starts.sum())
        size = np.maximum(np.abs(book._low), np.abs(book._high)) / np.where(flat, 1.0, span)
        # Values, range and slope are each off by a rounding; the sum rounds once for each criterion.
        self.error = _U * float((book._weights * (4 * np.where(flat, 0, size) + 6)).sum() + 2 * len(span) + 4)

    def total(self, block: Floats) -> Floats:
        found: Floats = (block - self._low) @ self._slopes
        found += self._start
        return found

    def one(self, block: Floats, at: int) -> Floats:
        found: Floats = (block[:, at] - self._low[at]) * self._slopes[at] + self._starts[at]
        return found


class _Curves:
    """Normalised by the normal distribution."""

    def __init__(self, book: Scored) -> None:
        total, count = np.zeros(len(book.kept)), len(book._values)
        for _, block in book._blocks():
            total += block.sum(axis=0)
        self.means = total / count
        square = np.zeros(len(book.kept))
        for _, block in book._blocks():
            square += ((block - self.means) ** 2).sum(axis=0)
        self.sds = np.sqrt(square / count)
        self._flat = book._high == book._low
        self._factors = np.where(book._down, -1.0, 1.0) / np.where(self._flat, 1.0, self.sds)
        self._weights = book._weights
        size = np.maximum(np.abs(book._low), np.abs(book._high)) / np.where(self._flat, 1.0, self.sds)
        sums = BLOCK / 64 + count / BLOCK + 8
        self.error = _U * float((self._weights * (sums * np.where(self._flat, 0, size) + 64)).sum() + 2 * len(size))

    def _normalised(self, block: Floats) -> Floats:
        found = cdf((block - self.means) * self._factors)
        found[:, self._flat] = 0.5
        return found

    def total(self, block: Floats) -> Floats:
        found: Floats = self._normalised(block) @ self._weights
        return found

    def one(self, block: Floats, at: int) -> Floats:
        if self._flat[at]:
            return np.full(len(block), 0.5 * self._weights[at])
        found: Floats = cdf((block[:, at] - self.means[at]) * self._factors[at]) * self._weights[at]
        return found


def _parts_of(book: Scored) -> _Lines | _Curves:
    return _Lines(book) if book._normaliser == "minmax" else _Curves(book)


def _ranges(values: Floats) -> tuple[Floats, Floats, bool]:
    """Return the least and greatest known value of each column (∞ and −∞ where none is), and whether any is missing."""
    low, high = np.full(values.shape[1], np.inf), np.full(values.shape[1], -np.inf)
    incomplete = False
    for at in range(0, len(values), BLOCK):
        block = values[at : at + BLOCK]
        least = block.min(axis=0)
        if np.isnan(least).any():
            incomplete = True
            np.minimum(low, np.fmin.reduce(block, axis=0, initial=np.inf), out=low)
            np.maximum(high, np.fmax.reduce(block, axis=0, initial=-np.inf), out=high)
        else:
            np.minimum(low, least, out=low)
            np.maximum(high, block.max(axis=0), out=high)
    if np.isneginf(low).any() or np.isposinf(high).any():
        raise ValueError("finite values are expected")
    return low, high, incomplete


def _middle(column: Floats) -> Decimal:
    """Return the exact median of the known values."""
    known = column[~np.isnan(column)]
    half, odd = divmod(len(known), 2)
    if odd:
        return _exact(float(np.partition(known, half)[half]))
    two = np.partition(known, (half - 1, half))[half - 1 : half + 1]
    return (_exact(float(two[0])) + _exact(float(two[1]))) / 2


def _exact(value: float) -> Decimal:
    """Return the decimal that a float is written as, which is what the exact rules read."""
    return Decimal(repr(value))


def _settle(floats: Floats, error: float, exact: Callable[[int], Decimal]) -> Steps:
    """Return scores as steps, those within `error` of the middle between two steps computed exactly."""
    if np.isfinite(error) and np.isfinite(floats).all():
        scaled = floats * STEPS
        lower = np.floor(scaled)
        rest = scaled - lower
        steps = (lower + (rest >= 0.5)).astype(np.int64)
        doubtful = np.flatnonzero(np.abs(rest - 0.5) <= error * STEPS + 4e-6)
    else:
        steps, doubtful = np.zeros(len(floats), np.int64), np.arange(len(floats))
    with localcontext(CONTEXT):
        for row in doubtful.tolist():
            steps[row] = int(settled(exact(row)) * STEPS)
    return steps
