"""Who competes for a group: each competitor with the accounts where it stands, and the money there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from trackline.core.decimals import ZERO
from trackline.track.competition import Standing, standings
from trackline.track.models import Competitor
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class Place:
    """A competitor in one account."""

    name: str
    url: str
    standing: Standing

    @property
    def gap(self) -> Decimal | None:
        """How far we are ahead, of 5; below 0 it is."""
        value = self.standing.gap.value
        return value if isinstance(value, Decimal) else None

    @property
    def behind(self) -> Decimal:
        """How far it is ahead of us, of 5."""
        return -(self.gap or ZERO)


@dataclass(frozen=True)
class Rival:
    """A competitor by name, with its places, the worst for us first; `arr` is our revenue there, `unknown` without one."""

    name: str
    places: Sequence[Place]
    arr: Decimal
    unknown: int

    @property
    def worst(self) -> Place:
        """Where it is furthest ahead, or nearest."""
        return self.places[0]

    @property
    def seen(self) -> int:
        """How often it was seen in the window."""
        return sum(place.standing.intrusions for place in self.places)

    @property
    def open(self) -> int:
        """In how many accounts nothing is planned against it."""
        return sum(place.standing.needs_action for place in self.places)


@dataclass(frozen=True)
class GroupCompetition:
    """The competitors of all accounts, those in most accounts first; `unwatched` accounts list nobody."""

    rivals: Sequence[Rival]
    unwatched: Sequence[str]
    currency: str

    @property
    def finding(self) -> str:
        """The competition in a sentence."""
        if not self.rivals:
            return "nobody is on the list of any account"
        several = sum(len(rival.places) > 1 for rival in self.rivals)
        waiting = sum(rival.open for rival in self.rivals)
        said = f"{len(self.rivals)} on the lists, {several} of them in several accounts"
        return (
            f"{said}; {waiting} {'place needs' if waiting == 1 else 'places need'} something done" if waiting else said
        )


def group_competition(head: Head) -> GroupCompetition:
    """Return the competitors of the accounts that a page shows, in five queries. One spelt alike is one. Source: CMPT-03."""
    records = Competitor.objects.filter(ALIVE, account__in=head.ids, active=True).select_related("account", "owner")
    places: dict[str, list[Place]] = {}
    for one in standings(list(records), head.today):
        member = head.members[one.record.account_id]
        places.setdefault(one.record.name.strip().casefold(), []).append(
            Place(member.name, f"{member.url}/track/competition", one)
        )
    rivals = [_rival(head, listed) for listed in places.values()]
    watched = {place.name for rival in rivals for place in rival.places}
    rivals.sort(key=lambda one: (-len(one.places), one.worst.gap is None, one.worst.gap or 0, one.name.casefold()))
    unwatched = [member.name for member in head.members.values() if member.name not in watched]
    return GroupCompetition(rivals, unwatched, head.currency)


def _rival(head: Head, places: Sequence[Place]) -> Rival:
    accounts = [head.members[pk] for pk in {place.standing.record.account_id for place in places}]
    worths = [head.worth(one.arr, one.currency) for one in accounts]
    return Rival(
        places[0].standing.record.name,
        places,
        sum((worth for worth in worths if worth is not None), ZERO),
        sum(worth is None for worth in worths),
    )
