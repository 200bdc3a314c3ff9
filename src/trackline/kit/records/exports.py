"""Records as files: every record a caller may see, with every field, as CSV, JSON or an Excel workbook.

Ids stand beside the names they mean, so that a person can read a file and a program can join it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import IO, Any

from django.db.models import Q

from trackline.kit.policy import Context
from trackline.kit.records.custom import custom_specs
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.models import ExternalId
from trackline.kit.records.ordering import STAMPS
from trackline.kit.records.queries import ListParams, list_page, scoped
from trackline.kit.records.types import RecordType, registry
from trackline.kit.records.workbooks import Column, Money, Sheet, write

ROWS_AT_ONCE = 1000
BOM = "\ufeff"
"""Spreadsheets read a CSV as UTF-8 only with it."""
# Spreadsheets run cells that begin so as formulas; signed numbers and telephone numbers are harmless.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().,/+-]*$)")


def rows(
    ctx: Context, rtype: RecordType, params: ListParams, only: Q | None = None, *, archive: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield every record of a type that matches, as the API shows it, in bounded memory; `only` narrows further.

    With `archive` each holds what stands in archives alone, too.
    """
    page = list_page(ctx, rtype, replace(params, limit=ROWS_AT_ONCE), only)
    yield from _archived(rtype, page.items) if archive else page.items
    while page.next:
        page = list_page(ctx, rtype, replace(params, limit=ROWS_AT_ONCE, cursor=page.next), only)
        yield from _archived(rtype, page.items) if archive else page.items


def _archived(rtype: RecordType, items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    kept = {}
    if rtype.archived and items:
        rows = rtype.model.objects.filter(pk__in=[item["id"] for item in items]).values("pk", *rtype.archived)
        kept = {str(row["pk"]): {called: row[name] for name, called in rtype.archived_as.items()} for row in rows}
    for item in items:
        yield item | kept.get(item["id"], {})


def write_json(path: Path, items: Iterable[dict[str, Any]]) -> int:
    """Write a JSON array, one record a line; returns the number of records."""
    with path.open("w", encoding="utf-8") as file:
        count = _array(file, items)
        file.write("\n")
    return count


def json_pieces(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a JSON array in pieces, one record a line."""
    yield "["
    for number, item in enumerate(items):
        yield (",\n " if number else "\n ") + json.dumps(item, ensure_ascii=False, default=_json_value)
    yield "\n]\n"


def csv_pieces(ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a CSV file that spreadsheets read as UTF-8 in pieces, one record each."""
    yield BOM
    buffer = io.StringIO()
    out = csv.writer(buffer)
    for line in table(ctx, rtype, items):
        out.writerow(["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


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
    count = -2  # the mark of the encoding and the heading
    with path.open("w", encoding="utf-8", newline="") as file:
        for piece in csv_pieces(ctx, rtype, items):
            file.write(piece)
            count += 1
    return count


def write_workbook(
    file: Path | IO[bytes], ctx: Context, sheets: Iterable[tuple[RecordType, Iterable[dict[str, Any]]]]
) -> int:
    """Write an Excel workbook with a sheet of typed cells for each record type; returns the number of records."""
    return write(file, (_sheet(ctx, rtype, items) for rtype, items in sheets))


def _sheet(ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]]) -> Sheet:
    lines = _table(ctx, rtype, items, typed=True)
    return Sheet(rtype.labels, [Column(heading, kind) for heading, kind in next(lines)], lines)


def csv_of(lines: Iterable[Sequence[Any]]) -> str:
    """Return a CSV file that spreadsheets read as UTF-8; text that one would run as a formula is marked as text."""
    buffer = io.StringIO()
    buffer.write(BOM)
    out = csv.writer(buffer)
    for line in lines:
        out.writerow(["'" + cell if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line])
    return buffer.getvalue()


def table(ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Yield the heading, then one line a record; custom fields and external ids have columns of their own."""
    lines = _table(ctx, rtype, items, typed=False)
    yield [heading for heading, _ in next(lines)]
    yield from lines


def _table(ctx: Context, rtype: RecordType, items: Iterable[dict[str, Any]], *, typed: bool) -> Iterator[list[Any]]:
    """Yield pairs of heading and kind, then the lines; `typed` ones hold dates and amounts as such."""
    custom = custom_specs(rtype.name)
    systems = list(
        ExternalId.objects.filter(record_type=rtype.name).order_by("system").values_list("system", flat=True).distinct()
    )
    batches = _batches(items)
    first = next(batches, [])
    computed = _computed(rtype, first)
    heading = [("id", "text")]
    for name, spec in rtype.specs.items():
        heading += [(name, spec.kind), *([(f"{name}_name", "text")] if spec.kind in ("ref", "refs") else [])]
    heading += [(".".join(path), kind) for path, kind in computed.items()]
    heading += [*((f"custom.{key}", spec.kind) for key, spec in custom.items())]
    heading += [*((f"external_id.{system}", "text") for system in systems)]
    yield [*heading, *((name, "datetime") for name in STAMPS[1:])]
    dated = _named_by_day(rtype)
    for batch in chain([first], batches):
        names = names_of(ctx, rtype, batch)
        currency = currency_of(rtype, batch) if typed else {}
        for item in batch:
            line = [item["id"]]
            for name, spec in rtype.specs.items():
                value = item.get(name)
                line.append(_typed(spec, value, currency.get(item["id"], "")) if typed else _cell(value))
                if spec.kind in ("ref", "refs"):
                    ids = value if isinstance(value, list) else [value]
                    called = "; ".join(filter(None, (names[spec.target].get(pk) for pk in ids if pk)))
                    line.append(date.fromisoformat(called) if called and typed and name in dated else called)
            line += [
                _known(kind, _at(item, path)) if typed else _cell(_at(item, path)) for path, kind in computed.items()
            ]
            for key, spec in custom.items():
                value = _at(item, ("custom", key))
                line.append(_typed(spec, value, currency.get(item["id"], "")) if typed else _cell(value))
            line += [_at(item, ("external_ids", system)) for system in systems]
            stamps = (item.get(name) for name in STAMPS[1:])
            yield [*line, *(_whole_second(value) if typed else _cell(value) for value in stamps)]


def _named_by_day(rtype: RecordType) -> set[str]:
    """The references to one record that is called by its day, as an answer of a survey."""
    single = {name: registry.get(spec.target) for name, spec in rtype.specs.items() if spec.kind == "ref"}
    return {name for name, other in single.items() if other.specs[other.title].kind == "date"}


def _typed(spec: FieldSpec, value: Any, currency: str) -> Any:
    """One value as a workbook holds it."""
    if value is None or isinstance(value, list | dict | bool | time):  # what an import reads back as it was
        return _cell(value)
    if spec.kind == "money":
        return Money(value, currency)
    if spec.kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def _whole_second(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def currency_of(rtype: RecordType, batch: list[dict[str, Any]]) -> dict[str, str]:
    """The currency of each record's money: its own, else that of the record it belongs to, else its account's."""
    if not any(spec.kind == "money" for spec in [*rtype.specs.values(), *custom_specs(rtype.name).values()]):
        return {}
    if "currency" in rtype.specs:
        return {item["id"]: item["currency"] or "" for item in batch}
    parent = rtype.specs.get(rtype.parent)
    owner = registry.get(parent.target) if parent is not None and parent.target else None
    path = f"{rtype.parent}__currency" if owner and "currency" in owner.specs else f"{rtype.account}__currency"
    if not rtype.account:
        return {}
    rows = rtype.model.objects.filter(pk__in=[int(item["id"]) for item in batch]).values_list("pk", path)
    return {str(pk): currency or "" for pk, currency in rows}


def _computed(rtype: RecordType, sample: list[dict[str, Any]]) -> dict[tuple[str, ...], str]:
    """The paths of computed values with the kind of each; one that has parts (`health`: value, band) has a column for each."""
    found: dict[tuple[str, ...], str] = {}
    for name, schema in rtype.extra_schema.items():
        if name in rtype.specs:
            continue
        value = sample[0].get(name) if sample else None
        if isinstance(value, dict):
            parts = schema.get("properties", {})
            found |= {(name, part): _kind_of(part, parts.get(part, {})) for part in value}
        else:
            found[(name,)] = _kind_of(name, schema)
    return found


def _kind_of(name: str, schema: Mapping[str, Any]) -> str:
    """What a computed value is, by its description in the API."""
    told = schema.get("type", "number")
    types = {told} if isinstance(told, str) else set(told)
    if schema.get("format") in ("date", "date-time"):
        return "date" if schema["format"] == "date" else "datetime"
    if name.endswith("_pct"):
        return "percent"
    return "integer" if "integer" in types else "decimal" if "number" in types else "text"


def _known(kind: str, value: Any) -> Any:
    """A computed value as a workbook holds it."""
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and kind == "datetime":
        return datetime.fromisoformat(value)
    return value if isinstance(value, date | int | float | Decimal) and not isinstance(value, bool) else _cell(value)


def _at(item: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = item
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def names_of(ctx: Context, rtype: RecordType, batch: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
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
