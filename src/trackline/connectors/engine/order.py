"""In which order the tables of an import come: what others point to first."""

from __future__ import annotations

from collections.abc import Iterable

from trackline.connectors.mapping.plan import TablePlan
from trackline.kit.records.types import registry

ORDER = ("user", "product", "account", "business_unit", "contact", "contract", "route", "issue", "interaction", "note")
"""The types that are imported in bulk, in their order; all others come after them."""
SETTINGS = ("pipeline", "stage", "journey_dimension", "playbook", "scoring_model")
"""What the book is set up with, before anything that is kept in it."""


def in_order(tables: Iterable[TablePlan]) -> list[TablePlan]:
    """Return tables so that no row needs one that comes later; where two types point to each other, need decides."""
    tables = list(tables)
    names = list(dict.fromkeys(table.type for table in tables))
    first = [name for name in (*SETTINGS, *ORDER) if name in names]
    place = {name: number for number, name in enumerate([*first, *_sorted([n for n in names if n not in first])])}
    return sorted(tables, key=lambda table: place[table.type])


def _sorted(names: list[str]) -> list[str]:
    specs = {name: [spec for spec in registry.get(name).specs.values() if spec.target in names] for name in names}
    needs = {name: {spec.target for spec in specs[name] if spec.required} for name in names}
    found: list[str] = []

    def needed_by(name: str, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        for target in needs[name] - seen:
            seen = needed_by(target, seen | {target})
        return seen

    def visit(name: str, on_the_way: frozenset[str]) -> None:
        if name in found:
            return
        for spec in specs[name]:
            wished = spec.required or name not in needed_by(spec.target)
            if wished and spec.target not in on_the_way:
                visit(spec.target, on_the_way | {name})
        found.append(name)

    for name in names:
        visit(name, frozenset())
    return found
