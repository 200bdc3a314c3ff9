"""JSON: Salesforce sObject-tree files, plain lists of objects, an object a line, and this product's own export."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.connectors.readers.delimited import Opener
from trackline.connectors.readers.encodings import detect_encoding
from trackline.connectors.readers.tables import Cell, Limits, NoTable, ReadProblem, Row, Table

_CHUNK = 1 << 18
_RECORD_CHARACTERS = 16 * 1024 * 1024
_MAX_DIGITS = 40
_LISTS = ("records", "items", "results", "data", "rows", "value")

#: Beside these a record of this product has no inner fields.
_OURS = ("custom", "external_ids")
REFERENCE = "@reference"
"""Heading under which a tree record's own reference id stands (`AccountRef1`)."""

#: Nested list of a tree record → field of the child that points back to the parent.
_PARENT_FIELD = {
    "ChildAccounts": "ParentId",
    "OpportunityLineItems": "OpportunityId",
    "OpportunityContactRoles": "OpportunityId",
    "ContractLineItems": "ContractId",
}


@dataclass(slots=True)
class _Found:
    """One object of the file, flattened: which object it is, where it stands, what it says."""

    object_name: str
    number: int
    values: dict[str, Cell]


def read_json(file: str, opener: Opener, limits: Limits, *, lines: bool = False) -> list[Table]:
    """Describe the objects of a JSON file, one table for each kind; with `lines` each line holds one.

    Raises `ReadProblem`.
    """
    headings: dict[str, dict[str, None]] = {}
    for found in _objects(opener, limits, lines):
        headings.setdefault(found.object_name, {}).update(dict.fromkeys(found.values))
    if not headings:
        raise ReadProblem("The file holds no list of records.")
    if headings.keys() == {""} and {"sobject", "files"} <= headings[""].keys():
        raise NoTable("The plan of a Salesforce tree export; the files that it names are read by themselves.")
    several = len(headings) > 1
    tables = []
    for name, names in headings.items():
        columns = list(names)
        if len(columns) > limits.columns:
            raise ReadProblem(f"The records have {len(columns):,} fields; at most {limits.columns:,} are read.")
        tables.append(
            Table(
                file=file,
                headings=columns,
                open_rows=_opener_of(opener, name, columns, limits, lines),
                part=name if several else "",
                object_name=name,
                kind="json",
                heading_row=0,
                typed=True,
            )
        )
    return tables


def _opener_of(opener: Opener, name: str, columns: list[str], limits: Limits, lines: bool) -> Any:
    def rows() -> Iterator[Row]:
        for found in _objects(opener, limits, lines):
            if found.object_name == name:
                yield Row(found.number, [found.values.get(column, "") for column in columns])

    return rows


def _objects(opener: Opener, limits: Limits, lines: bool) -> Iterator[_Found]:
    number = 0
    for record in _top_level(opener, lines):
        if not isinstance(record, dict):
            raise ReadProblem("The list must hold objects, each with its fields.", number + 1)
        for found in _flatten(record, "", {}):
            number += 1
            if number > limits.rows:
                raise ReadProblem(f"The file has more than {limits.rows:,} records.", number)
            found.number = number
            yield found


def _flatten(record: dict[str, Any], object_name: str, parent: dict[str, Cell]) -> Iterator[_Found]:
    """Yield the record, then the child records nested in it, each pointing to its parent."""
    attributes = record.get("attributes")
    reference = ""
    if isinstance(attributes, dict):
        object_name = str(attributes.get("type") or object_name)
        reference = str(attributes.get("referenceId") or "")
    values: dict[str, Cell] = {}
    ours = isinstance(record.get("custom"), dict) and isinstance(record.get("external_ids"), dict)
    children: list[tuple[str, list[Any]]] = []
    if reference:
        values[REFERENCE] = reference
    for key, value in record.items():
        if key == "attributes" and isinstance(value, dict):
            continue
        nested = _nested(value)
        if nested is not None:
            children.append((key, nested))
        elif isinstance(value, dict) and not (ours and key not in _OURS):
            values.update(_inner(key, value))
        else:
            values[key] = _cell(value)
    values.update({key: value for key, value in parent.items() if key not in values})
    yield _Found(object_name, 0, values)
    own = f"@{reference}" if reference else str(values.get("Id") or values.get("id") or "")
    for relation, items in children:
        field = _PARENT_FIELD.get(relation, f"{object_name}Id" if object_name else "parent")
        link: dict[str, Cell] = {field: own} if own else {}
        for item in items:
            if isinstance(item, dict):
                yield from _flatten(item, relation, link)


def _nested(value: Any) -> list[Any] | None:
    """The child records of a relation: `{"records": […]}`, or a list of objects."""
    if isinstance(value, dict) and isinstance(value.get("records"), list):
        return list(value["records"])
    if isinstance(value, list) and value and all(isinstance(item, dict) and "attributes" in item for item in value):
        return value
    return None


def _inner(key: str, value: dict[str, Any], depth: int = 0) -> dict[str, Cell]:
    """Fields of an inner object: `Account.Name`; HubSpot's `properties` are the record's own."""
    values: dict[str, Cell] = {}
    for name, inner in value.items():
        if name == "attributes" and isinstance(inner, dict):
            continue
        full = name if key in ("properties", "fields") else f"{key}.{name}"
        if isinstance(inner, dict) and depth < 3:
            values.update(_inner(full, inner, depth + 1))
        else:
            values[full] = _cell(inner)
    return values


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, list) and all(not isinstance(item, dict | list) for item in value):
        return _clean("; ".join(str(item) for item in value))
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Numbers of inner values stay numbers."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _clean(text: str) -> str:
    """Text that a database can hold: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def _number(text: str) -> int | Decimal | str:
    """A number of ordinary size; any other stays text, and is refused where a number is expected."""
    if len(text) > _MAX_DIGITS:
        return text
    if text.lstrip("-").isdigit():
        return int(text)
    number = Decimal(text)
    return number if abs(number.adjusted()) <= _MAX_DIGITS else text


def _top_level(opener: Opener, lines: bool) -> Iterator[Any]:
    """The objects of the outermost list, of the first known list inside the outermost object, or of the lines."""
    with opener() as stream:
        encoding, _ = detect_encoding(stream)
        stream.seek(0)
        scanner = _Scanner(io.TextIOWrapper(stream, encoding=encoding, errors="replace"))
        first = scanner.peek()
        if lines and first:
            yield from scanner.values()
        elif first == "[":
            yield from scanner.items()
        elif first == "{":
            yield from _inside(scanner)
        else:
            raise ReadProblem("The file is empty." if not first else "The file is not JSON.")


def _inside(scanner: _Scanner) -> Iterator[Any]:
    """Walk the outermost object to its list of records; lists of several record types follow each other."""
    scanner.expect("{")
    found = False
    single: dict[str, Any] = {}
    while scanner.peek() not in ("}", ""):
        key = scanner.value()
        scanner.expect(":")
        if scanner.peek() == "[" and isinstance(key, str):
            for item in scanner.items():
                found = True
                if isinstance(item, dict) and key not in _LISTS and "attributes" not in item:
                    item = {**item, "attributes": {"type": key}}
                if isinstance(item, dict):
                    yield item
        else:
            single[str(key)] = scanner.value()
        if scanner.peek() == ",":
            scanner.expect(",")
    if not found and any(not isinstance(value, dict | list) for value in single.values()):
        yield single


class _Scanner:
    """Reads JSON values from a text stream one at a time, holding only the one being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._buffer = ""
        self._position = 0
        self._line = 1
        self._decoder = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=str)

    def _more(self) -> bool:
        chunk = self._text.read(max(_CHUNK, len(self._buffer) - self._position))
        if not chunk:
            return False
        self._line += self._buffer.count("\n", 0, self._position)
        self._buffer = self._buffer[self._position :] + chunk
        self._position = 0
        if len(self._buffer) > _RECORD_CHARACTERS:
            raise ReadProblem("One record of the file is too long to read.", self._line)
        return True

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._position < len(self._buffer):
                character = self._buffer[self._position]
                if character not in " \t\r\n\ufeff":
                    return character
                self._position += 1
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        """Step over one mark of punctuation. Raises `ReadProblem` where another stands."""
        if self.peek() != character:
            raise self._broken()
        self._position += 1

    def value(self) -> Any:
        """Read the next whole value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError:
                if not self._more():
                    raise self._broken() from None
                continue
            except RecursionError:
                raise ReadProblem("The file is nested too deeply.", self._line) from None
            # A number at the end of the buffer may go on in the next chunk.
            if end == len(self._buffer) and not isinstance(value, dict | list | str) and self._more():
                continue
            self._position = end
            return value

    def values(self) -> Iterator[Any]:
        """The values that follow each other without a mark between them, to the end."""
        while self.peek():
            yield self.value()

    def items(self) -> Iterator[Any]:
        """The values of the list that starts here."""
        self.expect("[")
        while self.peek() != "]":
            yield self.value()
            if self.peek() == ",":
                self.expect(",")
            elif self.peek() != "]":
                raise self._broken()
        self.expect("]")

    def _broken(self) -> ReadProblem:
        line = self._line + self._buffer.count("\n", 0, self._position)
        return ReadProblem(f"The file is not valid JSON near line {line:,}.", line)
