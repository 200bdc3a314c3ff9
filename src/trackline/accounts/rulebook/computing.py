"""Scores of accounts on a day, computed and not yet stored."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Score
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, live_rules
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import plain, q6
from trackline.core.playbook import Explained, InForce, Rule, RunRefused
from trackline.core.playbook.inputs import read_inputs
from trackline.core.playbook.rules import PRESET
from trackline.kit.many import instance


def compute_scores(
    account_ids: Iterable[int],
    on: date,
    *,
    rules: Sequence[LiveRule] | None = None,
    overrides: Overrides | None = None,
) -> list[Score]:
    """Return what rules find on accounts on a day; nothing is stored."""
    chosen = live_rules() if rules is None else list(rules)
    batch = Batch(account_ids, [on], chosen)
    return list(scores_of(batch, on, overrides or Overrides.load(on)))


def scores_of(batch: Batch, on: date, overrides: Overrides) -> Iterator[Score]:
    """Yield the scores of a batch on one of its days; before today only of rules that can look back."""
    for live in batch.rules:
        if on != batch.today and not live.past:
            continue
        found = live.collect(batch.ids, on, batch)
        alike = _Alike(live.rule, on)
        for pk, tier in batch.tiers.items():
            collected = found.get(pk) or Collected()
            for preset in live.presets:
                named = preset_of(live.rule, preset, collected.values)
                in_force = overrides.in_force(live.rule, on, tier=tier, account_id=pk, preset=named)
                yield alike.score(pk, preset, in_force, collected)


class _Alike:
    """Scores of one rule on one day. Accounts of which a rule is told the same have the same score: it is found once for all.

    In a book that was just imported hardly any account differs from the next in what most rules look at.
    """

    def __init__(self, rule: Rule, on: date) -> None:
        self._rule = rule
        self._on = on
        self._first: dict[Hashable, tuple[Score, tuple[str, ...]]] = {}

    def score(self, pk: int, preset: str, in_force: InForce, found: Collected) -> Score:
        """Return the score of an account from what was collected of it."""
        # Written out, values are told apart by their kinds too: 1, 1.0 and "1" are three things.
        key = (preset, in_force.version, repr(found.values))
        if key not in self._first:
            result = run_collected(self._rule, preset, in_force, found, self._on)
            score = _score(pk, self._rule, preset, found, result, self._on)
            if repr(found.values) == key[2]:
                self._first[key] = score, result.missing
            # else a value was refused and is gone: the next account has to tell of its own.
            return score
        first, missing = self._first[key]
        own = {"account_id": pk, "missing": _missing(found, missing)}
        if found.sources:
            own["inputs"] = {name: _of(one["value"], found.sources.get(name)) for name, one in first.inputs.items()}
        return instance(Score, first.__dict__ | own)


def preset_of(rule: Rule, preset: str, given: Mapping[str, Any]) -> str:
    """Return the preset whose figures count: the one that is computed, or the one that the account's inputs choose."""
    named = given.get(PRESET)
    return str(named) if not preset and named in rule.data.presets else preset


def _score(pk: int, rule: Rule, preset: str, found: Collected, result: Explained, on: date) -> Score:
    number = isinstance(result.value, Decimal | int)
    fields = {
        "id": None,
        "account_id": pk,
        "rule": rule.id,
        "preset": preset,
        "on": on,
        "value": q6(result.value) if isinstance(result.value, Decimal | int) else None,
        "text": "" if number or result.value is None else str(result.value),
        "band": result.band or "",
        "coverage_pct": q6(result.coverage_pct),
        "parts": [part.to_json() for part in result.parts],
        "inputs": {name: _of(plain(value), found.sources.get(name)) for name, value in found.values.items()},
        "missing": _missing(found, result.missing),
        "notes": list(result.notes),
        "details": plain(result.details),
        "version": result.version,
    }
    return instance(Score, fields)


def _of(value: object, source: object) -> dict[str, object]:
    """An input as it is kept: its value, and the readings or records that it is from."""
    given = {"value": value}
    if isinstance(source, list | tuple):
        return given | {"sources": plain(source)}
    return given | (plain(source) if source else {})


def _missing(found: Collected, names: Sequence[str]) -> list[dict[str, object]]:
    if not names:
        return found.missing
    told = {one["input"] for one in found.missing}
    own = [{"input": name, "last_on": None} for name in names if name not in told and name not in found.values]
    return [*found.missing, *own]


def run_collected(rule: Rule, preset: str, in_force: InForce, found: Collected, on: date) -> Explained:
    """Run a rule; a reading that is outside what an input can be is left out and told as missing.

    Where an input that the rule cannot do without is missing, the result has no value.
    """
    given = {**found.values, PRESET: preset} if preset else found.values
    try:
        return rule.explain(read_inputs(rule.inputs, given), in_force, on)
    except RunRefused as refused:
        for name in {str(error["loc"][1]) for error in refused.errors if len(error["loc"]) > 1}:
            if name in found.values:
                found.values.pop(name)
                source = found.sources.pop(name, None)
                last = source.get("on") if isinstance(source, dict) else None
                found.missing.append({"input": name, "last_on": last, "refused": True})
    given = {**found.values, PRESET: preset} if preset else found.values
    try:
        return rule.explain(read_inputs(rule.inputs, given), in_force, on)
    except RunRefused as refused:
        names = {str(error["loc"][1]) for error in refused.errors if len(error["loc"]) > 1}
        return _without_value(rule, in_force, sorted(names), on)


def _without_value(rule: Rule, in_force: InForce, names: Sequence[str], on: date) -> Explained:
    nothing = Decimal(0)
    told = (in_force.echo, in_force.version, rule.data.sources, on)
    return Explained(rule.id, None, "unknown", nothing, (), tuple(names), (), {}, *told)
