"""The Accounts list as a file: all rows of the filter, the columns shown, in bounded memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from trackline.accounts.rates import Rates
from trackline.kit.policy import Context
from trackline.kit.records.exports import FORMULA
from trackline.kit.records.workbooks import Column as SheetColumn
from trackline.kit.records.workbooks import Money, Sheet, workbook_of
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.columns import Beside, Column
from trackline.workspace.queries.accounts.filters import ACCOUNT
from trackline.workspace.queries.accounts.page import beside_of, ordered_ids, rows_of
from trackline.workspace.records.facts import Facts, Item, facts_for, value_of

AT_ONCE = 500
BOM = "\ufeff"  # spreadsheets read a CSV as UTF-8 only with it
FIRST = ("key", "name")
STAMPS = ("created_at", "updated_at")
IN_BOOK_CURRENCY = ("arr_book", "group_arr")
KINDS = {"track": "percent", "alerts": "integer", "renews_in": "integer"}
"""Of columns that show no field of their own."""

Line = list[Any]


def csv_lines(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> Iterator[str]:
    """Yield a CSV file in pieces; text that a spreadsheet would run as a formula is marked as text."""
    buffer = io.StringIO()
    out = csv.writer(buffer)
    buffer.write(BOM)
    for line in lines(ctx, asked, remembered):
        out.writerow(["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line])
        if buffer.tell() > 32_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def json_lines(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> Iterator[str]:
    """Yield a JSON array in pieces, one account a line, fields by name."""
    ids, columns, rates = ordered_ids(ctx, asked, remembered)
    columns = _with_currency(columns)
    names = [*FIRST, *(column.name for column in columns)]
    yield "["
    for number, line in enumerate(_lines(ctx, ids, columns, rates)):
        yield (",\n " if number else "\n ") + json.dumps(dict(zip(names, line, strict=True)), ensure_ascii=False)
    yield "\n]\n"


def workbook(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> IO[bytes]:
    """Return an Excel workbook, ready to be read."""
    ids, columns, rates = ordered_ids(ctx, asked, remembered)
    columns = _with_currency(columns)
    heading = [
        ("Key", "text"),
        ("Account", "text"),
        *((one.called, one.spec.kind if one.spec else KINDS.get(one.name, "decimal")) for one in columns),
    ]
    rows = _lines(ctx, ids, columns, rates, typed=True)
    return workbook_of(Sheet("Accounts", [SheetColumn(*one) for one in heading], rows))


def lines(ctx: Context, asked: Asked, remembered: Sequence[str] = ()) -> Iterator[Line]:
    """Yield the heading, then one line an account."""
    ids, columns, rates = ordered_ids(ctx, asked, remembered)
    columns = _with_currency(columns)
    yield ["Key", "Account", *(column.called for column in columns)]
    yield from _lines(ctx, ids, columns, rates)


def _lines(
    ctx: Context, ids: Sequence[int], columns: Sequence[Column], rates: Rates, *, typed: bool = False
) -> Iterator[Line]:
    value = _typed if typed else _value
    specs = [column.spec for column in columns if column.spec]
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        items = rows_of(some, columns)
        facts = facts_for(ctx, ACCOUNT, items, specs)
        beside = beside_of(ctx, some, columns, rates, {})
        for item in items:
            yield [item["key"], item["name"], *(value(column, item, facts, beside) for column in columns)]


def _value(column: Column, item: Item, facts: Facts, beside: Beside) -> Any:
    if column.plain is not None:
        return _plain(column.plain(item, facts, beside))
    spec = column.spec
    assert spec is not None
    value = value_of(spec, item)
    if value in (None, "", []):
        return None
    if spec.kind == "ref":
        label = facts.label(spec.target, value)
        return label.text if label else None
    if spec.kind == "choice":
        return dict(spec.choices).get(value, value)
    if spec.kind == "tags":
        return "; ".join(value)
    if spec.kind == "boolean":
        return "yes" if value else "no"
    return _plain(value)


def _typed(column: Column, item: Item, facts: Facts, beside: Beside) -> Any:
    """The value as a workbook holds it: days, moments and amounts as such."""
    spec = column.spec
    if spec is None:
        if column.name in STAMPS:
            return item[column.name].replace(microsecond=0)
        value = _value(column, item, facts, beside)
        return Money(value, beside.rates.book) if column.name in IN_BOOK_CURRENCY else value
    if spec.kind == "money":
        return Money(value_of(spec, item), facts.currency(item))
    return value_of(spec, item) if spec.kind in ("date", "datetime", "boolean") else _value(column, item, facts, beside)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _with_currency(columns: Sequence[Column]) -> list[Column]:
    """Money needs its currency beside it."""
    names = [column.name for column in columns]
    kept = [column for column in columns if column.name != "group_arr"]
    if "arr" not in names or "currency" in names:
        return kept
    at = [column.name for column in kept].index("arr") + 1
    return [*kept[:at], Column("currency", "Currency", ACCOUNT.specs["currency"]), *kept[at:]]
