"""What if: a rule on inputs and figures of one's own, beside what it says of where one started. Nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.rulebook.figures import figures
from trackline.accounts.rulebook.overrides import Changes
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.decimals import plain
from trackline.core.playbook import Difference, Explained, Rule, RunRefused, compare
from trackline.core.playbook.describe import input_schema
from trackline.core.playbook.difference import PartChange
from trackline.core.playbook.parameters import Misplaced, stacked
from trackline.core.playbook.rules import PRESET
from trackline.core.scales import CUT, Bands, Cut
from trackline.kit import formats
from trackline.watch.rules.signals import control_chart
from trackline.workspace.queries.rulebook.entry import label_of
from trackline.workspace.queries.rulebook.figures import path_words
from trackline.workspace.queries.rulebook.words import figure, is_bands, words_of

MOST_ROWS = 40
FIRING = {0: "silent", 1: "fires"}
FAR = 10
"""A value so many times its highest limit is not what the limits are about, or would draw them as one point."""


@dataclass(frozen=True)
class Start:
    """Where a form starts from: inputs, whose they are, and what is laid over the rule there."""

    inputs: Mapping[str, Any]
    label: str
    changes: Changes = field(default_factory=dict)
    account: int | None = None
    account_name: str = ""
    account_key: str = ""


@dataclass(frozen=True)
class PartRow:
    """A part of the result, with its bar in % of the longest, and how it differs from the start."""

    label: str
    said: str
    band: str | None
    weight: str
    value: str
    share: Decimal | None
    delta: Decimal | None


@dataclass(frozen=True)
class Table:
    """A detail that is a list of objects."""

    label: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: int


@dataclass(frozen=True)
class Zone:
    """A band on the scale, in % of its length."""

    band: str
    at: float
    width: float


@dataclass(frozen=True)
class Scale:
    """The value among the limits of its bands; places are in %."""

    zones: Sequence[Zone]
    ticks: Sequence[tuple[float, str]]
    now: float
    was: float | None
    says: str


@dataclass(frozen=True)
class Outcome:
    """The answer of a what-if form."""

    errors: Sequence[tuple[str, str]] = ()
    result: Explained | None = None
    before: Explained | None = None
    difference: Difference | None = None
    value: str = ""
    was: str = ""
    parts: Sequence[PartRow] = ()
    scale: Scale | None = None
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    causes: Sequence[str] = ()
    missing: Sequence[str] = ()
    request: str = ""
    counts: bool = True
    """Whether its value counts or measures something; that of a signal says whether it fires."""

    @property
    def differs(self) -> bool:
        """Whether it says anything else than where one started."""
        return self.difference is not None and not self.difference.empty


def run(rule: Rule, start: Start, inputs: Mapping[str, Any], laid: Mapping[str, Any], on: date) -> Outcome:
    """Run a rule on inputs, with figures laid over those in force for this run alone."""
    changes = stacked(start.changes, laid) if laid else start.changes
    try:
        result = rule(inputs, as_of=on, parameters=changes or None)
    except RunRefused as refused:
        return Outcome(errors=[_error(rule, error) for error in refused.errors])
    before = None
    with suppress(RunRefused):  # where the start lacks an input that must be there, there is nothing to compare with
        before = rule(start.inputs, as_of=on, parameters=start.changes or None)
    difference = compare(before, result) if before is not None else None
    facts, tables = _details(result.details)
    body: dict[str, Any] = {"inputs": plain(inputs), "as_of": on.isoformat()}
    return Outcome(
        result=result,
        before=before,
        difference=difference,
        value=said(rule, result.value),
        was=said(rule, before.value) if before else "",
        counts=result.value not in FIRING or not _fires(rule),
        parts=list(_parts(result, difference)),
        scale=_scale(rule, result, before, changes, inputs, on),
        facts=facts,
        tables=tables,
        causes=list(_causes(rule, difference)) if difference else (),
        missing=[_input_label(rule, name) for name in result.missing],
        request=json.dumps(body | ({"parameters": plain(changes)} if changes else {}), indent=1, ensure_ascii=False),
    )


def said(rule: Rule, value: Any) -> str:
    """Return the value of a rule as it reads; of a signal whether it fires."""
    return FIRING[value] if _fires(rule) and value in FIRING else shown(value)


def _fires(rule: Rule) -> bool:
    """Whether its value is 1 where it fires, else 0; a control chart counts points."""
    return watched_rule(rule.id) is not None and rule.id != control_chart.id


def shown(value: Any) -> str:
    """A result as it reads."""
    if value is None:
        return ""
    if isinstance(value, str):
        return words_of(value)
    amount = Decimal(value)
    if amount == amount.to_integral_value():
        return formats.number(amount, 0)
    decimals = 1 if abs(amount) >= 10 else 2 if abs(amount) >= 1 else 3
    return formats.number(round(amount, decimals))


def _error(rule: Rule, error: Mapping[str, Any]) -> tuple[str, str]:
    root, *path = error["loc"]
    if root == "parameters":
        return path_words(rule, ".".join(str(part) for part in path)) if path else "Figures", str(error["msg"])
    if not path:
        return "", str(error["msg"])
    words = [_input_label(rule, str(path[0]))]
    words += [f"row {part + 1}" if isinstance(part, int) else words_of(str(part)).lower() for part in path[1:]]
    return ", ".join(words), str(error["msg"])


def _input_label(rule: Rule, name: str) -> str:
    schema = input_schema(rule).get("properties", {}).get(name.split(".")[0], {})
    return label_of(name, schema)[0]


# -- parts and differences ---------------------------------------------------------------------------------------------


def _parts(result: Explained, difference: Difference | None) -> Iterator[PartRow]:
    deltas = {part.key: part.delta for part in difference.parts} if difference else {}
    sizes = {part.key: part.contribution if part.contribution is not None else part.points for part in result.parts}
    most = max((abs(size) for size in sizes.values() if size is not None), default=Decimal(0))
    for part in result.parts:
        size = sizes[part.key]
        yield PartRow(
            part.label,
            figure(plain(part.input)) if part.input is not None else "missing" if size is None else "",
            part.band,
            "" if part.weight is None else shown(part.weight),
            "" if size is None else shown(size),
            abs(size) / most * 100 if size is not None and most else None,
            deltas.get(part.key),
        )


def _causes(rule: Rule, difference: Difference) -> Iterator[str]:
    for change in difference.parameters:
        yield f"{path_words(rule, change.path)}: {figure(plain(change.before))} → {figure(plain(change.after))}"
    for part in difference.parts:
        if "input" in part.causes and part.before is not None and part.after is not None:
            yield f"{part.label}: {_said(part, after=False)} → {_said(part, after=True)}"
    for name in difference.went_missing:
        yield f"{_input_label(rule, name)} went missing"
    for name in difference.became_known:
        yield f"{_input_label(rule, name)} became known"


def _said(part: PartChange, *, after: bool) -> str:
    side = part.after if after else part.before
    return "missing" if side is None or side.input is None else figure(plain(side.input))


# -- the scale ---------------------------------------------------------------------------------------------------------


def _scale(
    rule: Rule, result: Explained, before: Explained | None, changes: Changes, inputs: Mapping[str, Any], on: date
) -> Scale | None:
    """Draw the value among its bands, in rules whose parameter `bands` cuts the value itself."""
    if not isinstance(result.value, Decimal | int) or result.band in (None, "unknown"):
        return None
    preset = inputs.get(PRESET)
    try:
        cuts = figures(rule, on, preset if isinstance(preset, str) else "", changes).get("bands")
    except Misplaced:
        return None
    if not is_bands(cuts) or not isinstance(cuts, Mapping):
        return None
    found = [(band, cut) for band, text in cuts.items() if band != "else" and (cut := CUT.fullmatch(str(text)))]
    limits = [float(cut[2]) for _, cut in found]
    upward = found[0][1][1] in (">", ">=")
    if Bands(tuple(Cut(band, cut[1], Decimal(cut[2])) for band, cut in found), str(cuts.get("else", "red"))).of(
        result.value
    ) != result.band or 0 < max(limits) * FAR < abs(float(result.value)):
        return None  # the limits are about something else than the value
    was = float(before.value) if before and isinstance(before.value, Decimal | int) else None
    marks = [float(result.value), *([was] if was is not None else [])]
    low, high = _ends([*limits, *marks])
    order = [str(cuts.get("else", "red")), *[band for band, _ in reversed(found)]]
    edges = [low, *sorted(limits), high]
    bands = order if upward else order[::-1]

    def place(value: float) -> float:
        return round((value - low) / (high - low) * 100, 2)

    zones = [
        Zone(band, place(start), place(end) - place(start))
        for band, start, end in zip(bands, edges, edges[1:], strict=False)
    ]
    ticks = [(place(limit), formats.number(limit)) for limit in sorted(set(limits))]
    says = f"{shown(result.value)}, {result.band}"
    if before is not None and was is not None:
        says += f"; where you started {shown(before.value)}, {before.band or 'without colour'}"
    return Scale(zones, ticks, place(marks[0]), place(was) if was is not None else None, says)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low >= 0 and 20 <= high <= 100:
        return 0.0, 100.0
    room = (high - low or abs(high) or 1) * 0.25
    return (0.0 if 0 <= low <= room * 3 else low - room), high + room


# -- details -----------------------------------------------------------------------------------------------------------


def _details(details: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[Table]]:
    facts: list[tuple[str, str]] = []
    tables: list[Table] = []
    for key, value in plain(details).items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            columns = list(dict.fromkeys(name for row in value for name in row))
            rows = [[_cell(row.get(name)) for name in columns] for row in value[:MOST_ROWS]]
            tables.append(
                Table(words_of(key), [words_of(name) for name in columns], rows, max(len(value) - MOST_ROWS, 0))
            )
        elif isinstance(value, dict) and value:
            facts += [(f"{words_of(key)}, {words_of(str(name)).lower()}", _cell(item)) for name, item in value.items()]
        else:
            facts.append((words_of(key), _cell(value)))
    return facts, tables


def _cell(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return shown(Decimal(str(value)))
    if isinstance(value, dict):
        return ", ".join(f"{words_of(str(key))} {_cell(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value) or "none"
    return str(value).replace("_", " ")
