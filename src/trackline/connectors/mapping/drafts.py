"""Turn rows into drafts of records by the plan of their table. No database is asked: references stay words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from trackline.connectors.mapping.cells import Amount, BadCell, CellReader, Check, Dropped
from trackline.connectors.mapping.columns import OTHER_IDS
from trackline.connectors.mapping.finish import MADE, finisher_of
from trackline.connectors.mapping.plan import ColumnPlan, TablePlan
from trackline.connectors.profiles import TypeWords, sources, vocabulary
from trackline.connectors.readers import Cell, Row, Table
from trackline.connectors.values.columns import show
from trackline.connectors.values.words import is_empty, squeeze

_TOGETHER = 500
"""So many rows are read together."""
_PEOPLE = frozenset({"user", "contact"})
#: A person as address books write them: `Ana Ruiz (ana@example.com)`, `"Ruiz, Ana" <ana@example.com>`.
_PERSON = re.compile(r"^(?P<name>[^@<(]*[^@<(\s])\s*[(<](?P<mail>[^@\s()<>]+@[^@\s()<>]+)[)>]$")
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"})
_YENS = frozenset({"JPY", "CNY"})


class Reference(NamedTuple):
    """A word that points to a record: by `id`, `email`, `domain`, or by its name (empty)."""

    by: str
    text: str
    heading: str


class CellProblem(NamedTuple):
    """A cell that cannot be used, or a row without one (`heading` empty)."""

    heading: str
    value: str
    reason: str
    hint: str = ""


@dataclass(slots=True)
class Draft:
    """A record to be, from one row. `problems` reject it, `warnings` are only told."""

    number: int
    cells: list[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    #: Values that nobody wrote into the file; a new record takes them, an existing one keeps its own.
    defaults: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    references: dict[str, list[Reference]] = field(default_factory=dict)
    external_id: str = ""
    #: Ids that other systems gave the record: system → id.
    other_ids: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    #: Why the row is left out although nothing is wrong with it.
    left_out: str = ""

    def reject(self, heading: str, value: Any, reason: str, hint: str = "") -> None:
        """Note a reason not to import the row; `hint` is what the cell may have meant."""
        self.problems.append(CellProblem(heading, show(value) if value is not None else "", reason, hint))

    def says(self, field_name: str) -> str:
        """The words of a reference by name, or nothing."""
        return next((each.text for each in self.references.get(field_name, ()) if not each.by), "")


class Drafter:
    """Makes drafts of one table. `checks` are the record type's own tests by field."""

    def __init__(
        self,
        plan: TablePlan,
        *,
        home_currency: str,
        checks: Mapping[str, Check] | None = None,
        types: Mapping[str, TypeWords] | None = None,
    ) -> None:
        self.plan = plan
        self._home = home_currency
        self._words = (types or vocabulary())[plan.type]
        self._source = sources().get(plan.source, sources()["csv"])
        self._checks = checks or {}
        self._obj = next((obj for obj in self._source.objects if obj.name == plan.object_name), None)
        # Columns that fill what others leave empty come after them.
        in_turn = sorted(plan.columns, key=lambda column: column.fills)
        self._fields = [self._reader(column) for column in in_turn if self._is_field(column)]
        self._filling = {column.index for column in plan.columns if column.fills}
        self._customs = [self._custom(column) for column in plan.columns if column.custom_key]
        self._deleted = [c.index for c in plan.columns if squeeze(c.heading) in self._source.deleted]
        self._only = self._only_when()
        self._finish = finisher_of(plan)
        self._made = [(name, self._checks[name].test) for name in MADE.get(plan.type, ()) if name in self._checks]
        self._currency = self._named_currency()
        self._headings = {each.field_target.field: each.heading for each in reversed(in_turn) if each.target}

    def _is_field(self, column: ColumnPlan) -> bool:
        name = column.field_target.field
        return bool(name) and (name in self._words.fields or name in ("reference", OTHER_IDS))

    def _reader(self, column: ColumnPlan) -> tuple[int, str, str, str, CellReader]:
        target = column.field_target
        facts = self._words.fields.get(target.field)
        check = None if facts is None or facts.kind in ("ref", "refs") else self._checks.get(target.field)
        role = target.field if target.field in ("external_id", "reference", OTHER_IDS) else ""
        if facts is not None and facts.kind in ("ref", "refs"):
            role = facts.kind
        return column.index, target.field, role, column.heading, CellReader(column, facts, self._source, check)

    def _custom(self, column: ColumnPlan) -> tuple[int, str, str, CellReader]:
        return column.index, column.custom_key, column.kind, CellReader(column, None, self._source, None)

    def _named_currency(self) -> str:
        """The one currency that the plan, or the headings of the money columns, name."""
        if self.plan.currency:
            return self.plan.currency
        named = {column.currency for column in self.plan.columns if column.kind == "money" and column.currency}
        return named.pop() if len(named) == 1 else ""

    def _only_when(self) -> list[tuple[int, frozenset[str]]]:
        if self._obj is None:
            return []
        return [
            (column.index, self._obj.only[squeeze(column.heading)])
            for column in self.plan.columns
            if squeeze(column.heading) in self._obj.only
        ]

    def headings(self) -> Mapping[str, str]:
        """Field → the heading its column has in the file."""
        return self._headings

    def drafts(self, table: Table) -> Iterator[Draft]:
        """Every row of the table as a draft. Rows are read some hundreds at a time, a column of them after the other."""
        rows = iter(table.rows())
        while some := list(itertools.islice(rows, _TOGETHER)):
            yield from self._drafts(some)

    def draft(self, row: Row) -> Draft:
        """One row as a draft."""
        return self._drafts([row])[0]

    def _drafts(self, rows: list[Row]) -> list[Draft]:
        drafts = [Draft(row.number, row.cells) for row in rows]
        for row, draft in zip(rows, drafts, strict=True):
            if row.problem:
                draft.reject("", "", row.problem)
        wanted = [draft for draft in drafts if not draft.problems and not self._left_out(draft)]
        self._read_fields(wanted)
        self._read_custom(wanted)
        for draft in wanted:
            if self._obj is not None:
                for name, value in self._obj.defaults.items():
                    if name not in draft.values:
                        draft.defaults[name] = value
            self._finish(draft, self.plan)
            for name, test in self._made:
                if name in draft.values:
                    self._test_made(draft, name, test)
        return drafts

    def _test_made(self, draft: Draft, name: str, test: Callable[[Any], Any]) -> None:
        """What was put together from sound cells may still be too much for its field."""
        try:
            draft.values[name] = test(draft.values[name])
        except BadCell as bad:
            draft.reject(self._headings.get(name, ""), draft.values.pop(name), str(bad))

    def _left_out(self, draft: Draft) -> bool:
        cells = draft.cells
        for index in self._deleted:
            if str(cells[index]).strip().lower() in ("true", "1"):
                draft.left_out = f"Deleted in {self._source.label}."
                return True
        for index, words in self._only:
            if squeeze(str(cells[index])) not in words:
                draft.left_out = self._obj.only_reason if self._obj else ""
                return True
        return False

    def _read_fields(self, drafts: list[Draft]) -> None:
        currencies: dict[int, str] = {}
        for index, name, role, heading, reader in self._fields:
            read = reader.read_all([draft.cells[index] for draft in drafts])
            for draft, value in zip(drafts, read, strict=True):
                if value is None or (index in self._filling and name in draft.values):
                    continue
                if isinstance(value, BadCell | Amount | Dropped):
                    self._note(draft, name, heading, draft.cells[index], value, currencies)
                elif role:
                    self._place(draft, name, role, heading, value, reader)
                else:
                    draft.values[name] = value
        if (currencies or self._currency) and "currency" in self._words.fields:
            for draft in drafts:
                written = currencies.get(draft.number, "")
                if (written or self._currency) and "currency" not in draft.values:
                    draft.values["currency"] = self._resolve(written) if written else self._currency

    @staticmethod
    def _note(
        draft: Draft, name: str, heading: str, cell: Cell, value: BadCell | Amount | Dropped, currencies: dict[int, str]
    ) -> None:
        """Take what a cell says that is more or less than a value of its field."""
        if isinstance(value, BadCell):
            draft.reject(heading, cell, str(value), value.hint)
        elif isinstance(value, Dropped):
            draft.warnings.append(CellProblem(heading, show(cell), value.reason))
        else:
            draft.values[name] = value.value
            currencies[draft.number] = currencies.get(draft.number) or value.currency

    def _place(self, draft: Draft, name: str, role: str, heading: str, value: Any, reader: CellReader) -> None:
        if role == "external_id":
            draft.external_id = value
        elif role == OTHER_IDS:
            draft.other_ids[reader.column.field_target.by] = value
        elif role == "reference":
            draft.reference = value
        else:
            by = reader.column.field_target.by
            texts = value if isinstance(value, list) else [value]
            found = draft.references.setdefault(name, [])
            for text in texts:
                person = _PERSON.match(text) if not by and reader.points_to in _PEOPLE else None
                if person:
                    found.append(Reference("email", person["mail"], heading))
                    text = person["name"].strip().strip('"')
                if text:
                    found.append(Reference("reference" if text[0] == "@" and len(text) > 1 else by, text, heading))

    def _resolve(self, sign: str) -> str:
        """`$` and `¥` are the book's own where it has one of them, else the best known."""
        if sign == "$":
            return self._home if self._home in _DOLLARS else "USD"
        if sign == "¥":
            return self._home if self._home in _YENS else "JPY"
        return sign

    def _read_custom(self, drafts: list[Draft]) -> None:
        for index, key, kind, reader in self._customs:
            cells = [draft.cells[index] for draft in drafts]
            said = ["" if isinstance(cell, str) and is_empty(cell) else cell for cell in cells]
            for draft, value in zip(drafts, reader.read_all(said), strict=True):
                if value is None or isinstance(value, Dropped):
                    continue
                if not isinstance(value, BadCell):
                    draft.custom[key] = _plain(value, kind)
                elif reader.column.how == "kept":
                    # Nobody asked for this column: a cell that does not fit the field it met costs no row.
                    draft.warnings.append(CellProblem(reader.column.heading, show(draft.cells[index]), str(value)))
                else:
                    draft.reject(reader.column.heading, draft.cells[index], str(value), value.hint)


def _plain(value: Any, kind: str) -> Any:
    """A custom value as JSON keeps it: numbers as numbers, dates as ISO text."""
    if isinstance(value, Amount):
        value = value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if kind in ("date", "datetime"):
        return value.isoformat()[:10]
    return value
