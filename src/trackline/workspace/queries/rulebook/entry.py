"""Forms out of JSON Schema: one typed control for each input of a rule, rows for lists of objects; and reading them back.

A control is called by its path, `inputs.deals.0.value`. What cannot be read is handed on as it was typed, so that the rule
itself says what is wrong, at that path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from trackline.kit.forms import FormField
from trackline.workspace.queries.rulebook.words import words_of

ROOT = "inputs"
MOST_ROWS = 60
"""So many rows of a list are drawn as controls and read back; the page says so, and a longer list is given over the API."""
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_APART = re.compile(r"[\s;,]+")

Schema = Mapping[str, Any]
Posted = Mapping[str, str]


@dataclass(frozen=True)
class Control:
    """One input; `help` says its range."""

    field: FormField

    @property
    def kind(self) -> str:
        """What the template draws."""
        return "control"


@dataclass(frozen=True)
class Group:
    """An input that is an object: its own controls under one heading."""

    name: str
    label: str
    help: str
    items: Sequence[Control | Rows | Group]
    kind: str = "group"


@dataclass(frozen=True)
class Rows:
    """An input that is a list of objects: a table with a control in each cell."""

    name: str
    label: str
    help: str
    columns: Sequence[str]
    rows: Sequence[Sequence[FormField]]
    given: int
    kind: str = "rows"

    @property
    def full(self) -> bool:
        """Whether no row can be added."""
        return len(self.rows) >= MOST_ROWS

    @property
    def says(self) -> str:
        """What is to be known of a list that has as many rows as a form takes, or more."""
        if not self.full:
            return ""
        if self.given > MOST_ROWS:
            return f"Only the first {MOST_ROWS} of {self.given} rows are taken here; the API takes them all."
        return f"A form takes {MOST_ROWS} rows; the API takes more."


Item = Control | Group | Rows


# -- drawing -----------------------------------------------------------------------------------------------------------


def items_of(schema: Schema, values: Mapping[str, Any], *, more: str = "") -> list[Item]:
    """Return the controls of a rule's inputs, filled with values; `more` names a list that gets an empty row."""
    return list(_items(schema, schema.get("$defs", {}), values, ROOT, more))


def without_row(values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return inputs without the row of a list that a path names; as they are where it names none."""
    name, _, index = path.removeprefix(f"{ROOT}.").rpartition(".")
    rows = values.get(name)
    if not isinstance(rows, list) or not index.isdecimal():
        return dict(values)
    return {**values, name: [row for number, row in enumerate(rows) if number != int(index)]}


def _items(schema: Schema, defs: Schema, values: Any, path: str, more: str) -> Iterator[Item]:
    held = values if isinstance(values, Mapping) else {}
    for name, item in schema.get("properties", {}).items():
        where, value = f"{path}.{name}", held.get(name)
        label, help_ = label_of(name, item)
        inner = _object(item, defs)
        if inner is not None and "properties" in inner:
            yield Group(where, label, help_, list(_items(inner, defs, value, where, more)))
            continue
        columns = _object(item.get("items", {}), defs) if _kind(item) == "array" else None
        if columns is not None:
            yield _rows(where, label, help_, columns, value, more)
            continue
        field = _field(where, name, label, item, value)
        field.help = help_
        yield Control(field)


def _rows(path: str, label: str, help_: str, schema: Schema, value: Any, more: str) -> Rows:
    held = list(value) if isinstance(value, list | tuple) else []
    given = held[:MOST_ROWS]
    if more == path or not given:
        given.append({})
    properties = schema.get("properties", {})
    rows = [
        [
            _field(f"{path}.{index}.{name}", name, f"{words_of(name)}, row {index + 1}", item, (row or {}).get(name))
            for name, item in properties.items()
        ]
        for index, row in enumerate(given)
    ]
    columns = [words_of(name) for name in properties]
    return Rows(path, label, help_, columns, rows, len(held))


def _field(path: str, name: str, label: str, schema: Schema, value: Any) -> FormField:
    kind = _kind(schema)
    common: dict[str, Any] = {"name": path, "label": label, "required": False}
    if "enum" in schema or kind == "boolean":
        choices = [(word, words_of(str(word))) for word in schema.get("enum", ()) if word is not None]
        if kind == "boolean":
            choices, value = [("yes", "Yes"), ("no", "No")], {True: "yes", False: "no"}.get(value)
        return FormField(kind="choice", choices=choices, value=value, placeholder="not known", **common)
    if kind in ("number", "integer"):
        return FormField(
            kind="integer" if kind == "integer" else "decimal",
            value=text_of(value),
            unit=_unit(name),
            placeholder=_range(schema),
            **common,
        )
    if schema.get("format") == "date":
        return FormField(kind="date", value=value or "", **common)
    if kind == "array":
        # A cell of a table has one line; else a list has room below its label.
        shape = "text" if path.count(".") > 1 else "longtext"
        return FormField(
            kind=shape, value=", ".join(text_of(one) for one in value or ()), placeholder="apart by commas", **common
        )
    if kind == "object":
        told = ", ".join(f"{key}={text_of(one)}" for key, one in (value or {}).items())
        return FormField(kind="text", value=told, placeholder="name=value, …", **common)
    return FormField(kind="text", value=text_of(value), **common)


def label_of(name: str, schema: Schema) -> tuple[str, str]:
    """What an input is called, and what else there is to say of it."""
    label, _, more = str(schema.get("description") or words_of(name)).partition("; ")
    return label, more[:1].upper() + more[1:]


def text_of(value: Any) -> str:
    """A value as it stands in a control."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _unit(name: str) -> str:
    for ending, unit in (("_pct", "%"), ("_days", "d"), ("_hours", "h"), ("_bps", "bp"), ("_minutes", "min")):
        if name.endswith(ending):
            return unit
    return ""


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"{low} to {high}" if low is not None and high is not None else "not known"


def _kind(schema: Schema) -> str:
    kinds = schema.get("type", "object" if "$ref" in schema or "anyOf" in schema else "")
    return kinds if isinstance(kinds, str) else next((word for word in kinds if word != "null"), "")


def _object(schema: Schema, defs: Schema) -> Schema | None:
    """The schema of an object that is named, or that may also be null."""
    for one in (schema, *schema.get("anyOf", ())):
        if "$ref" in one:
            found: Schema = defs[one["$ref"].rpartition("/")[2]]
            return found
    return None


# -- reading -----------------------------------------------------------------------------------------------------------


def read(schema: Schema, posted: Posted) -> dict[str, Any]:
    """Return the inputs that a form sent; what is empty is not known."""
    return _read_object(schema, schema.get("$defs", {}), posted, ROOT)


def _read_object(schema: Schema, defs: Schema, posted: Posted, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    needed = set(schema.get("required", ()))
    for name, item in schema.get("properties", {}).items():
        where = f"{path}.{name}"
        value = _read(item, defs, posted, where)
        if value is not None or name in needed:
            found[name] = value
    return found


def _read(schema: Schema, defs: Schema, posted: Posted, path: str) -> Any:
    inner = _object(schema, defs)
    if inner is not None and "properties" in inner:
        held = _read_object(inner, defs, posted, path)
        return held if any(value is not None for value in held.values()) else None
    if _kind(schema) == "array" and (columns := _object(schema.get("items", {}), defs)) is not None:
        return _read_rows(columns, defs, posted, path)
    text = posted.get(path, "").strip()
    if _kind(schema) == "array":
        kind = _kind(schema.get("items", {}))
        return [_scalar(kind, part) for part in _APART.split(text) if part]
    if not text:
        return None
    if _kind(schema) == "object":
        return {
            key.strip(): _scalar("number", value) for key, _, value in (part.partition("=") for part in text.split(","))
        }
    return _scalar(_kind(schema), text)


def _read_rows(schema: Schema, defs: Schema, posted: Posted, path: str) -> list[dict[str, Any]]:
    start = f"{path}."
    sent = {key[len(start) :].partition(".")[0] for key in posted if key.startswith(start)}
    rows = []
    for index in sorted(int(one) for one in sent if one.isdecimal() and len(one) < 5):
        row = _read_object(schema, defs, posted, f"{path}.{index}")
        if any(posted.get(f"{path}.{index}.{name}", "").strip() for name in schema.get("properties", {})):
            rows.append(row)
    return rows[:MOST_ROWS]


def _scalar(kind: str, text: str) -> Any:
    text = text.strip()
    if kind == "boolean":
        return {"yes": True, "no": False}.get(text, text)
    if kind in ("number", "integer"):
        return number_of(text)
    return text


def number_of(text: str) -> Any:
    """Return a number out of what was typed, with or without commas between thousands; else the text itself."""
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace("\N{MINUS SIGN}", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return text
    if not found.is_finite():
        return text
    return int(found) if found == found.to_integral_value() and abs(found) < 10**15 else found
