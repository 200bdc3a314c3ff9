"""White space of accounts: the grid of business units × products out of cells, contracts and routes, and its routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from trackline.accounts.models import BusinessUnit
from trackline.accounts.rates import Rates
from trackline.align.models import ContractItem, Product, Route, WhitespaceCell
from trackline.align.rules.gate import OPEN
from trackline.align.rules.matrix import Totals, Wallet, attainable, kind_of, limits, state_of, totals, wallet_of
from trackline.align.rules.whitespace import whitespace_priority
from trackline.core.playbook import Explained, InForce
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

ALIVE = Q(deleted_at__isnull=True)
Place = tuple[int, int]
"""The ids of a business unit and a product."""
SCORES = ("strategic_fit", "economic_impact", "feasibility", "relationship_leverage")
"""What the priority of a cell is weighed out of."""


def today(ctx: Context) -> date:
    """Date a review today."""
    return ctx.today


def prepare_cell(ctx: Context, cell: Any, changed: set[str], _links: dict[str, list[int]]) -> None:
    """Keep one cell a place, in its account's currency; a share needs its competitor; a change is a review (WSP-08)."""
    if cell._state.adding:
        same = WhitespaceCell.objects.filter(ALIVE, business_unit=cell.business_unit_id, product=cell.product_id)
        if same.exists():
            raise Invalid.fields({"product": "This unit has a cell for the product. Change that one."})
        if not cell.currency:
            cell.currency = cell.business_unit.account.currency
    if cell.competitor_share is not None and not cell.competitor.strip():
        raise Invalid.fields({"competitor": "A share needs the name of the competitor who holds it."})
    if {"state", "value", "addressable", "attainable_pct"} & changed and "reviewed_on" not in changed:
        cell.reviewed_on = ctx.today


@dataclass(frozen=True)
class GridCell:
    """A unit × a product. Money is in the grid's currency; None where not known or without a rate.

    `addressable` is what the unit spends a year on what the product does.
    """

    unit: BusinessUnit
    product: Product
    record: WhitespaceCell | None
    state: str
    kind: str
    value: Decimal | None
    contracted: Decimal | None
    route: Route | None
    stale: bool
    addressable: Decimal | None

    @property
    def name(self) -> str:
        """The state in words."""
        return str(WhitespaceCell.State(self.state).label)

    @property
    def is_open(self) -> bool:
        """Whether something could still be sold here."""
        return self.state in ("not_sold", "pilot", "in_pipeline")

    @property
    def can_start(self) -> bool:
        """Whether a route may be started from here: one open route a cell. Source: WSP-07."""
        return bool(self.kind) and self.route is None

    @property
    def wallet(self) -> Wallet:
        """What the unit spends, what of it is attainable and what is ours. Source: WS-03."""
        return wallet_held([self])

    @property
    def pool(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """What the unit spends, the attainable share of it in %, and what is ours; unknown where it does not apply."""
        if self.state == "not_applicable" or self.record is None:
            return None, None, None
        return self.addressable, self.record.attainable_pct, self.contracted

    @property
    def blind(self) -> bool:
        """Whether we are in it and do not know what is spent, attainable or ours."""
        return self.state == "deployed" and None in self.pool


@dataclass(frozen=True)
class GridRow:
    """The cells of one business unit."""

    unit: BusinessUnit
    cells: Sequence[GridCell]
    totals: Totals

    @property
    def wallet(self) -> Wallet:
        """What the unit spends on all products, and what of it is ours. Source: WS-03."""
        return wallet_held(self.cells)


@dataclass(frozen=True)
class Grid:
    """Business units × products of some accounts in one currency; `columns` holds the totals of each product, `wallets` what
    is spent on it, `wallet` on all.

    `left_out` counts values in a currency without a rate, `unplaced` products under contract that name no unit.
    """

    currency: str
    products: Sequence[Product]
    rows: Sequence[GridRow]
    columns: Sequence[Totals]
    totals: Totals
    wallets: Sequence[Wallet]
    wallet: Wallet
    left_out: int
    unplaced: int


@dataclass(frozen=True)
class Placed:
    """The cells of which a record, a contract or a route says something, of many accounts; blank ones are only counted.

    `units` holds how many units each account has, `products` all that make columns.
    """

    currency: str
    cells: Sequence[GridCell]
    units: Mapping[int, int]
    products: Sequence[Product]
    left_out: int
    unplaced: int

    @property
    def totals(self) -> Totals:
        """What all cells add up to, the blank ones included."""
        known = totals([(cell.state, cell.value) for cell in self.cells])
        blank = sum(self.units.values()) * len(self.products) - len(self.cells)
        return Totals(known.value, known.open + blank, known.valued, known.deployed, known.counted + blank)


@dataclass(frozen=True)
class _Known:
    """What was read of all places."""

    cells: Mapping[Place, WhitespaceCell]
    contracted: Mapping[Place, list[tuple[Decimal | None, str]]]
    routes: Mapping[Place, Mapping[str, Route]]
    unplaced: int


def grid_of(accounts: Sequence[int], on: date, rates: Rates, currency: str) -> Grid:
    """Return the grid of accounts in a currency, in five queries."""
    units = BusinessUnit.objects.filter(ALIVE, account__in=accounts, active=True).select_related("account")
    rows = list(units.order_by("account__path", "name", "pk"))
    known = _read(accounts, on)
    products = _columns(known)
    made = [_row(unit, products, known, on, rates, currency) for unit in rows]
    columns = [totals([(row.cells[n].state, row.cells[n].value) for row in made]) for n in range(len(products))]
    every = [cell for row in made for cell in row.cells]
    wallets = [wallet_held([row.cells[n] for row in made]) for n in range(len(products))]
    return Grid(
        currency, products, made, columns, totals([(cell.state, cell.value) for cell in every]), wallets, wallet_held(every),
        _left_out(every), known.unplaced,
    )  # fmt: skip


def placed_of(accounts: QuerySet[Any], on: date, rates: Rates) -> Placed:
    """Return what is known of all places of accounts, given as a query, in the book's currency; five queries."""
    units = BusinessUnit.objects.filter(ALIVE, account__in=accounts, active=True).select_related("account")
    fields = ("name", "account__key", "account__name", "account__path", "account__tier")
    rows = list(units.order_by("account__path", "name", "pk").only(*fields))
    known = _read(accounts, on)
    products = _columns(known)
    column = {product.pk: product for product in products}
    of_unit: dict[int, set[int]] = {}
    for unit, product in (*known.cells, *known.contracted, *known.routes):
        of_unit.setdefault(unit, set()).add(product)
    cells = [
        cell
        for unit in rows
        if unit.pk in of_unit
        for cell in _row(
            unit, [column[pk] for pk in sorted(of_unit[unit.pk]) if pk in column], known, on, rates, rates.book
        ).cells
    ]
    counted = Counter(unit.account_id for unit in rows)
    return Placed(rates.book, cells, counted, products, _left_out(cells), known.unplaced)


def wallet_held(cells: Sequence[GridCell]) -> Wallet:
    """Return what cells add up to; nothing is known where we are in one and do not know what is spent there or ours.

    Source: WS-03.
    """
    return wallet_of([] if any(cell.blind for cell in cells) else [cell.pool for cell in cells])


def sums_json(sums: Totals) -> dict[str, Any]:
    """Return what cells add up to as JSON has it."""
    names = ("value", "open", "valued", "deployed", "counted", "quantified_pct", "penetration_pct")
    return {name: getattr(sums, name) for name in names}


def wallet_json(wallet: Wallet) -> dict[str, Any]:
    """Return our share of all that is spent, and of what is attainable, %, with its colour, as JSON has it."""
    return {
        "wallet_pct": wallet.share_pct,
        "saturation_pct": wallet.saturation_pct,
        "colour": wallet.colour or None,
    }


def open_value(accounts: QuerySet[Any], on: date, rates: Rates) -> Mapping[int, Decimal]:
    """Return what could still be sold to each account, as far as it has a value, in the book's currency.

    Source: WSP-03, WSP-06.
    """
    found: dict[int, Decimal] = {}
    for cell in placed_of(accounts.values("pk"), on, rates).cells:
        if cell.is_open and cell.value is not None:
            found[cell.unit.account_id] = found.get(cell.unit.account_id, Decimal(0)) + cell.value
    return found


def priority_of(record: WhitespaceCell | None, in_force: InForce, on: date) -> Explained | None:
    """Return the priority of a cell, 0 to 100, as the rule explains it; None where nobody scored it. Source: WS-07."""
    given = {name: getattr(record, name) for name in SCORES} if record else {}
    if all(value is None for value in given.values()):
        return None
    found: Explained = whitespace_priority.explain(read_inputs(whitespace_priority.inputs, given), in_force, on)
    return found


def cell_of(unit: BusinessUnit, product: Product, on: date, rates: Rates) -> GridCell:
    """Return one cell in its account's currency, in four queries."""
    known = _read([unit.account_id], on)
    used = {pk for place, pk in (*known.contracted, *known.cells, *known.routes) if place == unit.pk}
    products = list(Product.objects.filter(pk__in={*used, product.pk}))
    row = _row(unit, products, known, on, rates, unit.account.currency)
    return next(cell for cell in row.cells if cell.product.pk == product.pk)


def start_route(ctx: Context, unit_id: Any, product_id: Any, rates: Rates) -> Any:
    """Make the route that a cell calls for, with its type, value, unit and product. Source: WSP-07.

    Raises `Refused` (409) where one is open already or nothing can be sold.
    """
    unit = get(ctx, registry.get("business_unit"), unit_id)
    product = get(ctx, registry.get("product"), product_id)
    cell = cell_of(unit, product, ctx.today, rates)
    if cell.route is not None:
        raise Refused(f"{cell.route.title} is open for this cell already.", rule="WSP-07")
    if not cell.kind:
        raise Refused(f"{product.name} is marked as not applicable to {unit.name}.", rule="WSP-07")
    data = {
        "account": unit.account_id,
        "title": f"{product.name}, {unit.name}"[:250],
        "type": cell.kind,
        "business_unit": unit.pk,
        "product": product.pk,
        "value": cell.value if cell.is_open else None,
        "currency": unit.account.currency,
    }
    return records.create(ctx, registry.get("route"), data)


def _columns(known: _Known) -> list[Product]:
    """The products that are sold, and those of which something is known."""
    used = {product for _, product in (*known.cells, *known.contracted, *known.routes)}
    return list(Product.objects.filter(ALIVE, Q(active=True) | Q(pk__in=used)).order_by("family", "name", "pk"))


def _left_out(cells: Iterable[GridCell]) -> int:
    """How many open cells have a value in a currency without a rate."""
    return sum(cell.is_open and cell.value is None and _valued(cell.record) for cell in cells)


def _valued(record: WhitespaceCell | None) -> bool:
    return record is not None and (record.value is not None or None not in (record.addressable, record.attainable_pct))


def _read(ids: Sequence[int] | QuerySet[Any], on: date) -> _Known:
    cells = WhitespaceCell.objects.filter(ALIVE, business_unit__account__in=ids).select_related("champion", "owner")
    contracted: dict[Place, list[tuple[Decimal | None, str]]] = {}
    running = Q(contract__end_on__isnull=True) | Q(contract__end_on__gte=on)
    begun = Q(contract__start_on__isnull=True) | Q(contract__start_on__lte=on)
    items = ContractItem.objects.filter(ALIVE, running, begun, contract__deleted_at__isnull=True)
    unplaced = 0
    for unit, product, arr, code in items.filter(contract__account__in=ids).values_list(
        "business_unit", "product", "arr", "contract__currency"
    ):
        if unit is None:
            unplaced += 1
        else:
            contracted.setdefault((unit, product), []).append((arr, code))
    routes: dict[Place, dict[str, Route]] = {}
    found = Route.objects.filter(ALIVE, account__in=ids, business_unit__isnull=False, product__isnull=False)
    for route in found.exclude(state="parked").order_by(F("state_since").asc(nulls_first=True), "pk"):
        state = "open" if route.state in OPEN else route.state
        routes.setdefault((route.business_unit_id, route.product_id), {})[state] = route
    return _Known({(cell.business_unit_id, cell.product_id): cell for cell in cells}, contracted, routes, unplaced)


def _row(
    unit: BusinessUnit, products: Sequence[Product], known: _Known, on: date, rates: Rates, currency: str
) -> GridRow:
    states = {}
    for product in products:
        place = (unit.pk, product.pk)
        record, routes = known.cells.get(place), known.routes.get(place, {})
        states[product.pk] = state_of(
            record.state if record else None, contracted=place in known.contracted, pursued="open" in routes,
            won="won" in routes, lost="lost" in routes,
        )  # fmt: skip
    cells = [
        _cell(unit, product, states[product.pk], list(states.values()), known, on, rates, currency)
        for product in products
    ]
    return GridRow(unit, cells, totals([(cell.state, cell.value) for cell in cells]))


def _cell(
    unit: BusinessUnit, product: Product, state: str, row: Sequence[str], known: _Known, on: date, rates: Rates,
    currency: str,
) -> GridCell:  # fmt: skip
    place = (unit.pk, product.pk)
    record, route = known.cells.get(place), known.routes.get(place, {}).get("open")
    sold = [rates.between(arr, code, currency) for arr, code in known.contracted.get(place, ())]
    told = [amount for amount in sold if amount is not None]
    contracted = sum(told, Decimal(0)) if told else None
    spend = rates.between(record.addressable, record.currency, currency) if record else None
    if record is not None and _valued(record):
        value = _worth(record, spend, contracted, rates, currency)
    else:
        value = rates.between(route.value, route.currency, currency) if route else None
    old = record is not None and record.reviewed_on is not None and (on - record.reviewed_on).days > limits().stale_days
    return GridCell(
        unit, product, record, state, kind_of(state, row), value, contracted, route, old, spend,
    )  # fmt: skip


def _worth(
    record: WhitespaceCell, spend: Decimal | None, contracted: Decimal | None, rates: Rates, currency: str
) -> Decimal | None:
    """The value that was given, else what the spend of the unit leaves attainable. Source: WSP-06."""
    if record.value is not None:
        return rates.between(record.value, record.currency, currency)
    return attainable(spend, record.attainable_pct, contracted)
