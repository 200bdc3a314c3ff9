"""Stored scores as they are told: each input with the readings or records it came from, the ledger in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Observation, Score, ScoreChange
from trackline.accounts.rulebook.ledger import explained, parameters_of
from trackline.core.decimals import plain
from trackline.core.playbook import Rule, RuleUnknown, rulebook

Found = Mapping[int, tuple[str, str, Any, date, bool]]
"""Observations by id: key and name of the metric, value, day, whether it still stands."""


@dataclass(frozen=True)
class Source:
    """Where an input came from; `age_days` is counted on the day of the score, `metric` is the key of a reading's."""

    record_type: str
    record_id: int | None
    label: str
    on: date | None
    age_days: int | None
    metric: str = ""
    value: Any = None
    gone: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the source as JSON has it."""
        return {
            "record_type": self.record_type or None,
            "record_id": None if self.record_id is None else str(self.record_id),
            "label": self.label,
            "on": self.on.isoformat() if self.on else None,
            "age_days": self.age_days,
            "metric": self.metric or None,
            "value": plain(self.value),
        }


@dataclass(frozen=True)
class Input:
    """One input of a score."""

    name: str
    value: Any
    sources: Sequence[Source]

    def to_json(self) -> dict[str, Any]:
        """Return the input as JSON has it."""
        return {"name": self.name, "value": self.value, "sources": [one.to_json() for one in self.sources]}


def inputs_of(scores: Iterable[Score]) -> dict[tuple[int, str, str, date], list[Input]]:
    """Return the inputs of scores with their sources, by account, rule, preset and day; one query for all readings."""
    listed = list(scores)
    ids = {pk for score in listed for told in score.inputs.values() for pk in told.get("observations", ())}
    found: dict[int, tuple[str, str, Any, date, bool]] = {}
    if ids:
        rows = Observation.objects.filter(pk__in=ids)
        for pk, key, name, value, on, deleted in rows.values_list(
            "pk", "metric__key", "metric__name", "value", "on", "deleted_at"
        ):
            found[pk] = (key, name, value, on, deleted is not None)
    return {
        (*score.key, score.on): [_input(name, told, score.on, found) for name, told in score.inputs.items()]
        for score in listed
    }


def _input(name: str, told: Mapping[str, Any], on: date, found: Found) -> Input:
    sources = [_reading(pk, on, found) for pk in told.get("observations", ())]
    records = told.get("sources") or ([told] if told.get("record_type") else [])
    sources += [_record(one) for one in records]
    return Input(name, told["value"], sources)


def _reading(pk: int, on: date, found: Found) -> Source:
    if pk not in found:
        return Source("observation", pk, "A reading that is no longer there", None, None, gone=True)
    key, name, value, day, gone = found[pk]
    return Source("observation", pk, name, day, (on - day).days, key, value, gone)


def _record(told: Mapping[str, Any]) -> Source:
    on = told.get("on")
    pk = told.get("record_id")
    return Source(
        str(told.get("record_type", "")),
        None if pk is None else int(pk),
        str(told.get("label", "")),
        date.fromisoformat(on) if on else None,
        told.get("age_days"),
        str(told.get("metric", "")),
    )


def scores_json(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Return scores in the explained shape of the interface, with inputs and their sources; two queries."""
    parameters = parameters_of({score.version for score in scores})
    inputs = inputs_of(scores)
    return [
        {
            **explained(score, parameters.get(score.version, {})).to_json(),
            "title": title_of(score.rule),
            "preset": score.preset or None,
            "inputs": [one.to_json() for one in inputs[*score.key, score.on]],
            "missing_inputs": score.missing,
        }
        for score in scores
    ]


def point_json(score: Score) -> dict[str, Any]:
    """Return what a line over time shows of a score."""
    return {
        "on": score.on.isoformat(),
        "value": score.text or plain(score.value),
        "band": score.band or None,
        "coverage_pct": plain(score.coverage_pct),
        "version": score.version,
    }


def change_json(change: ScoreChange) -> dict[str, Any]:
    """Return a line of the ledger."""
    return {
        "id": str(change.pk),
        "rule": change.rule,
        "preset": change.preset or None,
        "at": change.at,
        "on": change.on.isoformat(),
        "from": {"value": plain(change.from_value), "band": change.from_band or None},
        "to": {"value": plain(change.to_value), "band": change.to_band or None},
        "difference": change.difference or None,
        "cause": change.cause,
        "by": {"id": str(change.by_id), "name": change.by.name} if change.by else None,
    }


def rule_of(rule_id: str) -> Rule | None:
    """Return a rule, or None where a stored score names one that is no longer there."""
    try:
        return rulebook().get(rule_id)
    except RuleUnknown:
        return None


def title_of(rule_id: str) -> str:
    """Return the title of a rule, or its id where it is no longer there."""
    found = rule_of(rule_id)
    return found.title if found else rule_id
