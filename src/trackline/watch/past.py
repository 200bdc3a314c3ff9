"""When a signal would have fired: a look back over months, under the figures in force and under others. Nothing is stored.

The book is looked at week by week as it stood then: out of dated records, readings and scores. Roles, influence and agreed
limits are taken as they are now, since a signal asks for them as they are. What fires at the first look had begun before.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.book import reach_of
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.overrides import Changes, Overrides, Slot
from trackline.core.playbook import Rule
from trackline.watch.engine import AT_ONCE, OVER, SPANNED, Fire, fed_by, judged, sights
from trackline.watch.evidence.sight import Watched
from trackline.watch.rules.definitions import definitions

MONTHS = (3, 6, 12)
STEP_DAYS = 7
MOST_TOLD = 500


@dataclass(frozen=True)
class Firing:
    """A time that the signal fires: under the figures in force from `before` on, under the others from `after` on."""

    account_id: int
    subject: str
    says: str
    before: date | None
    after: date | None

    @property
    def on(self) -> date:
        """The first day of both."""
        return min(day for day in (self.before, self.after) if day is not None)


@dataclass
class Past:
    """What a look back found, the newest first; `resume` is the account to go on after, where the time was up."""

    since: date
    until: date
    firings: list[Firing] = field(default_factory=list)
    accounts: int = 0
    total: int = 0
    resume: int | None = None

    @property
    def before(self) -> int:
        """How often the signal fires under the figures in force."""
        return sum(one.before is not None for one in self.firings)

    @property
    def after(self) -> int:
        """How often it fires under the others."""
        return sum(one.after is not None for one in self.firings)


def past_of(
    rule: Rule, slot: Slot, changes: Changes, today: date, months: int, *, after: int = 0, seconds: float | None = None
) -> Past:
    """Return when a signal would have fired over the last months with changes laid over it for a slot.

    With `seconds` it stops after about so long and says in `resume` after which account to go on; `after` goes on there.
    """
    days = _days(today, months)
    now = Overrides.load(today)
    sides = (now, now.having(rule.id, slot, changes))
    feeds = FeedChanges.load()
    reach = reach_of(slot)
    found = Past(days[1], today, total=len(reach))
    begun, at = time.monotonic(), bisect_right(reach, after)
    step = AT_ONCE if seconds is None else AT_ONCE // 5
    while at < len(reach):
        rows = Account.objects.filter(pk__in=reach[at : at + step]).exclude(status__in=OVER)
        found.firings += _fired(rule.id, dict(rows.values_list("pk", "tier")), days, sides, feeds)
        found.accounts += len(reach[at : at + step])
        at += step
        if seconds is not None and time.monotonic() - begun > seconds:
            break
    found.resume = reach[at - 1] if at < len(reach) else None
    found.firings.sort(key=lambda one: (-one.on.toordinal(), one.account_id, one.subject))
    return found


def _days(today: date, months: int) -> list[date]:
    """The days of the looks, the oldest first; the first one shows what had begun before."""
    weeks = -(-months * 365 // (12 * STEP_DAYS))
    return [today - timedelta(days=STEP_DAYS * week) for week in range(weeks, -1, -1)]


@dataclass
class _Spell:
    """A time in which one thing fires, from look to look."""

    account: int
    subject: str
    occurrence: str
    says: str
    begun: date
    ended: date
    known: bool

    def is_about(self, other: _Spell) -> bool:
        """Whether both are about the same: the same happened, or they overlap."""
        if (self.account, self.subject) != (other.account, other.subject):
            return False
        if self.occurrence or other.occurrence:
            return self.occurrence == other.occurrence
        return other.begun <= self.ended and self.begun <= other.ended


def _fired(
    rule_id: str, tiers: Mapping[int, int | None], days: Sequence[date], sides: tuple[Overrides, Overrides],
    feeds: FeedChanges,
) -> Iterator[Firing]:  # fmt: skip
    seen: tuple[list[_Spell], list[_Spell]] = ([], [])
    told: tuple[set[tuple[int, str, str]], ...] = (set(), set())
    for number, day in enumerate(days):
        for side, fires in enumerate(_looks(rule_id, tiers, day, sides, feeds, past=day < days[-1])):
            _note(seen[side], told[side], fires, day, days[max(number - 1, 0)], known=number == 0)
    yield from _paired(seen[0], seen[1])


def _looks(
    rule_id: str, tiers: Mapping[int, int | None], day: date, sides: tuple[Overrides, Overrides], feeds: FeedChanges,
    *, past: bool,
) -> Iterator[list[Fire]]:  # fmt: skip
    chosen = {key: one for key, one in definitions(day).items() if key == rule_id}
    watched = Watched(list(tiers), day, chosen, fed_by(chosen, day, feeds), past)
    shared = None if rule_id in SPANNED else list(sights(watched, sides[0]))
    for overrides in sides:
        found = sights(watched, overrides) if shared is None else shared
        yield [fire for fire, fires in judged(found, day, tiers, overrides) if fires]


def _note(
    spells: list[_Spell], told: set[tuple[int, str, str]], fires: Iterable[Fire], day: date, last: date, *, known: bool
) -> None:
    """Add what fires on a day: what goes on is no new firing, and what happened is never told twice."""
    going = {(one.account, one.subject): one for one in spells if one.ended == last}
    for fire in fires:
        sight = fire.sight
        if fire.definition.again == "occurrence":
            named = {(sight.account, sight.subject, one) for one in (sight.occurrence, *sight.others)}
            if named <= told:
                continue
            told |= named
        elif (one := going.get((sight.account, sight.subject))) is not None:
            one.ended = day
            continue
        spells.append(
            _Spell(sight.account, sight.subject, sight.occurrence, sight.says, _begun(fire, day, last), day, known)
        )


def _begun(fire: Fire, day: date, last: date) -> date:
    """The day of the newest record behind it where it came since the look before, else the day of the look."""
    days = [date.fromisoformat(str(one["on"])[:10]) for one in fire.sight.sources if one.get("on")]
    newest = max((one for one in days if one <= day), default=day)
    return newest if newest > last else day


def _paired(before: Sequence[_Spell], after: Sequence[_Spell]) -> Iterator[Firing]:
    """Put spells of both sides together that are about the same."""
    left = list(after)
    for one in before:
        same = next((other for other in left if one.is_about(other)), None)
        if same is not None:
            left.remove(same)
        if not one.known and not (same and same.known):
            yield Firing(one.account, one.subject, one.says, one.begun, same.begun if same else None)
        elif one.known and same and not same.known:
            yield Firing(one.account, one.subject, same.says, None, same.begun)
    for other in left:
        if not other.known:
            yield Firing(other.account, other.subject, other.says, None, other.begun)


def past_json(found: Past) -> dict[str, Any]:
    """Return a look back as the API answers it; one query for the names."""
    known = {one.pk: one for one in Account.objects.filter(pk__in={one.account_id for one in found.firings})}
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "accounts": found.accounts,
        "now": found.before,
        "then": found.after,
        "firings": [
            {
                "account": str(one.account_id),
                "key": known[one.account_id].key,
                "name": known[one.account_id].name,
                "says": one.says,
                "now": one.before.isoformat() if one.before else None,
                "then": one.after.isoformat() if one.after else None,
            }
            for one in found.firings[:MOST_TOLD]
        ],
    }
