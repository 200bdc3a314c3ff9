"""Records as files: every record a caller may see, with every field, as CSV, JSON or an Excel workbook.

Ids stand beside the names they mean, so that a person can read a file and a program can join it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from trackline.kit.policy import Context
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.models import ExternalId
from trackline.kit.records.ordering import STAMPS
from trackline.kit.records.queries import ListParams, list_page, scoped
from trackline.kit.records.types import RecordType, registry

ROWS_AT_ONCE = 1000
SHEET_NAME_LENGTH = 31
IN_MEMORY_BYTES = 4 * 1024 * 1024
SHEET_ROWS = 1_048_575  # Excel's own limit, less the heading
BOM = "\ufeff"
"""Spreadsheets read a CSV as UTF-8 only with it."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Spreadsheets run cells that begin so as formulas; signed numbers and telephone numbers are harmless.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().,/+-]*$)")


def rows(ctx: Context, rtype: RecordType, params: ListParams) -> Iterator[dict[str, Any]]:
    """Yield every record of a type that matches, as the API shows it, in bounded memory."""
    page = list_page(ctx, rtype, replace(params, limit=ROWS_AT_ONCE))
    yield from page.items
    while page.next:
        page = list_page(ctx, rtype, replace(params, limit=ROWS_AT_ONCE, cursor=page.next))
        yield from page.items


def write_json(path: Path, items: Iterable[dict[str, Any]]) -> int:
    """Write a JSON array, one record a line; returns the number of records."""
    with path.open("w", encoding="utf-8") as file:
        count = _array(file, items)
        file.write("\n")
    return count


def write_json_object(path: Path, sources: Iterable[tuple[RecordType, Iterable[dict[str, Any]]]]) -> int:
    """Write one JSON object with an array for each record type, by resource; returns the number of records."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("{")
        for number, (rtype, items) in enumerate(sources):
            file.write(f'{"," if number else ""}\n"{rtype.resource}": ')
            count += _array(file, items)
        file.write("\n}\n")
    return count


def _array(file: IO[str], items: Iterable[dict[str, Any]]) -> int:
    count = 0
    file.write("[")
    for item in items:
        file.write(",\n " if count else "\n ")
        json.dump(item, file, ensure_ascii=False, default=_json_value)
        count += 1
    file.write("\n]")
    return count


def write_csv(path: Path, ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]]) -> int:
    """Write a CSV file that spreadsheets open as UTF-8; returns the number of records."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for line in table(ctx, rtype, items):
            out.writerow(["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line])
            count += 1
    return count - 1


def write_workbook(path: Path, ctx: Context, sheets: Iterable[tuple[RecordType, Iterable[dict[str, Any]]]]) -> int:
    """Write an Excel workbook with a sheet for each record type; returns the number of records."""
    book = Workbook(write_only=True)
    count = 0
    for rtype, items in sheets:
        sheet = book.create_sheet(rtype.labels[:SHEET_NAME_LENGTH])
        for number, line in enumerate(table(ctx, rtype, items)):
            if number > SHEET_ROWS:
                raise ValueError(f"{rtype.labels} has more rows than an Excel sheet can hold; export it as CSV.")
            sheet.append([_sheet_cell(sheet, value) for value in line])
            count += number > 0
    book.save(path)
    return count


def csv_of(lines: Iterable[Sequence[Any]]) -> str:
    """Return a CSV file that spreadsheets read as UTF-8; text that one would run as a formula is marked as text."""
    buffer = io.StringIO()
    buffer.write(BOM)
    out = csv.writer(buffer)
    for line in lines:
        out.writerow(["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line])
    return buffer.getvalue()


def workbook_of(title: str, lines: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Return a workbook of one sheet, ready to be read; text stays text, also where it looks like a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:SHEET_NAME_LENGTH])
    for line in lines:
        sheet.append([_sheet_cell(sheet, value) for value in line])
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed with the answer
    book.save(file)
    file.seek(0)
    return file


def table(ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Yield the heading, then one line a record; custom fields and external ids have columns of their own."""
    custom = list(custom_specs(rtype.name))
    systems = list(
        ExternalId.objects.filter(record_type=rtype.name).order_by("system").values_list("system", flat=True).distinct()
    )
    batches = _batches(items)
    first = next(batches, [])
    computed = _computed(rtype, first)
    heading = ["id"]
    for name, spec in rtype.specs.items():
        heading += [name, f"{name}_name"] if spec.kind in ("ref", "refs") else [name]
    heading += [".".join(path) for path in computed]
    heading += [*(f"custom.{key}" for key in custom), *(f"external_id.{system}" for system in systems)]
    yield [*heading, *STAMPS[1:]]
    for batch in chain([first], batches):
        names = _names(ctx, rtype, batch)
        for item in batch:
            line = [item["id"]]
            for name, spec in rtype.specs.items():
                value = item.get(name)
                line.append(_cell(value))
                if spec.kind in ("ref", "refs"):
                    ids = value if isinstance(value, list) else [value]
                    line.append("; ".join(filter(None, (names[spec.target].get(pk) for pk in ids if pk))))
            line += [_cell(_at(item, path)) for path in computed]
            line += [_cell(_at(item, ("custom", key))) for key in custom]
            line += [_at(item, ("external_ids", system)) for system in systems]
            yield [*line, *(_cell(item.get(name)) for name in STAMPS[1:])]


def _computed(rtype: RecordType, sample: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The paths of computed values; one that has parts (`health`: value, band) has a column for each."""
    found: list[tuple[str, ...]] = []
    for name in rtype.extra_schema:
        if name in rtype.specs:
            continue
        value = sample[0].get(name) if sample else None
        found += [(name, part) for part in value] if isinstance(value, dict) else [(name,)]
    return found


def _at(item: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = item
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _names(ctx: Context, rtype: RecordType, batch: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """`{record type: {id: title}}` of everything the batch refers to and the caller may see."""
    wanted: dict[str, set[str]] = {}
    for name, spec in rtype.specs.items():
        if spec.kind in ("ref", "refs"):
            ids = wanted.setdefault(spec.target, set())
            for item in batch:
                value = item.get(name)
                ids.update(value if isinstance(value, list) else [value] if value else [])
    found: dict[str, dict[str, str]] = {}
    for target, ids in wanted.items():
        other = registry.get(target)
        titles = scoped(ctx, other).filter(pk__in=ids).values_list("pk", other.title) if ids else ()
        found[target] = {str(pk): str(title) for pk, title in titles}
    return found


def _batches(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _cell(value: Any) -> Any:
    """One value as a spreadsheet holds it: lists of words joined, anything deeper as JSON."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_json_value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, str | int | float):
        return value
    return _json_value(value)


def _json_value(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    number = float(value)
    return int(number) if number.is_integer() else number


def _sheet_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str) and value[:1] == "=":
        cell = WriteOnlyCell(sheet, value)
        cell.data_type = "s"
        return cell
    return value
