"""A tile as a dashboard keeps it: read, checked, completed by what its kind usually is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trackline.book.dashboards.gallery import HEIGHTS, WIDTHS, TileKind, gallery
from trackline.kit.problems import Invalid

MOST = 40
LONGEST_TITLE, LONGEST_CHOICE = 80, 400
ID = re.compile(r"[a-z0-9]{1,12}")


@dataclass(frozen=True)
class Tile:
    """A tile: its id within the dashboard, kind, own title, size and choices."""

    id: str
    kind: TileKind
    title: str
    w: int
    h: int
    options: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept: choices that are the usual ones are left out."""
        chosen = {name: value for name, value in self.options.items() if value != self.kind.options[name].default}
        return {"id": self.id, "kind": self.kind.key, "title": self.title, "w": self.w, "h": self.h, "options": chosen}


def tiles_of(kept: Sequence[Mapping[str, Any]]) -> list[Tile]:
    """Return the tiles that a dashboard keeps; those of a kind that is gone are left out."""
    known = gallery().kinds
    return [_tile(row, known[row["kind"]]) for row in kept if row.get("kind") in known]


def _tile(row: Mapping[str, Any], kind: TileKind) -> Tile:
    chosen = row.get("options") or {}
    options = {name: str(chosen.get(name, option.default)) for name, option in kind.options.items()}
    return Tile(row["id"], kind, row.get("title", ""), row.get("w", kind.w), row.get("h", kind.h), options)


def checked(given: Any) -> list[dict[str, Any]]:
    """Return tiles as they are kept, ids given where they lack one. Raises `Invalid` naming every fault by its place."""
    if not isinstance(given, list):
        raise Invalid.fields({"tiles": "A list of tiles is expected."})
    if len(given) > MOST:
        raise Invalid.fields({"tiles": f"A dashboard holds at most {MOST} tiles."})
    errors: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    taken = {row["id"] for row in given if isinstance(row, dict) and isinstance(row.get("id"), str)}
    seen: set[str] = set()
    for at, row in enumerate(given):
        faults = dict(_faults(row))
        if isinstance(row, dict) and row.get("id") in seen:
            faults["id"] = "An id of its own is expected."
        errors += [{"loc": ["tiles", at, *name.split(".")], "msg": words} for name, words in faults.items()]
        if not faults:
            row = dict(row) if row.get("id") else {**row, "id": next_id(taken)}
            seen.add(row["id"])
            taken.add(row["id"])
            found.append(_tile(row, gallery().kinds[row["kind"]]).plain())
    if errors:
        first = errors[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", errors)
    return found


def next_id(taken: set[str]) -> str:
    """Return an id that no tile has."""
    number = len(taken) + 1
    while f"t{number}" in taken:
        number += 1
    return f"t{number}"


def _faults(row: Any) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("kind", "A tile is an object with a kind.")]
    kind = gallery().kinds.get(row["kind"]) if isinstance(row.get("kind"), str) else None
    if kind is None:
        return [("kind", f"One of {', '.join(gallery().kinds)} is expected.")]
    found = [
        (name, "There is no such part of a tile.")
        for name in row
        if name not in ("id", "kind", "title", "w", "h", "options")
    ]
    if "id" in row and not (isinstance(row["id"], str) and ID.fullmatch(row["id"])):
        found.append(("id", "Up to twelve small letters and digits are expected."))
    if not _is_text(row.get("title", ""), LONGEST_TITLE):
        found.append(("title", f"A text of at most {LONGEST_TITLE} characters is expected."))
    for name, (least, most) in (("w", WIDTHS), ("h", HEIGHTS)):
        value = row.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found.append((name, f"A whole number from {least} to {most} is expected."))
    return [*found, *_wrong_choices(kind, row.get("options", {}))]


def _wrong_choices(kind: TileKind, options: Any) -> list[tuple[str, str]]:
    if not isinstance(options, dict):
        return [("options", "An object is expected.")]
    found = []
    for name, value in options.items():
        option = kind.options.get(name)
        if option is None:
            found.append((f"options.{name}", "There is no such choice for this tile."))
        elif not _is_text(value, LONGEST_CHOICE):
            found.append((f"options.{name}", f"A text of at most {LONGEST_CHOICE} characters is expected."))
        elif option.choices and value not in option.choices:
            found.append((f"options.{name}", f"One of {', '.join(option.choices)} is expected."))
    return found


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and "\x00" not in value
