"""What adjusted figures would do to the whole book, before they are saved. Nothing is stored.

The inputs of the accounts in reach, of the records that carry the rule's result, or of what signals look at, are collected
once, and the rule runs on them twice, under the figures in force and with the adjustment laid over them, as it does when scores are computed; so what
is shown is what saving brings. The number of queries grows with the size of the book only by its batches.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.book import EVERY_ACCOUNT, reach_of
from trackline.accounts.rulebook.carried import CarriedRule, carried_rule
from trackline.accounts.rulebook.computing import preset_of, run_collected
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, live_rule
from trackline.accounts.rulebook.overrides import Changes, Overrides, Slot
from trackline.accounts.rulebook.tally import FIRES, SILENT, Tally
from trackline.accounts.rulebook.watched import Sighting, WatchedRule, watched_rule
from trackline.core.decimals import ZERO, plain, q6
from trackline.core.playbook import InForce, Rule
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.keys import Keys

AT_ONCE = 2000
"""So many accounts are held in memory at a time."""
AT_ONCE_IN_STEPS = 500
"""So many where the time is looked at between."""
MOST_TOLD = 200
"""So many accounts are told one by one in JSON."""


@dataclass(frozen=True)
class Result:
    """What the rule says of an account: a number on six decimals, a word, or None; and a colour, "" where it has none."""

    value: Decimal | str | None
    band: str


@dataclass(frozen=True)
class Holder:
    """Whose result it is: an account's under a preset, that of a record of it, or that of what a signal sees there."""

    account_id: int
    preset: str = ""
    record_type: str = ""
    record_id: int | None = None
    title: str = ""
    """What the record is called, or what the signal sees."""


@dataclass(frozen=True)
class Effect:
    """An account, or a record of it, whose result would change."""

    holder: Holder
    key: str
    name: str
    tier: int | None
    before: Result
    after: Result

    @property
    def title(self) -> str:
        """What the record is called, else the account."""
        return self.holder.title or self.name

    @property
    def delta(self) -> Decimal | None:
        """The change of the value, None where either has no number."""
        before, after = self.before.value, self.after.value
        return after - before if isinstance(before, Decimal) and isinstance(after, Decimal) else None

    @property
    def changes_band(self) -> bool:
        """Whether the colour changes."""
        return self.before.band != self.after.band

    def order(self) -> tuple[bool, Decimal, str, str]:
        """What sorts effects: colours that change first, then by size."""
        return not self.changes_band, -abs(self.delta or ZERO), self.name, self.title

    def to_json(self) -> dict[str, Any]:
        """Return the effect as JSON has it."""
        sides = {"before": self.before, "after": self.after}
        of = self.holder
        record = {"type": of.record_type, "id": str(of.record_id), "title": of.title} if of.record_type else None
        return {
            "account": str(of.account_id),
            "key": self.key,
            "name": self.name,
            "tier": self.tier,
            "preset": of.preset,
            "record": record,
            "says": of.title if of.title and not record else None,
            "delta": plain(self.delta),
            **{name: {"value": plain(side.value), "band": side.band or None} for name, side in sides.items()},
        }


@dataclass(frozen=True)
class TierMove:
    """An account that would stand in another tier."""

    account_id: int
    key: str
    name: str
    before: int | None
    after: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the move as JSON has it."""
        told = {"account": str(self.account_id), "key": self.key, "name": self.name}
        return told | {"before": self.before, "after": self.after}


@dataclass(frozen=True)
class Preview:
    """The effect of an adjustment; `live` tells whether the rule runs on the book at all.

    `accounts` counts those in reach; where records carry the rule's result, `record_type` names their kind and `records`
    counts them.
    """

    live: bool
    accounts: int = 0
    effects: Sequence[Effect] = ()
    """Those that change, band changes first, then by size."""
    tiers: Sequence[TierMove] = ()
    reached: Sequence[int] = field(default=(), repr=False)
    """Ids of the accounts in reach, whether or not they change."""
    record_type: str = ""
    records: int = 0
    signal: bool = False
    """Whether the rule raises alerts, so that effects are those that would fire and those that would fall silent."""
    resume: int | None = None
    """The account after which to go on, where the time was up; None where the book is through."""

    @property
    def tally(self) -> Tally:
        """The effect in counts."""
        found = Tally(
            self.accounts, tiers=len(self.tiers), record_type=self.record_type, records=self.records, signal=self.signal
        )
        for one in self.effects:
            found.note((one.before.value, one.before.band), (one.after.value, one.after.band))
        return found

    @property
    def summary(self) -> dict[str, Any]:
        """Return the effect in counts, as versions keep it."""
        return self.tally.to_json()

    def to_json(self) -> dict[str, Any]:
        """Return the effect as JSON has it; at most `MOST_TOLD` accounts one by one."""
        return {
            **self.summary,
            "live": self.live,
            "effects": [one.to_json() for one in self.effects[:MOST_TOLD]],
            "tiers": [move.to_json() for move in self.tiers],
        }


TierEffect = Callable[[Rule, Overrides, Overrides, date], Sequence[TierMove]]
_tier_effects: dict[str, TierEffect] = {}


def tells_tiers(rule_ids: Iterable[str], effect: TierEffect) -> None:
    """Have a function tell which accounts move tier when the figures of one of the rules change.

    It is given the rule, what is laid over the rulebook before and after, and the day; it stores nothing.
    """
    for rule_id in rule_ids:
        _tier_effects[rule_id] = effect


def preview(
    rule: Rule,
    slot: Slot,
    changes: Changes,
    today: date,
    *,
    from_on: date | None = None,
    after: int = 0,
    seconds: float | None = None,
) -> Preview:
    """Return what laying changes over a rule for a slot would do, on today's records and the figures of `from_on`.

    With `seconds` it stops after about so long and says in `resume` after which account to go on; `after` goes on there.
    Who moves tier is told by the first call alone.
    """
    now = Overrides.load(from_on or today)
    then = now.having(rule.id, slot, changes)
    tells = not after and rule.id in _tier_effects
    tiers = _tier_effects[rule.id](rule, now, then, today) if tells else ()
    live, carried, watched = live_rule(rule.id), carried_rule(rule.id), watched_rule(rule.id)
    if live is None and carried is None and watched is None:
        return Preview(tells, tiers=tiers)
    feeds = FeedChanges.load() if watched else FeedChanges()

    def look(ids: Sequence[int]) -> Look:
        batch = Batch(ids, [today], [live] if live else [])
        found = Look(len(batch.tiers))
        if live is not None:
            collected = live.collect(batch.ids, today, batch)
            found.changed += _changed(live, batch.tiers, (collected, now), (collected, then), today)
        if carried is not None:
            _look_at_records(carried, batch, now, then, today, found)
        if watched is not None:
            found.changed += _fired(watched, batch.ids, today, (now, feeds), (then, feeds))
        return found

    seen = _walk(reach_of(slot), look, after, seconds)
    return replace(seen, tiers=tiers, record_type=carried.record_type if carried else "", signal=watched is not None)


def preview_feeds(
    rule: Rule,
    changes: Mapping[str, Any],
    today: date,
    *,
    from_on: date | None = None,
    after: int = 0,
    seconds: float | None = None,
) -> Preview:
    """Return what other feeds of a rule would do to the book, on today's readings; in steps as `preview` takes them."""
    overrides, since = Overrides.load(today), from_on or today
    now = FeedChanges.load()
    # What is in force from a later day on is tried as if it were that day for the feeds alone.
    sides = [FeedChanges([(today, side.on(since))]) for side in (now, now.having(rule.id, changes, since))]
    live, watched = live_rule(rule.id), watched_rule(rule.id)

    def look(ids: Sequence[int]) -> Look:
        batches = [Batch(ids, [today], [live] if live else [], side) for side in sides]
        found = Look(len(batches[0].tiers))
        if live is not None:
            before, then = ((live.collect(batch.ids, today, batch), overrides) for batch in batches)
            found.changed += _changed(live, batches[0].tiers, before, then, today)
        if watched is not None:
            first, second = ((overrides, side) for side in sides)
            found.changed += _fired(watched, batches[0].ids, today, first, second)
        return found

    return replace(_walk(reach_of(EVERY_ACCOUNT), look, after, seconds), signal=watched is not None)


Change = tuple[Holder, Result, Result]
Side = tuple[Mapping[int, Collected], Overrides]


@dataclass
class Look:
    """What was seen of some accounts: how many they are, how many records carry the result, and what changes."""

    accounts: int = 0
    records: int = 0
    changed: list[Change] = field(default_factory=list)


def _walk(ids: Sequence[int], look: Callable[[Sequence[int]], Look], after: int, seconds: float | None) -> Preview:
    """Look at accounts, some at a time, until all were seen or the time is up."""
    begun, step = time.monotonic(), AT_ONCE if seconds is None else AT_ONCE_IN_STEPS
    at, all_ = bisect_right(ids, after), Look()
    while at < len(ids):
        found = look(ids[at : at + step])
        at += step
        all_.accounts += found.accounts
        all_.records += found.records
        all_.changed += found.changed
        if seconds is not None and time.monotonic() - begun > seconds:
            break
    rows = Account.objects.filter(pk__in=Keys(sorted({holder.account_id for holder, *_ in all_.changed})))
    known = {row[0]: row for row in rows.values_list("pk", "key", "name", "tier")}
    effects = [_effect(known[holder.account_id], holder, before, after) for holder, before, after in all_.changed]
    effects.sort(key=Effect.order)
    resume = ids[at - 1] if at < len(ids) else None
    return Preview(True, all_.accounts, effects, (), ids, records=all_.records, resume=resume)


def _changed(
    live: LiveRule, tiers: Mapping[int, int | None], before: Side, then: Side, today: date
) -> Iterator[Change]:
    """Yield accounts and presets whose result differs from one side to the other."""
    rule, same_inputs = live.rule, before[0] is then[0]
    holders: list[Holder] = []
    runs: tuple[list[Run], list[Run]] = ([], [])
    for pk, tier in tiers.items():
        given = [side[0].get(pk) or Collected() for side in (before, then)]
        for preset in live.presets:
            forces = [
                side[1].in_force(rule, today, tier=tier, account_id=pk, preset=preset_of(rule, preset, one.values))
                for side, one in zip((before, then), given, strict=True)
            ]
            if same_inputs and forces[0].version == forces[1].version:
                continue  # a narrower version stands above the adjustment
            holders.append(Holder(pk, preset))
            for side, force, one in zip(runs, forces, given, strict=True):
                side.append((preset, force, one))
    for holder, first, second in zip(holders, *(_results(live, side, today) for side in runs), strict=True):
        if first != second:
            yield holder, first, second


Run = tuple[str, InForce, Collected]
"""Preset, figures and inputs of one run of a rule."""


def _results(live: LiveRule, runs: Sequence[Run], today: date) -> list[Result]:
    """Return what a rule says of each of many inputs; those under the same figures are judged over arrays where it has a twin."""
    found: list[Result | None] = [None] * len(runs)
    alike: dict[tuple[str, str], list[int]] = {}
    for at, (preset, force, _) in enumerate(runs):
        alike.setdefault((preset, force.version), []).append(at)
    for places in alike.values() if live.twin else ():
        assert live.twin is not None
        verdicts = live.twin([runs[at][2].values for at in places], runs[places[0]][1].parameters)
        for at, verdict in zip(places, verdicts, strict=True):
            found[at] = Result(*verdict) if verdict else None
    for at, (preset, force, given) in enumerate(runs):
        if found[at] is None:
            said = run_collected(live.rule, preset, force, given, today)
            found[at] = _result(said.value, said.band)
    return [one for one in found if one is not None]


def _look_at_records(
    carried: CarriedRule, batch: Batch, now: Overrides, then: Overrides, today: date, found: Look
) -> None:
    """Add the records of accounts that carry the rule's result, and those whose result differs."""
    rule = carried.rule
    for one in carried.carriers(batch.ids, today):
        found.records += 1
        tier = batch.tiers[one.account_id]
        pair = [side.in_force(rule, today, tier=tier, account_id=one.account_id) for side in (now, then)]
        if pair[0].version == pair[1].version:
            continue
        given = read_inputs(rule.inputs, one.inputs)
        results = [rule.explain(given, side, today) for side in pair]
        before, after = (_result(carried.said(result), result.band) for result in results)
        if before != after:
            holder = Holder(one.account_id, "", carried.record_type, one.record_id, one.title)
            found.changed.append((holder, before, after))


def _fired(
    watched: WatchedRule, ids: Sequence[int], today: date, *sides: tuple[Overrides, FeedChanges]
) -> Iterator[Change]:
    """Yield what fires on one side and is silent, or not seen at all, on the other."""
    seen: dict[tuple[int, str], list[Sighting | None]] = {}
    for at, found in enumerate(watched.look(ids, today, sides)):
        for one in found:
            seen.setdefault((one.account_id, one.subject), [None, None])[at] = one
    for (account, _subject), pair in sorted(seen.items()):
        before, after = (Result(FIRES if one is not None and one.fires else SILENT, "") for one in pair)
        if before != after:
            says = next(one.says for one in reversed(pair) if one is not None)
            yield Holder(account, title=says), before, after


def _effect(row: tuple[int, str, str, int | None], holder: Holder, before: Result, after: Result) -> Effect:
    _, key, name, tier = row
    return Effect(holder, key, name, tier, before, after)


def _result(value: Decimal | int | str | None, band: str | None) -> Result:
    """Return what is kept of a result, as it is kept."""
    return Result(q6(value) if isinstance(value, Decimal | int) else value, band or "")
