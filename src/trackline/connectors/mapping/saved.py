"""Saved maps: what a person decided about the columns of a file, kept as JSON and applied to the next export.

    {"source": "csv", "mode": "both", "date_order": "dmy", "decimal": ",", "create_accounts": true,
     "files": {"kunden*.csv": {"type": "account", "columns": {"Umsatz": "arr", "Hobby": "skip", "Messe": "custom"},
                               "stages": {"Verbal": "pursuing"}, "values": {"Land": {"Dtl.": "Germany"}}}}}

Everything is optional. What a map does not say is found out as usual.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trackline.connectors.profiles import SYSTEMS
from trackline.connectors.readers import matches

_ORDERS = ("dmy", "mdy")
_MARKS = (".", ",")
_MODES = ("create", "update", "both")
_STATES = ("identified", "qualifying", "pursuing", "won", "lost", "parked")


class MapProblem(ValueError):
    """A map that cannot be used. The message names the place and what is expected there."""


@dataclass(frozen=True, slots=True)
class FileMap:
    """What a map says of one file; empty where it says nothing."""

    type: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    date_order: str = ""
    decimal: str = ""
    currency: str = ""
    system: str = ""
    encoding: str = ""
    delimiter: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)
    #: heading → {text in the file: text meant}
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedMap:
    """A whole map."""

    source: str = ""
    mode: str = ""
    create_accounts: bool | None = None
    defaults: FileMap = field(default_factory=FileMap)
    files: tuple[tuple[str, FileMap], ...] = ()

    def of(self, file: str, table: str = "") -> FileMap:
        """What the map says of a file, or of a table in it (`book.xlsx › Contacts`): its own entry, then the defaults."""
        for name in (table, file):
            for pattern, entry in self.files if name else ():
                if matches(name, pattern):
                    return _merged(entry, self.defaults)
        return self.defaults

    def options(self, file: str) -> dict[str, str]:
        """Encoding and delimiter of a file, for its reader."""
        entry = self.of(file)
        return {"encoding": entry.encoding, "delimiter": entry.delimiter}


def _merged(entry: FileMap, rest: FileMap) -> FileMap:
    return FileMap(
        type=entry.type or rest.type,
        columns={**rest.columns, **entry.columns},
        skip=entry.skip | rest.skip,
        date_order=entry.date_order or rest.date_order,
        decimal=entry.decimal or rest.decimal,
        currency=entry.currency or rest.currency,
        system=entry.system or rest.system,
        encoding=entry.encoding or rest.encoding,
        delimiter=entry.delimiter or rest.delimiter,
        stages={**rest.stages, **entry.stages},
        values={**rest.values, **entry.values},
    )


def load_map(path: Path) -> SavedMap:
    """Read a map from a JSON file. Raises `MapProblem`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MapProblem(f"The map {path.name} cannot be opened: {error.strerror}.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MapProblem(f"The map {path.name} is not valid JSON: {error}.") from None
    return parse_map(data)


def parse_map(data: Any) -> SavedMap:
    """Check and read a map. Raises `MapProblem`."""
    top = _object(data, "the map")
    known = {"source", "mode", "create_accounts", "files", *_FILE_KEYS}
    _refuse_unknown(top, known, "the map")
    files = _object(top.get("files", {}), "files")
    defaults = _file_map({key: value for key, value in top.items() if key in _FILE_KEYS}, "the map")
    create = top.get("create_accounts")
    if create is not None and not isinstance(create, bool):
        raise MapProblem("create_accounts: true or false is expected.")
    return SavedMap(
        source=_one_of(top.get("source", ""), ("", "auto", "csv", *SYSTEMS), "source"),
        mode=_one_of(top.get("mode", ""), ("", *_MODES), "mode"),
        create_accounts=create,
        defaults=defaults,
        files=tuple((pattern, _file_map(entry, f"files.{pattern}")) for pattern, entry in files.items()),
    )


_FILE_KEYS = frozenset(
    {
        "type",
        "columns",
        "skip",
        "date_order",
        "decimal",
        "currency",
        "system",
        "encoding",
        "delimiter",
        "stages",
        "values",
    }
)


def _file_map(data: Any, where: str) -> FileMap:
    entry = _object(data, where)
    _refuse_unknown(entry, _FILE_KEYS, where)
    columns = _texts(entry.get("columns", {}), f"{where}.columns", null="skip")
    stages = _texts(entry.get("stages", {}), f"{where}.stages")
    for stage, state in stages.items():
        _one_of(state, _STATES, f"{where}.stages.{stage}")
    skip = entry.get("skip", [])
    if not isinstance(skip, list) or not all(isinstance(heading, str) for heading in skip):
        raise MapProblem(f"{where}.skip: a list of headings is expected.")
    values = _object(entry.get("values", {}), f"{where}.values")
    return FileMap(
        type=_text(entry.get("type", ""), f"{where}.type"),
        columns=columns,
        skip=frozenset(skip),
        date_order=_one_of(entry.get("date_order", ""), ("", *_ORDERS), f"{where}.date_order"),
        decimal=_one_of(entry.get("decimal", ""), ("", *_MARKS), f"{where}.decimal"),
        currency=_text(entry.get("currency", ""), f"{where}.currency").upper(),
        system=_text(entry.get("system", ""), f"{where}.system"),
        encoding=_text(entry.get("encoding", ""), f"{where}.encoding"),
        delimiter=_delimiter(entry.get("delimiter", ""), f"{where}.delimiter"),
        stages=stages,
        values={heading: _texts(pairs, f"{where}.values.{heading}") for heading, pairs in values.items()},
    )


def _object(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise MapProblem(f"{where}: an object is expected.")
    return data


def _refuse_unknown(data: Mapping[str, Any], known: frozenset[str] | set[str], where: str) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise MapProblem(f"{where}: “{unknown[0]}” is not known. Known are {', '.join(sorted(known))}.")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise MapProblem(f"{where}: text is expected.")
    return value


def _texts(data: Any, where: str, null: str | None = None) -> dict[str, str]:
    found = {}
    for key, value in _object(data, where).items():
        if value is None and null is not None:
            value = null
        found[str(key)] = _text(value, f"{where}.{key}")
    return found


def _one_of(value: Any, options: tuple[str, ...], where: str) -> str:
    if value not in options:
        raise MapProblem(f"{where}: one of {', '.join(option for option in options if option)} is expected.")
    return str(value)


def _delimiter(value: Any, where: str) -> str:
    text = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}.get(str(value), value)
    if not isinstance(text, str) or len(text) > 1:
        raise MapProblem(f"{where}: one character is expected, or “tab”.")
    return text
