"""White space of the whole book: what could still be sold where, which of it first, what accounts and products add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.align.hot_zones import Zone, Zones, zone_json, zones_of
from trackline.align.models import Product
from trackline.align.rules.matrix import Totals, Wallet, totals
from trackline.align.rules.whitespace import whitespace_priority
from trackline.align.whitespace import GridCell, Placed, placed_of, priority_of, sums_json, wallet_held, wallet_json
from trackline.book.queries.narrowing import Narrowing, accounts_in, narrowing
from trackline.book.queries.renewals import GONE
from trackline.core.decimals import ZERO
from trackline.core.playbook import Explained
from trackline.kit.policy import Context

SHOWS = ("hot", "go", "backlog", "unscored", "unvalued", "pursued", "stale")


@dataclass(frozen=True)
class Place:
    """An open cell with its account and its priority; None where nobody scored it."""

    cell: GridCell
    account: Mapping[str, Any]
    priority: Explained | None
    zone: Zone | None = None

    @property
    def hot(self) -> bool:
        """Whether signals meet money. Source: WS-05."""
        return bool(self.zone and self.zone.hot)

    @property
    def points(self) -> Decimal | None:
        """The priority from 0 to 100; None where too little of it is scored."""
        value = self.priority.value if self.priority else None
        return value if isinstance(value, Decimal) else None

    @property
    def go(self) -> bool | None:
        """Whether the score lets it be pursued. Source: WS-07."""
        return self.priority.details["go"] if self.priority else None

    def shows(self, show: str) -> bool:
        """Whether it is one of those that a name of `SHOWS` stands for; the scores of unscored ones reach no priority."""
        if show == "hot":
            return self.hot
        if show == "unscored":
            return self.go is None
        if show in ("go", "backlog"):
            return self.go is (show == "go")
        if show == "unvalued":
            return self.cell.value is None
        return self.cell.stale if show == "stale" else self.cell.route is not None


@dataclass(frozen=True)
class Line:
    """An account with what its units add up to, for each product of which something is known and altogether."""

    account: Mapping[str, Any]
    units: int
    cells: Mapping[int, Totals]
    totals: Totals
    wallets: Mapping[int, Wallet]


@dataclass(frozen=True)
class Whitespace:
    """Accounts × products, the richest first, and the open cells in the order in which to pursue them.

    `places` are those that `show` keeps of the `cells_kept` that account and product leave, `counts` how many each name of it
    would keep.
    """

    placed: Placed
    narrowed: Narrowing
    lines: Sequence[Line]
    places: Sequence[Place]
    cells_kept: int
    counts: Mapping[str, int]
    columns: Mapping[int, Totals]

    @property
    def products(self) -> Sequence[Product]:
        """The columns: products of which something is known."""
        return [product for product in self.placed.products if product.pk in self.columns]


def whitespace_of(
    ctx: Context,
    filters: Mapping[str, str] | None = None,
    *,
    show: str = "",
    account: str = "",
    product: int | None = None,
) -> Whitespace:
    """Return the white space of the accounts the actor sees, without those that have left, in the book's currency.

    `account` (its key) and `product` narrow the places, not the grid. Thirteen queries, one more where a group is asked for.
    Source: WSP-03, WSP-04, WSP-05, WS-03, WS-05, WS-07.
    """
    today = ctx.today
    narrowed = narrowing(ctx, filters or {})
    accounts = accounts_in(ctx, narrowed.filters).exclude(status__in=GONE)
    placed = placed_of(accounts.values("pk"), today, rates_in_force(today))
    by_place: dict[int, dict[int, list[tuple[str, Decimal | None]]]] = {}
    pools: dict[tuple[int, int], list[GridCell]] = {}
    by_product: dict[int, list[tuple[str, Decimal | None]]] = {}
    for cell in placed.cells:
        told = (cell.state, cell.value)
        by_place.setdefault(cell.unit.account_id, {}).setdefault(cell.product.pk, []).append(told)
        by_product.setdefault(cell.product.pk, []).append(told)
        pools.setdefault((cell.unit.account_id, cell.product.pk), []).append(cell)
    lines = [
        Line(
            narrowed.accounts[pk],
            placed.units[pk],
            {column: totals(cells) for column, cells in row.items()},
            totals([one for cells in row.values() for one in cells]),
            {column: wallet_held(pools[pk, column]) for column in row},
        )
        for pk, row in by_place.items()
    ]
    lines.sort(key=lambda line: (-line.totals.value, line.account["name"].casefold(), line.account["pk"]))
    zones = zones_of(placed.cells, accounts.values("pk"), today)
    every = _places(placed, narrowed, zones, ctx)
    kept = [
        place
        for place in every
        if account in ("", place.account["key"]) and product in (None, place.cell.product.pk)
    ]  # fmt: skip
    return Whitespace(
        placed,
        narrowed,
        lines,
        [place for place in kept if not show or place.shows(show)],
        len(kept),
        {name: sum(place.shows(name) for place in kept) for name in SHOWS},
        {pk: totals(cells) for pk, cells in by_product.items()},
    )


def whitespace(ctx: Context, filters: Mapping[str, str] | None = None, show: str = "") -> dict[str, Any]:
    """Return the same as JSON has it."""
    found = whitespace_of(ctx, filters, show=show)
    return {
        "as_of": ctx.today,
        "currency": found.placed.currency,
        "totals": sums_json(found.placed.totals),
        "accounts": [
            {"key": line.account["key"], "name": line.account["name"], "units": line.units} | sums_json(line.totals)
            | {"products": [
                {"product": str(pk)} | sums_json(sums) | wallet_json(line.wallets[pk]) for pk, sums in line.cells.items()
            ]}
            for line in found.lines
        ],
        "products": [
            {"product": str(one.pk), "name": one.name} | sums_json(found.columns[one.pk]) for one in found.products
        ],
        "counts": dict(found.counts),
        "cells": [place_json(place) for place in found.places],
        "notes": notes_of(found),
    }  # fmt: skip


def place_json(place: Place) -> dict[str, Any]:
    """Return an open cell as JSON has it; scores from 0 to 5, `priority` from 0 to 100."""
    cell, record = place.cell, place.cell.record
    return {
        "account": place.account["key"],
        "account_name": place.account["name"],
        "business_unit": str(cell.unit.pk),
        "business_unit_name": cell.unit.name,
        "product": str(cell.product.pk),
        "product_name": cell.product.name,
        "cell": str(record.pk) if record else None,
        "state": cell.state,
        "type": cell.kind or None,
        "value": cell.value,
        "contracted": cell.contracted,
        "addressable": cell.addressable,
        **wallet_json(cell.wallet),
        **zone_json(cell, place.zone),
        "priority": place.points,
        "go": place.go,
        "strategic_fit": record.strategic_fit if record else None,
        "competitor": record.competitor if record else "",
        "competitor_share": record.competitor_share if record else None,
        "route": str(cell.route.pk) if cell.route else None,
        "reviewed_on": record.reviewed_on if record else None,
        "stale": cell.stale,
    }


def notes_of(found: Whitespace) -> list[str]:
    """Say what was left out."""
    lost, unplaced = found.placed.left_out, found.placed.unplaced
    notes = []
    if lost:
        notes.append(f"{lost} {'value is' if lost == 1 else 'values are'} left out: there is no exchange rate.")
    if unplaced:
        notes.append(f"{unplaced} {'product' if unplaced == 1 else 'products'} under contract name no business unit.")
    return notes


def _places(placed: Placed, narrowed: Narrowing, zones: Zones, ctx: Context) -> list[Place]:
    """The open cells: the highest priority first, then what is worth most, then what has no value."""
    overrides = Overrides.load(ctx.today)
    places = []
    for cell in placed.cells:
        if not cell.is_open:
            continue
        account = narrowed.accounts[cell.unit.account_id]
        in_force = overrides.in_force(whitespace_priority, ctx.today, tier=account["tier"], account_id=account["pk"])
        zone = zones.get((cell.unit.pk, cell.product.pk))
        places.append(Place(cell, account, priority_of(cell.record, in_force, ctx.today), zone))
    places.sort(
        key=lambda place: (
            -(place.points if place.points is not None else Decimal(-1)),
            -(place.cell.value if place.cell.value is not None else ZERO - 1),
            place.account["name"].casefold(), place.cell.unit.name, place.cell.product.name, place.cell.unit.pk,
        )
    )  # fmt: skip
    return places
