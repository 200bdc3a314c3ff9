"""Scales that rules judge by: ordered bands and the four-point norm."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from trackline.core.decimals import HUNDRED, ZERO, q6

GREEN, AMBER, RED, UNKNOWN = "green", "amber", "red", "unknown"

_TESTS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
CUT = re.compile(r"(>=|<=|>|<) *(-?\d+(?:\.\d+)?)")
"""A cut as data files write it: `> 75`, `>= 50`, `<= 2`."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The test of one band: `>= 40` admits 40, `> 75` does not admit 75. Limit and value have six decimals at most."""

    band: str
    test: str
    limit: Decimal

    def admits(self, value: Decimal) -> bool:
        """Tell whether a value passes."""
        return bool(_TESTS[self.test](value, self.limit))


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands from best to worst; what no cut admits falls into the rest. Neither gap nor overlap can arise."""

    cuts: tuple[Cut, ...]
    rest: str = RED

    def of(self, value: Decimal | int | None) -> str:
        """Return the band of a value compared on six decimals, `unknown` of None."""
        if value is None:
            return UNKNOWN
        settled = q6(value)
        for cut in self.cuts:
            if cut.admits(settled):
                return cut.band
        return self.rest

    def limit(self, band: str) -> Decimal:
        """Return the limit of a band."""
        return next(cut.limit for cut in self.cuts if cut.band == band)

    def disorder(self) -> str | None:
        """Return what is wrong with the order of the cuts, or None."""
        upward = {cut.test in (">", ">=") for cut in self.cuts}
        if len(upward) > 1:
            return "all bands must look the same way: all with > or >=, or all with < or <="
        sign = 1 if upward == {True} else -1
        for better, worse in pairwise(self.cuts):
            gain = (better.limit - worse.limit) * sign
            if gain < 0 or (gain == 0 and not (better.test in ("<", ">") and worse.test in ("<=", ">="))):
                side = "above" if sign > 0 else "below"
                return f"{better.band} ({better.limit.normalize():f}) must lie {side} {worse.band} ({worse.limit.normalize():f})"
        return None


@dataclass(frozen=True, slots=True)
class Anchors:
    """The four-point norm (CNV-07): piecewise linear through 0, 60, 80 and 100, clamped; falling anchors mean less is better."""

    v0: Decimal
    v60: Decimal
    v80: Decimal
    v100: Decimal

    def norm(self, value: Decimal | int) -> Decimal:
        """Return the points, 0–100, of a value."""
        sign = 1 if self.v100 > self.v0 else -1
        if (value - self.v0) * sign <= 0:
            return ZERO
        if (value - self.v100) * sign >= 0:
            return HUNDRED
        for low, high, base, span in (
            (self.v0, self.v60, 0, 60),
            (self.v60, self.v80, 60, 20),
            (self.v80, self.v100, 80, 20),
        ):
            if (value - high) * sign <= 0:
                return base + (value - low) / (high - low) * span
        raise AssertionError("anchors are in order")

    def disorder(self) -> str | None:
        """Return what is wrong with the order of the anchors, or None."""
        values = (self.v0, self.v60, self.v80, self.v100)
        rising = all(a < b for a, b in pairwise(values))
        falling = all(a > b for a, b in pairwise(values))
        return None if rising or falling else "anchors must all rise or all fall"
