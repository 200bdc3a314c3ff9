"""What writes of dashboards mean, and what people do with one: add, change, move and remove tiles, copy it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from trackline.book.dashboards.gallery import gallery, starting
from trackline.book.dashboards.tiles import checked, next_id, tiles_of
from trackline.book.models import Dashboard
from trackline.book.queries.narrowing import FILTERS
from trackline.kit.policy import ADMIN, Actor, Context
from trackline.kit.problems import Forbidden, Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

Links = dict[str, list[int]]
LONGEST_FILTER = 120


def seen_by(actor: Actor) -> Q:
    """Keep dashboards that are shared or the actor's own; the program itself sees all."""
    return Q() if actor.user_id is None else Q(shared=True) | Q(owner=actor.user_id)


def prepare_dashboard(ctx: Context, dashboard: Any, changed: set[str], _links: Links) -> None:
    """Check tiles and filters. Whoever sees a dashboard and may write arranges it; its owner decides who sees it."""
    if dashboard.owner_id is None and not dashboard.shared:
        raise Invalid.fields({"owner": "A dashboard that is not shared needs an owner."})
    before = None if dashboard._state.adding else Dashboard.objects.get(pk=dashboard.pk)
    if before and (before.owner_id, before.shared) != (dashboard.owner_id, dashboard.shared):
        mine = ctx.actor.user_id in (None, before.owner_id) or ctx.actor.may(ADMIN)
        if before.owner_id is not None and not mine:
            raise Forbidden("Its owner decides who sees a dashboard. Copy it to have one of your own.")
    if before is None or "tiles" in changed:
        dashboard.tiles = checked(dashboard.tiles)
    if before is None or "filters" in changed:
        dashboard.filters = _filters(dashboard.filters)


def _filters(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Invalid.fields({"filters": f"An object with any of {', '.join(FILTERS)} is expected."})
    wrong = {
        f"filters.{name}": "There is no such filter."
        if name not in FILTERS
        else f"A text of at most {LONGEST_FILTER} characters is expected."
        for name, value in given.items()
        if name not in FILTERS or not isinstance(value, str) or len(value) > LONGEST_FILTER
    }
    if wrong:
        raise Invalid.fields(wrong)
    return {name: value for name, value in given.items() if value}


def add_tile(ctx: Context, pk: Any, kind: str, given: Mapping[str, Any] | None = None) -> tuple[Dashboard, str]:
    """Put a tile of a kind at the end of a dashboard; returns the dashboard and the tile's id. Raises `Invalid`."""
    dashboard = get(ctx, registry.get("dashboard"), pk)
    if kind not in gallery().kinds:
        raise Invalid.fields({"kind": "There is no such tile in the gallery."})
    new = next_id({row["id"] for row in dashboard.tiles})
    tile = {"id": new, "kind": kind, **(given or {})}
    tile.setdefault("w", gallery().kinds[kind].w)
    tile.setdefault("h", gallery().kinds[kind].h)
    return _write(ctx, dashboard, [*dashboard.tiles, tile]), new


def change_tile(ctx: Context, pk: Any, key: str, given: Mapping[str, Any]) -> Dashboard:
    """Change title, size or choices of a tile. Raises `NotFound`, `Invalid`."""
    dashboard = get(ctx, registry.get("dashboard"), pk)
    _known(dashboard, key)
    tiles = [{**row, **given} if row["id"] == key else row for row in dashboard.tiles]
    return _write(ctx, dashboard, tiles)


def remove_tile(ctx: Context, pk: Any, key: str) -> Dashboard:
    """Take a tile off a dashboard. Raises `NotFound`."""
    dashboard = get(ctx, registry.get("dashboard"), pk)
    _known(dashboard, key)
    return _write(ctx, dashboard, [row for row in dashboard.tiles if row["id"] != key])


def arrange(ctx: Context, pk: Any, places: Sequence[tuple[str, int, int]], expected_version: int | None) -> Dashboard:
    """Put the tiles into an order and give each its width and height. Raises `Stale` where it has moved on meanwhile.

    Every tile is named once; what was added or taken away by somebody else meanwhile is a conflict.
    """
    dashboard = get(ctx, registry.get("dashboard"), pk)
    known = {row["id"]: row for row in dashboard.tiles}
    named = [key for key, _, _ in places]
    if sorted(named) != sorted(known):
        if expected_version is not None and expected_version != dashboard.version:
            raise records.stale(registry.get("dashboard"), dashboard, {"tiles"})
        raise Invalid.fields({"tiles": "Each tile of the dashboard is expected once."})
    return _write(ctx, dashboard, [{**known[key], "w": w, "h": h} for key, w, h in places], expected_version)


def copy(ctx: Context, pk: Any, name: str = "", *, shared: bool = False) -> Dashboard:
    """Make a dashboard of one's own out of one that one sees."""
    source = get(ctx, registry.get("dashboard"), pk)
    data = {
        "name": (name.strip() or f"{source.name}, copy")[:80],
        "description": source.description,
        "tiles": [tile.plain() for tile in tiles_of(source.tiles)],
        "filters": source.filters,
        "owner": ctx.actor.user_id,
        "shared": shared or ctx.actor.user_id is None,
    }
    made: Dashboard = records.create(ctx, registry.get("dashboard"), data)
    return made


def starting_tiles() -> list[dict[str, Any]]:
    """Return the tiles that a dashboard starts with unless it starts empty."""
    return checked(list(starting()))


def _known(dashboard: Dashboard, key: str) -> None:
    if key not in {row["id"] for row in dashboard.tiles}:
        raise NotFound(f"The dashboard has no tile {key[:20]}.")


def _write(ctx: Context, dashboard: Dashboard, tiles: list[Any], version: int | None = None) -> Dashboard:
    made: Dashboard = records.update(
        ctx, registry.get("dashboard"), dashboard.pk, {"tiles": tiles}, expected_version=version
    )
    return made
