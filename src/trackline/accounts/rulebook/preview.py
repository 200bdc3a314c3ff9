"""What adjusted figures would do to the whole book, before they are saved. Nothing is stored.

The rule runs twice over the accounts in reach, under the figures in force and with the adjustment laid over them, by the
same code that computes scores; so what is shown is what saving brings. The number of queries grows with the size of the
book only by its batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Account, RuleOverride, Score
from trackline.accounts.rulebook.computing import scores_of
from trackline.accounts.rulebook.live import Batch, live_rule
from trackline.accounts.rulebook.overrides import Changes, Overrides, Slot
from trackline.core.decimals import ZERO, plain
from trackline.core.playbook import Rule

AT_ONCE = 2000
"""So many accounts are held in memory at a time."""
MOST_TOLD = 200
"""So many accounts are told one by one in JSON."""


@dataclass(frozen=True)
class Effect:
    """An account whose score would change."""

    account_id: int
    key: str
    name: str
    tier: int | None
    preset: str
    before: Score
    after: Score

    @property
    def delta(self) -> Decimal | None:
        """The change of the value, None where either has no number."""
        if self.before.value is None or self.after.value is None:
            return None
        return Decimal(self.after.value) - Decimal(self.before.value)

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
            **{name: {"value": _value(score), "band": score.band or None} for name, score in sides.items()},
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
    pairs: list[tuple[Score, Score]] = []
    scored: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        batch = Batch(ids[start : start + AT_ONCE], [today], [live])
        for before, after in zip(scores_of(batch, today, now), scores_of(batch, today, then), strict=True):
            scored.add(before.account_id)
            if _value(before) != _value(after) or before.band != after.band:
                pairs.append((before, after))
    known = {row.pk: row for row in Account.objects.filter(pk__in={before.account_id for before, _ in pairs})}
    effects = [_effect(known[before.account_id], before, after) for before, after in pairs]
    effects.sort(key=lambda one: (not one.changes_band, -abs(one.delta or ZERO), one.name))
    return Preview(True, len(scored), effects, tiers, ids)


def _reach(slot: Slot) -> list[int]:
    scope, tier, account, _preset = slot
    rows = Account.objects.filter(deleted_at__isnull=True)
    if scope == RuleOverride.Scope.TIER:
        rows = rows.filter(tier=tier)
    if scope == RuleOverride.Scope.ACCOUNT:
        rows = rows.filter(pk=account)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _effect(account: Account, before: Score, after: Score) -> Effect:
    return Effect(account.pk, account.key, account.name, account.tier, before.preset, before, after)


def _value(score: Score) -> Any:
    return score.text or plain(score.value)
