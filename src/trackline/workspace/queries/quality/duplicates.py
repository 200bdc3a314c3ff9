"""Pairs that may be one on their pages: the list, and two records side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.accounts.duplicates import Found, find_duplicates, told_apart
from trackline.kit import formats
from trackline.kit.policy import WRITE, Context
from trackline.kit.records.external import external_ids_for
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.links import crossing, hidden
from trackline.kit.records.merging import EMPTY
from trackline.kit.records.pointing import counted
from trackline.kit.records.queries import get, scoped
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses

PATH = "/book/quality/duplicates"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Pairs:
    """A page of pairs, how many there are, and pairs that were told apart with both names."""

    rtype: RecordType
    rows: Sequence[Found]
    count: int
    page: int
    apart: Sequence[tuple[Any, str, str]]

    @property
    def first(self) -> int:
        """The place of the first pair of the page."""
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The place of the last pair of the page."""
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class Line:
    """A field of two records: what each holds in words, whether they differ, and whose value is offered."""

    name: str
    label: str
    kept: str
    gone: str
    differs: bool
    offered: str


@dataclass(frozen=True)
class Beside:
    """Two records beside each other: the one that stays, the one that goes, their fields, and what would move."""

    rtype: RecordType
    kept: Any
    gone: Any
    lines: Sequence[Line]
    moves: Sequence[tuple[str, int]]

    @property
    def differing(self) -> list[Line]:
        """The fields in which somebody may choose."""
        return [line for line in self.lines if line.differs]

    @property
    def same(self) -> list[Line]:
        """The fields that need no choice, as far as they hold anything."""
        return [line for line in self.lines if not line.differs]


def pairs_of(ctx: Context, rtype: RecordType, page: int) -> Pairs:
    """Return a page of pairs that may be one."""
    found = find_duplicates(ctx, rtype)
    apart = told_apart(ctx, rtype)[:PAGE_SIZE]
    ids = {pk for row in apart for pk in (row.one_id, row.other_id)}
    names = dict(scoped(ctx, rtype).filter(pk__in=ids).values_list("pk", rtype.title)) if ids else {}
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Pairs(rtype, shown, len(found), page, [(row, names[row.one_id], names[row.other_id]) for row in apart])


def beside(ctx: Context, rtype: RecordType, kept_id: Any, gone_id: Any) -> Beside:
    """Return two records beside each other. Raises `NotFound` where the actor sees not both, `Forbidden` without write."""
    ctx.require(WRITE)
    ids = [get(ctx, rtype, pk).pk for pk in (kept_id, gone_id)]
    refs = [name for name, spec in rtype.stored.items() if spec.kind == "ref"]
    rows = scoped(ctx, rtype).filter(pk__in=ids).select_related(*refs).in_bulk()
    kept, gone = rows[ids[0]], rows[ids[1]]
    out = {
        (name, pk)
        for name, target in crossing(rtype).items()
        for pk in hidden(ctx, target, [getattr(one, f"{name}_id") for one in (kept, gone)])
    }
    lines = [
        _line(spec, kept, gone, out)
        for name, spec in rtype.stored.items()
        if name in rtype.fields and name not in rtype.fixed
    ]
    lines += list(_custom(kept, gone))
    external = external_ids_for(rtype, ids)
    mine, theirs = (
        ", ".join(f"{system} {value}" for system, value in external.get(pk, {}).items()) for pk in (kept.pk, gone.pk)
    )
    if mine or theirs:
        lines.append(Line("", "Ids in other systems", mine, theirs, False, ""))
    moves = [(registry.get(name), count) for name, count in counted(rtype.model, gone.pk).items()]
    words = [(found.label if count == 1 else found.labels, count) for found, count in moves]
    return Beside(rtype, kept, gone, lines, sorted(words, key=lambda one: (-one[1], one[0])))


def address(rtype: RecordType, kept: Any, gone: Any) -> str:
    """Return the address of the page on which two records stand beside each other."""
    return f"{PATH}/{rtype.name}/{kept}/{gone}"


def page_address(rtype: RecordType, record: Any) -> str:
    """Return the address of a record's own page."""
    return f"/accounts/{record.key}" if rtype.is_account else addresses.page(rtype, record.pk)


def _line(spec: FieldSpec, kept: Any, gone: Any, out: set[tuple[str, Any]]) -> Line:
    column = f"{spec.name}_id" if spec.kind == "ref" else spec.name
    mine, theirs = getattr(kept, column), getattr(gone, column)
    return Line(
        spec.name,
        spec.label,
        _words(spec, kept, mine, out),
        _words(spec, gone, theirs, out),
        mine != theirs and mine not in EMPTY and theirs not in EMPTY,
        "survivor" if mine not in EMPTY else "merged",
    )


def _words(spec: FieldSpec, record: Any, value: Any, out: set[tuple[str, Any]]) -> str:
    if spec.kind == "money" and value is not None:
        return formats.money_full(value, record.currency)
    if spec.kind != "ref" or value is None:
        return spec.display(value)
    return "One that you do not see" if (spec.name, value) in out else str(getattr(record, spec.name))


def _custom(kept: Any, gone: Any) -> Iterator[Line]:
    for key in sorted({*kept.custom, *gone.custom}):
        mine, theirs = kept.custom.get(key), gone.custom.get(key)
        differs = mine != theirs and mine not in EMPTY and theirs not in EMPTY
        label = key.replace("_", " ").capitalize()
        yield Line(
            f"custom.{key}",
            label,
            str(mine or ""),
            str(theirs or ""),
            differs,
            "survivor" if mine not in EMPTY else "merged",
        )
