"""The difference between two results of one rule: which part, how much, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Literal

from trackline.core.decimals import CONTEXT, ZERO, plain
from trackline.core.playbook.explained import Explained, Part, Value

Cause = Literal["input", "parameter", "missing", "known", "coverage"]
"""Why a part contributes differently: its input changed; a parameter changed; its input went missing, or became known;
the weight of other parts that went missing or became known fell on it."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """How one part changed; `delta` is the change of its contribution."""

    key: str
    label: str
    causes: tuple[Cause, ...]
    before: Part | None
    after: Part | None
    delta: Decimal

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        sides = {"before": self.before, "after": self.after}
        return {
            "key": self.key,
            "label": self.label,
            "causes": list(self.causes),
            "delta": plain(self.delta),
            **{name: side.to_json() if side else None for name, side in sides.items()},
        }


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter in force that differs; `path` is its name, with the key within it."""

    path: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        return {"path": self.path, "before": plain(self.before), "after": plain(self.after)}


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one result to another. `delta` is None where either has no number."""

    before: Value
    after: Value
    delta: Decimal | None
    bands: tuple[str | None, str | None]
    parts: tuple[PartChange, ...]
    parameters: tuple[ParameterChange, ...]
    went_missing: tuple[str, ...]
    became_known: tuple[str, ...]
    details: tuple[ParameterChange, ...]

    @property
    def empty(self) -> bool:
        """Tell whether nothing changed."""
        changed = self.parts or self.parameters or self.went_missing or self.became_known or self.details
        return not changed and self.before == self.after and self.bands[0] == self.bands[1]

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON has it."""
        return {
            "value": {"before": plain(self.before), "after": plain(self.after), "delta": plain(self.delta)},
            "band": {"before": self.bands[0], "after": self.bands[1]},
            "parts": [part.to_json() for part in self.parts],
            "parameters": [change.to_json() for change in self.parameters],
            "went_missing": list(self.went_missing),
            "became_known": list(self.became_known),
            "details": [change.to_json() for change in self.details],
        }


def compare(before: Explained, after: Explained) -> Difference:
    """Return the difference between two results of the same rule, parts by the size of their change.

    Where the rule is a weighted sum, the deltas of the parts sum to the delta of the value. Raises `ValueError` for
    results of different rules.
    """
    if before.rule != after.rule:
        raise ValueError(f"{before.rule} and {after.rule} cannot be compared: they are different rules")
    parameters = tuple(_leaves(before.parameters, after.parameters))
    with localcontext(CONTEXT):
        parts = sorted(_parts(before, after), key=lambda part: -abs(part.delta))
        delta = _delta(before.value, after.value)
    return Difference(
        before.value,
        after.value,
        delta,
        (before.band, after.band),
        tuple(parts),
        parameters,
        tuple(name for name in after.missing if name not in before.missing),
        tuple(name for name in before.missing if name not in after.missing),
        tuple(_leaves(before.details, after.details)),
    )


def _delta(before: Value, after: Value) -> Decimal | None:
    if isinstance(before, Decimal | int) and isinstance(after, Decimal | int):
        return Decimal(after - before)
    return None


def _parts(before: Explained, after: Explained) -> Iterator[PartChange]:
    old, new = _numbered(before.parts), _numbered(after.parts)
    covered = before.coverage_pct != after.coverage_pct
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        present = now or was
        assert present is not None
        delta = ((now and now.contribution) or ZERO) - ((was and was.contribution) or ZERO)
        yield PartChange(present.key, present.label, tuple(_causes(was, now, covered=covered)), was, now, delta)


def _numbered(parts: Iterable[Part]) -> dict[tuple[str, int], Part]:
    """Parts by key and by how many of that key came before: the keys of rows are the caller's, who may give one twice."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Part] = {}
    for part in parts:
        found[part.key, seen[part.key]] = part
        seen[part.key] += 1
    return found


def _causes(was: Part | None, now: Part | None, *, covered: bool) -> Iterator[Cause]:
    if was is None or now is None:
        yield "known" if was is None else "missing"
        return
    if was.input != now.input:
        yield "input"
    judged = was.input == now.input and (was.points != now.points or was.band != now.band)
    if judged or was.weight != now.weight:
        yield "parameter"
    if covered and was.contribution != now.contribution:
        yield "coverage"


def _leaves(before: Any, after: Any, path: str = "") -> Iterator[ParameterChange]:
    """Yield what differs between two trees of maps; lists count as one value."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _leaves(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield ParameterChange(path, before, after)
