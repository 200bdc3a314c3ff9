"""What a tier owes an account against what it got."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.book.rules.promises import promised
from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, Part, Table, insufficient, rule
from trackline.core.playbook.fields import Count, Share

YEAR_DAYS = 365
BY_TIME = ("reviews", "conversations", "touches")
"""Promises that are owed by the year: an account that has held its tier for a shorter time is owed a part of them."""


class Delivered(Inputs):
    """What an account got within the last year."""

    tier: Literal[1, 2, 3] | None = Field(description="Tier in force")
    days_held: Count | None = Field(None, description="Days since the tier is in force; a year where not known")
    reviews: Count | None = Field(None, description="Business reviews held")
    conversations: Count | None = Field(None, description="Months with a meeting held with the customer")
    touches: Count | None = Field(None, description="Months with anything logged with the customer")
    sponsor: Count | None = Field(None, description="Pairs of executives in force")
    team: Count | None = Field(None, description="People of ours on the account")
    plan: Share | None = Field(None, description="Share of the plan that is filled in, %")
    touched: Share | None = Field(None, description="Key people touched in time, %")


class ServiceParameters(Parameters):
    """How much each tier owes, by promise, and bands of adherence."""

    reviews: Table
    conversations: Table
    touches: Table
    sponsor: Table
    team: Table
    plan: Table
    touched: Table
    bands: BandCuts


@rule(
    "book.tier.service",
    title="Service of a tier",
    spec=("PF-08", "PF-24", "PF-27", "TRK-04"),
    summary="Delivered of what a tier promises, in per cent: reviews, conversations, sponsor, team, plan, touches.",
)
def service(given: Delivered, p: ServiceParameters) -> Finding:
    """Hold what an account got within a year to what its tier promises; more than promised counts no more than all of it.
    The value is the mean over the promises that are known. Reviews, conversations and touches are owed by the time that
    the tier has been held; how far these alone are kept is told beside. What no record tells (hours of support, budgets) is named and not counted.

    Source: PF-08, PF-24, PF-27.
    """
    if given.tier is None:
        return insufficient(
            "tier", notes=("Promises belong to a tier.",), details={"short": [], "rhythm_pct": None, "unrecorded": []}
        )
    parts: list[Part] = []
    missing: list[str] = []
    shares: list[Decimal] = []
    for promise in promised(given.tier):
        if not promise.counted:
            continue
        owed = _owed(getattr(p, promise.key).get(str(given.tier), ZERO), promise.key, given.days_held)
        got = getattr(given, promise.key)
        if got is None:
            missing.append(promise.key)
        elif owed > 0:
            share = min(HUNDRED, Decimal(got) * HUNDRED / owed)
            shares.append(share)
            parts.append(Part(promise.key, promise.label, got, weight=owed, points=share, band=p.bands.of(share)))
    if not shares:
        return insufficient(*missing, details={"short": [], "rhythm_pct": None, "unrecorded": _unrecorded(given.tier)})
    told = tuple(
        Part(one.key, one.label, one.input, one.weight, one.points, (one.points or ZERO) / len(shares), one.band)
        for one in parts
    )
    value = sum(shares, ZERO) / len(shares)
    rhythm = [one.points or ZERO for one in parts if one.key in BY_TIME]
    return Finding(
        value,
        p.bands.of(value),
        coverage_pct=Decimal(100 * len(shares)) / (len(shares) + len(missing)),
        parts=told,
        missing=tuple(missing),
        details={
            "short": [one.key for one in parts if (one.points or ZERO) < HUNDRED],
            "rhythm_pct": q6(sum(rhythm, ZERO) / len(rhythm)) if rhythm else None,
            "unrecorded": _unrecorded(given.tier),
        },
    )


def _owed(a_year: Decimal, key: str, days: int | None) -> Decimal:
    """What is owed so far: whole ones only, of what comes round within a year."""
    if key not in BY_TIME or days is None or days >= YEAR_DAYS:
        return a_year
    return Decimal(int(a_year * days / YEAR_DAYS))


def _unrecorded(tier: int) -> list[str]:
    return [one.label for one in promised(tier) if not one.counted]
