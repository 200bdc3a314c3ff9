"""The figures of a rule as they are written, cuts with their tests: what forms show, and what a version moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from trackline.core.decimals import plain
from trackline.core.playbook import Rule
from trackline.core.playbook.data import raw_values
from trackline.core.playbook.parameters import overlay

Figures = Mapping[str, Any]


def figures(rule: Rule, on: date, preset: str = "", changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the figures of a rule on a day, under a preset ("": its default), with changes laid over.

    Raises `Misplaced` for changes that have no place.
    """
    raw: Any = raw_values(rule.data.parameters, on)
    named = preset or rule.data.default_preset
    if named in rule.data.presets:
        raw = overlay(raw, rule.data.presets[named].parameters)
    if changes:
        raw = overlay(raw, changes)
    return {name: plain(value) for name, value in raw.items()}


def moved(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Yield what differs between two sets of figures as `{"path", "before", "after"}`; a list counts as one figure."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from moved(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield {"path": path, "before": before, "after": after}
