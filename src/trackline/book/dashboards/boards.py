"""A dashboard as it is read: each tile with what it found of the accounts that count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.book.dashboards import lists, metrics, revenue, routes, standing, work  # noqa: F401  (register on import)
from trackline.book.dashboards.shapes import Found, Rows
from trackline.book.dashboards.sources import Sources, readers
from trackline.book.dashboards.tiles import Tile, tiles_of
from trackline.book.models import Dashboard
from trackline.book.queries.narrowing import FILTERS
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Shown:
    """A tile with what it found."""

    tile: Tile
    found: Found

    @property
    def title(self) -> str:
        """Its own title, else that of what it shows, said more closely by what was chosen of it."""
        kind = self.tile.kind
        if self.tile.title:
            return self.tile.title
        said = self.found.title or kind.title
        chosen = [
            option.choices[self.tile.options[name]].lower()
            for name, option in kind.options.items()
            if name == "by" and option.choices
        ]
        which = self.tile.options.get("state", "")
        before = f"{kind.options['state'].choices[which]} " if which else ""
        return f"{before}{said.lower() if before else said}{f' by {chosen[0]}' if chosen else ''}"

    def to_json(self) -> dict[str, Any]:
        """Return what the tile found, JSON-ready."""
        found, kind = self.found, self.tile.kind
        return {
            "id": self.tile.id, "kind": kind.key, "shape": kind.shape, "title": self.title, "unit": found.unit,
            "currency": found.currency or None, "value": found.value, "words": found.words(found.value),
            "band": found.band or None, "detail": found.detail, "change": found.change, "since": found.since or None,
            "points": [
                {"key": point.key, "label": point.label, "value": point.value, "second": point.second,
                 "target": point.target, "count": point.count, "band": point.band or None}
                for point in found.points
            ],
            "missing": found.missing or None, "as_of": found.as_of, "oldest": found.oldest, "how": kind.how,
            "rule": kind.rule or None, "notes": list(found.notes),
        }  # fmt: skip


@dataclass(frozen=True)
class Board:
    """A dashboard with its tiles as of a day, under the filters that were asked for, else its own."""

    dashboard: Dashboard
    on: date
    filters: Mapping[str, str]
    tiles: Sequence[Shown]
    sources: Sources

    def to_json(self) -> dict[str, Any]:
        """Return what the tiles found, JSON-ready."""
        return {
            "id": str(self.dashboard.pk),
            "name": self.dashboard.name,
            "filters": dict(self.filters),
            "as_of": self.on,
            "tiles": [shown.to_json() for shown in self.tiles],
        }

    def tile(self, key: str) -> Shown:
        """Return one of its tiles. Raises `NotFound`."""
        for shown in self.tiles:
            if shown.tile.id == key:
                return shown
        raise NotFound(f"The dashboard has no tile {key[:20]}.")


def board_of(ctx: Context, pk: Any, filters: Mapping[str, str] | None = None, only: str = "") -> Board:
    """Return a dashboard that the actor sees; `filters` take the place of its own, `only` reads one tile alone.

    Sources are read once for all tiles: the number of queries depends on the kinds of tiles, not on the accounts.
    """
    dashboard: Dashboard = get(ctx, registry.get("dashboard"), pk)
    asked = dict(dashboard.filters if filters is None else filters)
    sources = Sources(ctx, ctx.today, {name: asked.get(name, "") for name in FILTERS})
    tiles = [tile for tile in tiles_of(dashboard.tiles) if only in ("", tile.id)]
    shown = [Shown(tile, readers[tile.kind.key](sources, tile.options)) for tile in tiles]
    return Board(dashboard, ctx.today, sources.filters, shown, sources)


def rows_of(shown: Shown, part: str = "") -> Rows:
    """Return the rows behind a tile, or behind one part of its picture."""
    return shown.found.behind().of(part)
