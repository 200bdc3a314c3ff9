"""What differs between two versions of the steps of a playbook, by the key of a step. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NAMES: Mapping[str, str] = {
    "title": "title", "offset_days": "day", "owner_role": "role", "description": "instructions", "condition": "check",
}  # fmt: skip


@dataclass(frozen=True)
class StepDifference:
    """A step that was `added`, `removed` or `changed`; `fields` are the parts that changed, from and to."""

    key: str
    title: str
    kind: str
    fields: Sequence[tuple[str, Any, Any]] = ()


def difference(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[StepDifference]:
    """Return what differs, in the order of the later version, then what is gone."""
    old, new = ({step["key"]: step for step in steps} for steps in (before, after))
    found = []
    for key, step in new.items():
        if key not in old:
            found.append(StepDifference(key, step["title"], "added"))
            continue
        fields = [
            (label, old[key].get(name), step.get(name))
            for name, label in NAMES.items()
            if (old[key].get(name) or None) != (step.get(name) or None)
        ]
        if fields:
            found.append(StepDifference(key, step["title"], "changed", fields))
    return found + [StepDifference(key, step["title"], "removed") for key, step in old.items() if key not in new]
