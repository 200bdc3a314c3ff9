"""The figures of a rule as its page shows them: values, where each comes from, what was adjusted, values over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rulebook.figures import figures
from trackline.core.playbook import Rule
from trackline.core.playbook.data import DatedValue
from trackline.core.playbook.parameters import Misplaced
from trackline.workspace.queries.rulebook.words import (
    ORIGINS,
    BandRange,
    Source,
    band_ranges,
    columns_of,
    figure,
    is_bands,
    source_of,
    within,
    words_of,
)


@dataclass(frozen=True)
class Line:
    """One number of a figure; `shipped` is the rule's own where an administrator adjusted it, `share` of the largest."""

    label: str
    value: str
    share: Decimal | None = None
    shipped: str = ""


@dataclass(frozen=True)
class Earlier:
    """A value that was, or will be, in force from a day on."""

    since: date | None
    value: str
    origin: str
    source: Source


@dataclass(frozen=True)
class Figure:
    """A parameter: `shape` says how it is drawn (`bands`, `weights`, `table`, `grid`, `one`)."""

    name: str
    says: str
    unit: str
    shape: str
    lines: Sequence[Line]
    columns: Sequence[str]
    grid: Sequence[tuple[str, Sequence[Line]]]
    """Of the shape `grid`: the parts, each with a number for every column."""
    bands: Sequence[BandRange]
    shipped_bands: Sequence[BandRange]
    origin: str
    origin_says: str
    source: Source
    why: str
    adjusted: bool
    values: Sequence[Earlier]


def figures_of(rule: Rule, on: date, preset: str, changes: Mapping[str, Any]) -> list[Figure]:
    """Return the figures of a rule in force on a day, with what administrators laid over them."""
    own = figures(rule, on, preset)
    try:
        held = figures(rule, on, preset, changes)
    except Misplaced:  # laid over an earlier version of the rule
        held = own
    named = preset or rule.data.default_preset or ""
    of_preset = rule.data.presets.get(named)
    found = []
    for name, item in rule.data.parameters.items():
        dated = item.at(on)
        from_preset = of_preset is not None and name in of_preset.parameters
        origin, source, why = (
            (of_preset.origin, of_preset.source, of_preset.why)
            if of_preset is not None and from_preset
            else (dated.origin, dated.source, dated.why)
        )
        value, shipped = held[name], own[name]
        shape = _shape(name, value)
        found.append(
            Figure(
                name=name,
                says=item.says,
                unit=item.unit or "",
                shape=shape,
                lines=list(_lines(shape, value, shipped, item.says)),
                columns=[words_of(key) for key in columns_of(value)] if shape == "grid" else (),
                grid=list(_grid(value, shipped)) if shape == "grid" else (),
                bands=list(band_ranges(value)) if shape == "bands" else (),
                shipped_bands=list(band_ranges(shipped)) if shape == "bands" and value != shipped else (),
                origin=origin,
                origin_says=ORIGINS[origin],
                source=source_of(source),
                why=why or "",
                adjusted=value != shipped,
                values=[_earlier(one) for one in item.values] if len(item.values) > 1 else (),
            )
        )
    return found


def _shape(name: str, value: Any) -> str:
    if is_bands(value):
        return "bands"
    if columns_of(value):
        return "grid"
    if isinstance(value, Mapping):
        return "weights" if name.endswith("weights") else "table"
    return "one"


def _lines(shape: str, value: Any, shipped: Any, says: str) -> Iterator[Line]:
    if shape in ("bands", "grid"):
        return
    if shape == "one":
        yield Line(says, figure(value), shipped=figure(shipped) if value != shipped else "")
        return
    most = max((Decimal(str(item)) for item in value.values() if isinstance(item, int | float)), default=Decimal(0))
    for key, item in value.items():
        was = shipped.get(key) if isinstance(shipped, Mapping) else None
        share = (
            Decimal(str(item)) / most * 100 if shape == "weights" and most and isinstance(item, int | float) else None
        )
        yield Line(words_of(str(key)), figure(item), share, figure(was) if was != item else "")


def _grid(value: Mapping[str, Any], shipped: Any) -> Iterator[tuple[str, list[Line]]]:
    for key, part in value.items():
        was = shipped.get(key, {}) if isinstance(shipped, Mapping) else {}
        lines = [
            Line(words_of(name), figure(item), shipped="" if item == was.get(name, item) else figure(was[name]))
            for name, item in part.items()
        ]
        yield words_of(str(key)), lines


def _earlier(dated: DatedValue) -> Earlier:
    return Earlier(dated.since, figure(dated.value), dated.origin, source_of(dated.source))


@dataclass(frozen=True)
class Move:
    """One figure that a version moved."""

    label: str
    before: str
    after: str


def moves_of(rule: Rule, moves: Sequence[Mapping[str, Any]]) -> list[Move]:
    """Return what a version moved, as it reads."""
    return [Move(path_words(rule, str(one["path"])), figure(one["before"]), figure(one["after"])) for one in moves]


def path_words(rule: Rule, path: str) -> str:
    """A path into the figures as it reads: `weights.product_usage` → Weight of each category, product usage."""
    name, _, rest = path.partition(".")
    item = rule.data.parameters.get(name)
    says = item.says if item else words_of(name)
    keys = [key.upper() if key.startswith(("t1", "t2", "t3")) else within(key) for key in rest.split(".") if key]
    return ", ".join([says, *keys])
