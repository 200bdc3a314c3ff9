"""How values of facts are written in documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from trackline.kit import formats

Row = Mapping[str, Any]
DASH = "–"


def written(row: Row, key: str, way: str) -> str:
    """Return a value of a row as one reads it; what is missing is a dash in tables."""
    value = row.get(key)
    if value is None or value == "" or value == []:
        return DASH
    return WAYS[way](row, value)


def _tree(row: Row, value: Any) -> str:
    return f"{formats.NBSP * 4 * row['depth']}{value}"


WAYS: Mapping[str, Callable[[Row, Any], str]] = {
    "text": lambda _row, value: str(value),
    "capital": lambda _row, value: str(value).capitalize(),
    "label": lambda _row, value: str(value["label"]),
    "reader": lambda _row, value: "You" if value["value"] == "customer" else "Us",
    "list": lambda _row, value: ", ".join(value),
    "flag": lambda _row, value: "yes" if value else "no",
    "day": lambda _row, value: formats.day(date.fromisoformat(value)),
    "number": lambda _row, value: formats.number(value, 1),
    "percent": lambda _row, value: formats.percent(value, 0),
    "money": lambda row, value: formats.money(value, row["currency"]),
    "measure": lambda row, value: formats.measure(value, row["unit"], row.get("currency", "")),
    "tier": lambda _row, value: f"Tier {value}",
    "tree": _tree,
}
