"""What every page of one import shares: its crumbs, its steps, its files."""

from __future__ import annotations

from typing import Any

from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.models import ImportRun
from trackline.kit.records.types import registry

STEPS = ["Upload", "Map columns", "Check", "Import"]
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "latin-1": "Latin-1",
}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def frame(run: ImportRun, at: int) -> dict[str, Any]:
    """Context of the page frame; `at` is the number of the step."""
    return {
        "run": run,
        "nav_key": "import",
        "crumbs": [{"label": "Import", "url": "/import"}, {"label": run.name, "url": f"/import/{run.pk}"}],
        "steps": STEPS,
        "at": at,
    }


def labels_of(type_name: str) -> str:
    """What records of a type are called (`Routes`)."""
    found = registry.find(type_name) if type_name else None
    return found.labels if found else ""


def format_of(table: TablePlan) -> str:
    """How a file is written: `412 rows, UTF-8 with BOM, semicolon`."""
    parts = [f"{table.rows:,} row{'' if table.rows == 1 else 's'}"]
    if table.kind == "csv":
        parts += [_ENCODINGS.get(table.encoding, table.encoding), _DELIMITERS.get(table.delimiter, table.delimiter)]
    else:
        parts.append({"xlsx": "Excel", "json": "JSON"}.get(table.kind, table.kind))
    return ", ".join(part for part in parts if part)
