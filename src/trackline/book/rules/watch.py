"""How close a score is to the cuts between tiers, and whether it has been across one for long enough to propose a move."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.book.rules.conditions import at_least
from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, known, rule
from trackline.core.playbook.fields import Count, Quantity, Share

NO_TIER = 4
"""Stands for no tier: below all of them."""


class Watched(Inputs):
    """A score beside the cuts, and the tier in force."""

    score: Share | None = Field(description="Composite of the newest run, 0 to 100")
    cuts: list[Share | None] | None = Field(
        description="Cuts of tiers 1, 2 and 3; null where a tier has no lower bound", min_length=3, max_length=3
    )
    tier: Literal[1, 2, 3] | None = Field(None, description="Tier in force, null for none")
    quarter_scores: list[Share | None] | None = Field(None, description="Composites by quarter, oldest first")


class WatchParameters(Parameters):
    """How near is near, and how many quarters are averaged."""

    near_points: Quantity
    quarters: Count


@rule(
    "book.tier.watch",
    title="Near-threshold watch",
    spec=("PF-18", "PF-14"),
    summary="Points between a score and the nearest cut, and whether the average of three quarters is across it too.",
)
def watch(given: Watched, p: WatchParameters) -> Finding:
    """Tell the points from the score to the nearest cut; within a few points the account is watched. Where the cuts give
    another tier than the one in force, a move may be proposed only once the mean of the last three quarterly scores lies
    across the same cut. With fewer quarters nothing may be proposed yet.

    Source: PF-18, PF-14.
    """
    cuts = [cut for cut in given.cuts or () if cut is not None]
    if given.score is None or not cuts:
        return insufficient(*absent(given, "score", "cuts") or ["cuts"])
    assert given.cuts is not None
    score = given.score
    number, gap = nearest(score, given.cuts)
    by_score = _tier(score, given.cuts)
    crossed = _crossed(given.tier or NO_TIER, by_score)
    mean = _mean(given.quarter_scores or [], p.quarters)
    cut = None if crossed is None else given.cuts[_cut_crossed(given.tier or NO_TIER, by_score) - 1]
    proposes = None
    if crossed is not None and cut is not None:
        proposes = mean is not None and at_least(mean, cut) is (crossed == "up")
    return Finding(
        gap,
        missing=("quarter_scores",) if crossed is not None and mean is None else (),
        details={
            "nearest": number,
            "near": abs(gap) <= p.near_points,
            "by_score": None if by_score == NO_TIER else by_score,
            "crossed": crossed,
            "cut": cut,
            "mean": mean,
            "may_propose": proposes,
        },
    )


def nearest(score: Decimal, cuts: Sequence[Decimal | None]) -> tuple[int, Decimal]:
    """Return the tier whose cut lies nearest to a score, and the points from the cut to it; one cut at least is known."""
    gaps = ((at, q6(score - cut)) for at, cut in enumerate(cuts, 1) if cut is not None)
    return min(gaps, key=lambda one: abs(one[1]))


def _tier(score: Decimal, cuts: list[Decimal | None]) -> int:
    """The tier that the cuts give; a tier without a lower bound takes the rest."""
    for number, cut in enumerate(cuts, 1):
        if cut is None or at_least(score, cut):
            return number
    return NO_TIER


def _crossed(now: int, by_score: int) -> str | None:
    return None if now == by_score else "up" if by_score < now else "down"


def _cut_crossed(now: int, by_score: int) -> int:
    """The cut that lies between: upwards that of the tier reached, downwards that of the tier held."""
    return by_score if by_score < now else now


def _mean(scores: list[Decimal | None], quarters: int) -> Decimal | None:
    last = known(scores[-quarters:])
    return q6(sum(last, Decimal(0)) / quarters) if quarters and len(last) == quarters else None
