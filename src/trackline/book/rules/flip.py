"""The flip test: whether a tier hangs on one criterion, or on one feed that several criteria share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.core.decimals import HUNDRED, ZERO, q6


@dataclass(frozen=True)
class Fed:
    """A criterion of a score: what feeds it, its share of the weight (%) and what it adds to the score (points)."""

    key: str
    feed: str
    share_pct: Decimal
    contribution: Decimal


@dataclass(frozen=True)
class Without:
    """The score without some criteria, the others weighing more, and the tier that it gives.

    `feed` names the feed that was left out where it is one of several criteria, else "".
    """

    keys: Sequence[str]
    feed: str
    score: Decimal
    tier: int | None


def fed(criteria: Iterable[Mapping[str, Any]], parts: Iterable[Mapping[str, Any]]) -> list[Fed]:
    """Return the parts of an account as a run tells them, each with what its criterion was fed by and weighs."""
    told = {row["key"]: row for row in criteria}
    return [
        Fed(
            part["key"],
            told[part["key"]]["fed_by"] or "",
            Decimal(str(told[part["key"]]["share_pct"])),
            Decimal(str(part["contribution"])),
        )
        for part in parts
    ]


def tier_of(score: Decimal, cuts: Sequence[Decimal | None]) -> int | None:
    """Return the first tier whose cut a score reaches; a tier without a cut takes all that is left. Source: PF-07."""
    for number, cut in enumerate(cuts, 1):
        if cut is None or q6(score) >= q6(cut):
            return number
    return None


def flips(score: Decimal, cuts: Sequence[Decimal | None], parts: Sequence[Fed]) -> list[Without]:
    """Return what would give another tier: each criterion left out by itself, then each feed with all its criteria.

    The weights that are left are scaled back to 100; the cuts stay. Nothing is left out where nothing would remain, and
    without any cut there is no tier to lose. Source: PF-12.
    """
    if all(cut is None for cut in cuts):
        return []
    tier = tier_of(score, cuts)
    feeds: dict[str, list[Fed]] = {}
    for part in parts:
        feeds.setdefault(part.feed, []).append(part)
    tried = [("", [part]) for part in parts] + [(feed, fed) for feed, fed in feeds.items() if feed and len(fed) > 1]
    found = []
    for feed, left_out in tried:
        rest = _without(score, left_out)
        if rest is not None and (level := tier_of(rest, cuts)) != tier:
            found.append(Without([part.key for part in left_out], feed, rest, level))
    return found


def _without(score: Decimal, left_out: Iterable[Fed]) -> Decimal | None:
    gone = list(left_out)
    weight = HUNDRED - sum((part.share_pct for part in gone), ZERO)
    if q6(weight) <= ZERO:
        return None
    return (score - sum((part.contribution for part in gone), ZERO)) * HUNDRED / weight
