"""What adjusted figures would do to the whole book, before they are saved. Nothing is stored.

The inputs of the accounts in reach are collected once, and the rule runs on them twice, under the figures in force and with
the adjustment laid over them, as it does when scores are computed; so what is shown is what saving brings. The number of
queries grows with the size of the book only by its batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, RuleOverride
from trackline.accounts.rulebook.computing import run_collected
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, live_rule
from trackline.accounts.rulebook.overrides import Changes, Overrides, Slot
from trackline.core.decimals import ZERO, plain, q6
from trackline.core.playbook import Explained, Rule

AT_ONCE = 2000
"""So many accounts are held in memory at a time."""
MOST_TOLD = 200
"""So many accounts are told one by one in JSON."""


@dataclass(frozen=True)
class Result:
    """What the rule says of an account: a number on six decimals, a word, or None; and a colour, "" where it has none."""

    value: Decimal | str | None
    band: str


@dataclass(frozen=True)
class Effect:
    """An account whose score would change."""

    account_id: int
    key: str
    name: str
    tier: int | None
    preset: str
    before: Result
    after: Result

    @property
    def delta(self) -> Decimal | None:
        """The change of the value, None where either has no number."""
        before, after = self.before.value, self.after.value
        return after - before if isinstance(before, Decimal) and isinstance(after, Decimal) else None

    @property
    def changes_band(self) -> bool:
        """Whether the colour changes."""
        return self.before.band != self.after.band

    def to_json(self) -> dict[str, Any]:
        """Return the effect as JSON has it."""
        sides = {"before": self.before, "after": self.after}
        return {
            "account": str(self.account_id),
            "key": self.key,
            "name": self.name,
            "tier": self.tier,
            "preset": self.preset,
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
    """The effect of an adjustment; `live` tells whether the rule runs on accounts at all."""

    live: bool
    accounts: int = 0
    effects: Sequence[Effect] = ()
    """Those that change, band changes first, then by size."""
    tiers: Sequence[TierMove] = ()
    reached: Sequence[int] = field(default=(), repr=False)
    """Ids of the accounts in reach, whether or not they change."""

    @property
    def bands(self) -> list[tuple[str, str, int]]:
        """How many accounts go from which colour to which, the most first."""
        moves = Counter((one.before.band, one.after.band) for one in self.effects if one.changes_band)
        return [(*move, count) for move, count in moves.most_common()]

    @property
    def summary(self) -> dict[str, Any]:
        """Return the effect in counts, as versions keep it."""
        return {
            "accounts": self.accounts,
            "changed": len(self.effects),
            "bands": [{"from": before or None, "to": after or None, "count": n} for before, after, n in self.bands],
            "tiers": len(self.tiers),
        }

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


def preview(rule: Rule, slot: Slot, changes: Changes, today: date, *, from_on: date | None = None) -> Preview:
    """Return what laying changes over a rule for a slot would do, on today's records and the figures of `from_on`."""
    now = Overrides.load(from_on or today)
    then = now.having(rule.id, slot, changes)
    tiers = _tier_effects[rule.id](rule, now, then, today) if rule.id in _tier_effects else ()
    live = live_rule(rule.id)
    if live is None:
        return Preview(bool(tiers) or rule.id in _tier_effects, tiers=tiers)
    ids = _reach(slot)
    scored = 0
    found: list[tuple[int, str, Result, Result]] = []
    for start in range(0, len(ids), AT_ONCE):
        batch = Batch(ids[start : start + AT_ONCE], [today], [live])
        scored += len(batch.tiers)
        found += _changed(live, batch, now, then, today)
    known = {row.pk: row for row in Account.objects.filter(pk__in={one[0] for one in found})}
    effects = [_effect(known[pk], preset, before, after) for pk, preset, before, after in found]
    effects.sort(key=lambda one: (not one.changes_band, -abs(one.delta or ZERO), one.name))
    return Preview(True, scored, effects, tiers, ids)


def _changed(
    live: LiveRule, batch: Batch, now: Overrides, then: Overrides, today: date
) -> Iterator[tuple[int, str, Result, Result]]:
    """Yield accounts and presets whose result differs."""
    collected = live.collect(batch.ids, today, batch)
    for pk, tier in batch.tiers.items():
        found = collected.get(pk) or Collected()
        for preset in live.presets:
            pair = [side.in_force(live.rule, today, tier=tier, account_id=pk, preset=preset) for side in (now, then)]
            if pair[0].version == pair[1].version:
                continue  # a narrower version stands above the adjustment
            before, after = (_result(run_collected(live.rule, preset, one, found, today)) for one in pair)
            if before != after:
                yield pk, preset, before, after


def _result(found: Explained) -> Result:
    """Return what is kept of a result, as it is kept."""
    value = q6(found.value) if isinstance(found.value, Decimal | int) else found.value
    return Result(value, found.band or "")


def _reach(slot: Slot) -> list[int]:
    scope, tier, account, _preset = slot
    rows = Account.objects.filter(deleted_at__isnull=True)
    if scope == RuleOverride.Scope.TIER:
        rows = rows.filter(tier=tier)
    if scope == RuleOverride.Scope.ACCOUNT:
        rows = rows.filter(pk=account)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _effect(account: Account, preset: str, before: Result, after: Result) -> Effect:
    return Effect(account.pk, account.key, account.name, account.tier, preset, before, after)
