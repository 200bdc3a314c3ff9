"""White space on its page: the grid of an account, or of it with all below, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.align.hot_zones import Zone, Zones, hottest, zone_json, zones_of
from trackline.align.rules.matrix import Limits, Totals, Wallet, limits
from trackline.align.whitespace import Grid, GridCell, grid_of
from trackline.kit import formats
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import Head
from trackline.workspace.records import addresses

SHADES = 4
"""So many steps of one hue tell large values from small ones."""


@dataclass(frozen=True)
class Drawn:
    """A cell on the page: where it opens, how strong its hue is, and what it says when read out."""

    cell: GridCell
    url: str
    panel: str
    shade: int
    spoken: str
    zone: Zone | None


@dataclass(frozen=True)
class DrawnHot:
    """A hot zone in the list below the grid, and where it opens."""

    zone: Zone
    url: str
    panel: str


@dataclass(frozen=True)
class DrawnRow:
    """A unit with its cells; `account` is named where it differs from the row above."""

    unit: Any
    account: str
    cells: Sequence[Drawn]
    totals: Totals
    wallet: Wallet


@dataclass(frozen=True)
class WhitespacePage:
    """The grid as it is drawn; `group` says that it holds what stands below the account too.

    `told` says whether our share of any cell is known, `blind` in how many we are without knowing it.
    """

    grid: Grid
    rows: Sequence[DrawnRow]
    group: bool
    finding: str
    told: bool
    blind: int
    limits: Limits
    hot: Sequence[DrawnHot]


def whitespace_page(head: Head, group: bool) -> WhitespacePage:
    """Return the page; ten queries whatever the size of the grid."""
    grid, zones = whitespace_grid(head, group)
    top = max((cell.value or Decimal(0) for row in grid.rows for cell in row.cells if cell.is_open), default=Decimal(0))
    rows, last = [], None
    for row in grid.rows:
        named = row.unit.account.name if group and row.unit.account_id != last else ""
        last = row.unit.account_id
        drawn = [_drawn(cell, top, grid.currency, _zone(cell, zones)) for cell in row.cells]
        rows.append(DrawnRow(row.unit, named, drawn, row.totals, row.wallet))
    every = [cell for row in grid.rows for cell in row.cells]
    told, blind = any(cell.wallet.colour for cell in every), sum(cell.blind for cell in every)
    return WhitespacePage(
        grid, rows, group, _finding(grid), told, blind, limits(), [_hot(zone) for zone in hottest(zones)]
    )


def whitespace_grid(head: Head, group: bool) -> tuple[Grid, Zones]:
    """Return the grid of an account in its currency, or of the group in the book's where currencies differ, and what speaks
    for its cells.
    """
    accounts = [head.account.pk, *(row.id for row in head.below)] if group else [head.account.pk]
    codes = {head.account.currency, *(row.currency for row in head.below if group)}
    currency = head.account.currency if len(codes) == 1 else head.rates.book
    grid = grid_of(accounts, head.today, head.rates, currency or head.rates.book)
    return grid, zones_of((cell for row in grid.rows for cell in row.cells), accounts, head.today)


def lines_of(grid: Grid, zones: Zones) -> Iterator[Sequence[Any]]:
    """Yield the heading and a line a cell, for a file: what the grid adds up to can be computed from it, and its records
    imported.
    """
    yield (
        "account", "business_unit", "product", "state", "type", "value", "currency", "contracted", "addressable",
        "attainable_pct", "wallet_pct", "saturation_pct", "colour", "signals", "hot", "owner", "competitor", "competitor_share", "route", "reviewed_on",
    )  # fmt: skip
    for row in grid.rows:
        for cell in row.cells:
            yield _line(cell, grid, _zone(cell, zones))


def _line(cell: GridCell, grid: Grid, zone: Zone | None) -> list[Any]:
    record, wallet = cell.record, cell.wallet
    shares = (None if share is None else round(share, 1) for share in (wallet.share_pct, wallet.saturation_pct))
    return [
        cell.unit.account.key, cell.unit.name, cell.product.name, cell.state, cell.kind if cell.can_start else "",
        cell.value, grid.currency, cell.contracted, cell.addressable, record.attainable_pct if record else None, *shares,
        wallet.colour, *zone_json(cell, zone).values(), record.competitor if record else "",
        record.competitor_share if record else None, cell.route.title if cell.route else "",
        record.reviewed_on if record else None,
    ]  # fmt: skip


def shade_of(value: Decimal | None, top: Decimal) -> int:
    """Return how strong the hue of an amount is, from 1 to `SHADES`; 0 without one. `top` is the largest shown."""
    return max(1, min(SHADES, int(value * SHADES / top + Decimal("0.999")))) if value and top else 0


def spoken(wallet: Wallet) -> str:
    """Return what is read out of our share, with its colour; "" where not known. Source: WS-03."""
    if wallet.saturation_pct is None:
        return ""
    return f", {formats.percent(wallet.saturation_pct, 0)} of what is attainable is ours ({wallet.colour})"


def _drawn(cell: GridCell, top: Decimal, currency: str, zone: Zone | None) -> Drawn:
    url, panel = opens_at(cell)
    value = cell.value if cell.is_open else cell.contracted
    worth = formats.money(value, currency) if value is not None else "no value"
    shade = shade_of(cell.value if cell.is_open else None, top)
    rival = f", {cell.record.competitor}" if cell.record and cell.record.competitor else ""
    said = f"{cell.unit.name}, {cell.product.name}: {cell.name}, {worth}{spoken(cell.wallet)}{rival}"
    if zone and zone.hot:
        said += f", hot: {zone.intensity} signals speak for it"
    return Drawn(cell, url, panel, shade, said, zone)


def _hot(zone: Zone) -> DrawnHot:
    return DrawnHot(zone, *opens_at(zone.cell))


def opens_at(cell: GridCell) -> tuple[str, str]:
    """Return the page and the panel of a cell, of a new one where it has no record."""
    rtype = registry.get("whitespace_cell")
    if cell.record:
        return addresses.page(rtype, cell.record.pk), addresses.panel(rtype, cell.record.pk)
    given = {"business_unit": cell.unit.pk, "product": cell.product.pk}
    return addresses.new(rtype, given), addresses.new_panel(rtype, given)


def _zone(cell: GridCell, zones: Zones) -> Zone | None:
    return zones.get((cell.unit.pk, cell.product.pk))


def _finding(grid: Grid) -> str:
    sums = grid.totals
    if not sums.open:
        return "Nothing is left to sell here."
    worth = formats.money(sums.value, grid.currency)
    missing = sums.open - sums.valued
    still = f"; {missing} of {sums.open} open cells have no value yet" if missing else ""
    return f"{worth} could still be sold{still}."
