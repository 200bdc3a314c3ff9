"""The journeys of a group: a shape for each account, side by side. Nothing is averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trackline.accounts.models import Account
from trackline.track.models import JourneyDimension
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.journey import Journey, journeys_of

DRAWN = 12
"""So many accounts are drawn; the table has all of them."""


@dataclass(frozen=True)
class JourneyLine:
    """An account with its journey."""

    account: Account
    url: str
    journey: Journey


@dataclass(frozen=True)
class GroupJourney:
    """The accounts of which something is scored, the shortest way first."""

    lines: Sequence[JourneyLine]
    dimensions: Sequence[JourneyDimension]
    unscored: Sequence[str]

    @property
    def drawn(self) -> list[JourneyLine]:
        """Those whose scores make a shape."""
        return [line for line in self.lines if line.journey.radar][:DRAWN]

    @property
    def finding(self) -> str:
        """The group in a sentence."""
        known = [line for line in self.lines if line.journey.index is not None]
        if not known:
            return "no account was scored lately enough for an index"
        return f"{known[0].account.name} has come the shortest way"


def group_journey(head: Head) -> GroupJourney:
    """Return the journeys of the accounts that a page shows; three queries. Source: TRK-14, TRK-15."""
    found = journeys_of(head.ids, head.today)
    accounts = {one.pk: one for one in head.accounts}
    lines = [
        JourneyLine(one, f"{head.members[pk].url}/track/health", found[pk])
        for pk, one in accounts.items()
        if any(row.now is not None for row in found[pk].rows)
    ]
    lines.sort(key=lambda line: (line.journey.index is None, line.journey.index or 0, line.account.name))
    held = {line.account.pk for line in lines}
    dimensions = [row.dimension for row in lines[0].journey.rows] if lines else []
    return GroupJourney(lines, dimensions, [one.name for pk, one in accounts.items() if pk not in held])
