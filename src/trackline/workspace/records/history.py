"""Changes in words: who changed what from which value to which, for a record's history and for any timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trackline.kit.history.models import Change
from trackline.kit.history.queries import history_of
from trackline.kit.policy import Context
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, cells
from trackline.workspace.records.facts import Facts, currencies, customs, units
from trackline.workspace.records.labels import labels
from trackline.workspace.records.words import words_of

SHOWN = 6


@dataclass(frozen=True)
class Moved:
    """One field of a change in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change as `kit/c/timeline_item.html` prints it; `undo_url` is empty where it cannot be taken back any more."""

    change: Change
    rtype: RecordType
    noun: str
    fact: str
    when: datetime
    by: str
    changes: Sequence[Moved]
    url: str
    undo_url: str = ""


@dataclass(frozen=True)
class History:
    """The changes of one record, newest first, and whether there are older ones."""

    entries: Sequence[Entry]
    more: bool


def of_record(ctx: Context, rtype: RecordType, pk: int, *, everything: bool = False) -> History:
    """Return the history of a record: the newest changes, or all of them."""
    rows = history_of(rtype, pk)
    listed = list(rows if everything else rows[: SHOWN + 1])
    shown = listed if everything else listed[:SHOWN]
    return History(describe(ctx, shown, undoable=_undoable(shown)), len(listed) > len(shown))


def describe(ctx: Context, changes: Iterable[Change], *, undoable: Iterable[int] = ()) -> list[Entry]:
    """Put changes of records of any types into words; one query per type of record that they point to."""
    rows = [(change, rtype) for change in changes if (rtype := registry.find(change.record_type))]
    specs = {rtype.name: rtype.specs | (customs(rtype) if _has_custom(rows, rtype) else {}) for _, rtype in rows}
    wanted: dict[str, set[Any]] = {}
    for change, rtype in rows:
        for name, pair in change.changes.items():
            spec = specs[rtype.name].get(name)
            if spec is not None and spec.kind in ("ref", "refs"):
                for value in pair:
                    wanted.setdefault(spec.target, set()).update(value if isinstance(value, list) else [value])
    known = labels(ctx, wanted)
    facts = {
        rtype.name: Facts(
            rtype,
            ctx.today,
            ctx.actor.user_id,
            known,
            currencies(rtype, _ids(rows, rtype, specs[rtype.name], ("money",))),
            units(rtype, _ids(rows, rtype, specs[rtype.name], ("decimal",))),
        )
        for rtype in {rtype.name: rtype for _, rtype in rows}.values()
    }
    may = set(undoable)
    return [
        Entry(
            change=change,
            rtype=rtype,
            noun=change.get_action_display().capitalize(),
            fact=change.title,
            when=change.at,
            by=_by(change),
            changes=_moved(change, specs[rtype.name], facts[rtype.name]),
            url=addresses.page(rtype, change.record_id),
            undo_url=addresses.undo(change.pk) if change.pk in may and cells.may_edit(ctx, rtype) else "",
        )
        for change, rtype in rows
    ]


def _moved(change: Change, specs: Mapping[str, FieldSpec], facts: Facts) -> list[Moved]:
    item = {"id": change.record_id}
    moved = []
    for name, (before, after) in change.changes.items():
        spec = specs.get(name)
        if spec is None:
            moved.append(Moved(_plain_label(name), _plain(before), _plain(after)))
            continue
        texts = [words_of(spec, spec.from_ledger(value), item, facts) for value in (before, after)]
        moved.append(Moved(spec.label, *texts))
    return moved


def _by(change: Change) -> str:
    who = change.actor.name if change.actor else "Trackline"
    via = "" if change.via in ("web", "system") else f", {change.get_via_display()}"
    return f"{who}{via}{f': {change.note}' if change.note else ''}"


def _undoable(changes: Sequence[Change]) -> set[int]:
    """Return the changes whose fields nobody has changed since, as `services.undo` demands; newest first."""
    later: set[str] = set()
    found: set[int] = set()
    for position, change in enumerate(changes):
        if change.action == Change.Action.UPDATE and not later & set(change.changes):
            found.add(change.pk)
        if change.action == Change.Action.DELETE and position == 0:
            found.add(change.pk)
        later |= set(change.changes)
    return found


def _has_custom(rows: Sequence[tuple[Change, RecordType]], rtype: RecordType) -> bool:
    return any(
        name.startswith("custom.") for change, other in rows if other.name == rtype.name for name in change.changes
    )


def _ids(
    rows: Sequence[tuple[Change, RecordType]], rtype: RecordType, specs: Mapping[str, FieldSpec], kinds: tuple[str, ...]
) -> list[int]:
    return [
        change.record_id
        for change, other in rows
        if other.name == rtype.name and any(name in specs and specs[name].kind in kinds for name in change.changes)
    ]


def _plain_label(name: str) -> str:
    return name.removeprefix("custom.").replace("_", " ").capitalize()


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return "" if value is None else str(value)
