"""The figures in force on a day: the rule's own, with what administrators laid over them, all accounts < tier < account."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from trackline.accounts.held import held
from trackline.accounts.models import RuleOverride
from trackline.core.playbook import InForce, Rule, RunRefused, rulebook
from trackline.core.playbook.parameters import stacked

log = logging.getLogger(__name__)

Changes = Mapping[str, Any]
Slot = tuple[str, int | None, int | None, str]
"""Scope, tier, account, preset: versions of one slot replace each other."""


def slot_of(row: RuleOverride) -> Slot:
    """Return what a version stands for."""
    return (row.scope, row.tier, row.account_id, row.preset)


@dataclass(frozen=True)
class Overrides:
    """What is laid over every rule on one day."""

    slots: Mapping[str, Mapping[Slot, Changes]]
    """By rule; slots without changes are left out."""
    _resolved: dict[tuple[Any, ...], InForce] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, on: date) -> Overrides:
        """Read what is in force on a day; one query, within `read_once` in none but the first."""
        kept = held()
        if kept is None:
            return cls.among(RuleOverride.objects.filter(from_on__lte=on), on)
        if (cls, on) not in kept:
            kept[cls, on] = cls.among(RuleOverride.objects.filter(from_on__lte=on), on)
        return kept[cls, on]  # type: ignore[no-any-return]

    @classmethod
    def among(cls, rows: Iterable[RuleOverride], on: date) -> Overrides:
        """Return what is in force on a day, of versions already read: of each slot the latest that has begun."""
        newest: dict[str, dict[Slot, RuleOverride]] = {}
        for row in sorted(rows, key=lambda row: (row.from_on, row.number)):
            if row.from_on <= on:
                newest.setdefault(row.rule, {})[slot_of(row)] = row
        slots = {
            rule: {slot: row.changes for slot, row in found.items() if row.changes} for rule, found in newest.items()
        }
        return cls({rule: found for rule, found in slots.items() if found})

    def having(self, rule_id: str, slot: Slot, changes: Changes) -> Overrides:
        """Return the same with one slot's changes replaced, or taken out where they are empty."""
        mine = {key: value for key, value in self.slots.get(rule_id, {}).items() if key != slot}
        return Overrides({**self.slots, rule_id: {**mine, slot: changes} if changes else mine})

    def of(self, rule_id: str, *, tier: int | None, account_id: int | None, preset: str = "") -> Changes:
        """Return what is laid over a rule for an account, as `Rule.in_force` takes it; empty: nothing.

        Without an account and tier: what holds for all. `preset` "" is the rule's default preset.
        """
        mine = self.slots.get(rule_id)
        if not mine:
            return {}
        named = preset or (rulebook().get(rule_id).data.default_preset if rule_id in rulebook() else "") or ""
        merged: Changes = {}
        for slot in _slots(tier, account_id, named):
            if slot in mine:
                merged = stacked(merged, mine[slot])
        return merged

    def in_force(
        self, rule: Rule, on: date, *, tier: int | None = None, account_id: int | None = None, preset: str = ""
    ) -> InForce:
        """Return the parameters of a rule for an account on a day; resolved once for each distinct combination.

        Changes that no longer fit the rule, after an upgrade of the program, are left out and logged.
        """
        mine = self.slots.get(rule.id)
        if not mine:
            return rule.in_force(on, preset or None)
        named = preset or rule.data.default_preset or ""
        held = tuple(slot for slot in _slots(tier, account_id, named) if slot in mine)
        key = (rule.id, on, preset, held)
        found = self._resolved.get(key)
        if found is None:
            changes = self.of(rule.id, tier=tier, account_id=account_id, preset=preset)
            try:
                found = rule.in_force(on, preset or None, changes)
            except RunRefused as refused:
                log.warning("%s: what administrators laid over it no longer fits: %s", rule.id, refused)
                found = rule.in_force(on, preset or None)
            self._resolved[key] = found
        return found


def _slots(tier: int | None, account_id: int | None, preset: str) -> Iterable[Slot]:
    """Yield the slots that count, the wider ones first."""
    scopes: list[tuple[str, int | None, int | None]] = [(RuleOverride.Scope.ALL.value, None, None)]
    if tier is not None:
        scopes.append((RuleOverride.Scope.TIER.value, tier, None))
    if account_id is not None:
        scopes.append((RuleOverride.Scope.ACCOUNT.value, None, account_id))
    for scope in scopes:
        yield (*scope, "")
        if preset:
            yield (*scope, preset)
