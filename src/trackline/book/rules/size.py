"""Which tier the size of an account suggests, while too little is known for a score."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from math import ceil
from typing import Any, Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Finding, Inputs, Parameters, insufficient, rule
from trackline.core.playbook.fields import Quantity, Share, Text


class Sized(Inputs):
    """An account and its two sizes, all in one currency."""

    key: Text = Field(description="Key of the account")
    arr: Quantity | None = Field(None, description="What it brings in a year; null where not known")
    growth: Quantity | None = Field(None, description="What could still be sold; null where not known")


class Sizes(Inputs):
    """The accounts of a book."""

    accounts: list[Sized] | None = Field(description="Accounts with their sizes")
    preset: Literal["entitlement", "segment"] | None = Field(
        None, description="Shares of the tiers; entitlement if not given"
    )


class SizeParameters(Parameters):
    """How many of a hundred accounts the two upper tiers hold."""

    tier_1: Share
    tier_2: Share


@rule(
    "book.tier.size",
    title="Tier by size",
    spec=("TRK-03",),
    summary="How many accounts can be placed; each with its rank by ARR and by what could still be sold, and the tier that suggests.",
)
def size(given: Sizes, p: SizeParameters) -> Finding:
    """Give each account the higher of two percentile ranks, its ARR's and its growth potential's: the share of accounts that
    have no more. The best 15 of a hundred, rounded up, are suggested for tier 1, the next 35 for tier 2, the others for tier 3. An
    account of which neither is known has no place. Equals stand in order of ARR, then by name. A suggestion moves nothing.

    Source: TRK-03.
    """
    asked = given.accounts or []
    ranks = {name: _ranks([getattr(one, name) for one in asked]) for name in ("arr", "growth")}
    placed: list[dict[str, Any]] = []
    for at, one in enumerate(asked):
        found = {name: ranks[name][at] for name in ranks}
        known = [rank for rank in found.values() if rank is not None]
        if known:
            placed.append({"key": one.key, "score": max(known), "arr": found["arr"], "growth": found["growth"]})
    unplaced = [one.key for one in asked if one.arr is None and one.growth is None]
    if not placed:
        return insufficient("accounts", details={"accounts": [], "unplaced": unplaced, "tiers": None})
    sizes = {one.key: one.arr or ZERO for one in asked}
    placed.sort(key=lambda row: (-row["score"], -sizes[row["key"]], row["key"]))
    first, second = (ceil(share * len(placed) / HUNDRED) for share in (p.tier_1, p.tier_2))
    for rank, row in enumerate(placed, 1):
        row |= {"rank": rank, "tier": 1 if rank <= first else 2 if rank <= first + second else 3}
    tiers = [sum(row["tier"] == tier for row in placed) for tier in (1, 2, 3)]
    return Finding(
        len(placed),
        missing=("accounts",) if unplaced else (),
        details={"accounts": placed, "unplaced": unplaced, "tiers": tiers},
    )


def _ranks(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """The percentile rank of each value that is known among them."""
    rising = sorted(value for value in values if value is not None)
    return [None if value is None else bisect_right(rising, value) * HUNDRED / len(rising) for value in values]
