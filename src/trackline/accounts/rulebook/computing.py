"""Scores of accounts on a day, computed and not yet stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        blank: dict[tuple[object, ...], Score] = {}
        for pk, tier in batch.tiers.items():
            collected = found.get(pk) or Collected()
            for preset in live.presets:
                named = preset_of(live.rule, preset, collected.values)
                in_force = overrides.in_force(live.rule, on, tier=tier, account_id=pk, preset=named)
                if collected.values or any(one.get("last_on") for one in collected.missing):
                    yield _score(pk, live.rule, preset, in_force, collected, on)
                    continue
                # Of accounts that nothing is known of, one is computed for all.
                told = (preset, in_force.version, tuple(one["input"] for one in collected.missing))
                if told not in blank:
                    blank[told] = _score(pk, live.rule, preset, in_force, collected, on)
                yield _copy(blank[told], pk)


def preset_of(rule: Rule, preset: str, given: Mapping[str, Any]) -> str:
    """Return the preset whose figures count: the one that is computed, or the one that the account's inputs choose."""
    named = given.get(PRESET)
    return str(named) if not preset and named in rule.data.presets else preset


def _score(pk: int, rule: Rule, preset: str, in_force: InForce, found: Collected, on: date) -> Score:
    result = run_collected(rule, preset, in_force, found, on)
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
        "inputs": {name: _told(value, found.sources.get(name)) for name, value in found.values.items()},
        "missing": _missing(found, result),
        "notes": list(result.notes),
        "details": plain(result.details),
        "version": result.version,
    }
    return instance(Score, fields)


def _copy(score: Score, pk: int) -> Score:
    return instance(Score, score.__dict__ | {"account_id": pk})


def _told(value: object, source: object) -> dict[str, object]:
    given = {"value": plain(value)}
    if isinstance(source, list | tuple):
        return given | {"sources": plain(source)}
    return given | (plain(source) if source else {})


def _missing(found: Collected, result: Explained) -> list[dict[str, object]]:
    told = {one["input"] for one in found.missing}
    own = [{"input": name, "last_on": None} for name in result.missing if name not in told and name not in found.values]
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
