"""White space across accounts as its page shows it: the grid of accounts × products, the cells to pursue, and both as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from trackline.align.models import Product
from trackline.align.rules.matrix import Totals, Wallet
from trackline.book.queries.narrowing import FILTERS
from trackline.book.queries.whitespace import SHOWS, Line, Place, Whitespace, notes_of, whitespace_of
from trackline.kit import formats
from trackline.kit.policy import Context
from trackline.workspace.queries.account.whitespace import opens_at, shade_of, spoken

PATH = "/book/whitespace"
PAGE_SIZE = 50
GRID_SIZE = 12
SHOWN = (
    ("", "All open"),
    ("hot", "Hot"),
    ("go", "Go"),
    ("backlog", "Below the cut"),
    ("unscored", "Not scored"),
    ("unvalued", "Without a value"),
    ("pursued", "With a route"),
    ("stale", "Old value"),
)


@dataclass(frozen=True)
class Asked:
    """Filters of accounts, which cells (`show`, of an `account` or a `product`), page of the cells and of the `grid` from 1."""

    filters: Mapping[str, str] = field(default_factory=dict)
    show: str = ""
    account: str = ""
    product: int | None = None
    page: int = 1
    grid: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read a query string; what means nothing is left out."""

        def text(name: str) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:120]

        def whole(name: str) -> int | None:
            given = text(name)
            return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None

        return cls(
            {name: text(name) for name in FILTERS if text(name)},
            text("show") if text("show") in SHOWS else "",
            text("account"),
            whole("product"),
            max(1, whole("page") or 1),
            max(1, whole("grid") or 1),
        )

    @property
    def query(self) -> str:
        """The query string that asks for this."""
        pairs = {
            **self.filters,
            "show": self.show,
            "account": self.account,
            "product": str(self.product or ""),
            "page": str(self.page) if self.page > 1 else "",
            "grid": str(self.grid) if self.grid > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def url(self) -> str:
        """The address that asks for this."""
        return f"{PATH}?{self.query}" if self.query else PATH

    def but(self, **changes: Any) -> str:
        """Return the address of the same with some things changed, from the first page of its cells."""
        return replace(self, **{"page": 1, **changes}).url


@dataclass(frozen=True)
class Sum:
    """An account × a product on the page; `sums` None where nothing is known of any of its units."""

    sums: Totals | None
    url: str
    shade: int
    spoken: str
    wallet: Wallet | None = None


@dataclass(frozen=True)
class Row:
    """An account of the grid."""

    line: Line
    cells: Sequence[Sum]
    url: str


@dataclass(frozen=True)
class Listed:
    """A cell of the list, and where it opens."""

    place: Place
    url: str
    panel: str


@dataclass(frozen=True)
class Page:
    """All that the page shows."""

    asked: Asked
    found: Whitespace
    rows: Sequence[Row]
    listed: Sequence[Listed]
    tests: Sequence[tuple[str, str, int, str]]
    only: str
    notes: Sequence[str]

    @property
    def currency(self) -> str:
        """The book's."""
        return self.found.placed.currency

    @property
    def heads(self) -> Sequence[tuple[Product, Totals, str]]:
        """The products with what they add up to, and the address of their cells."""
        columns = self.found.columns
        return [(one, columns[one.pk], self.asked.but(product=one.pk, account="")) for one in self.found.products]

    @property
    def first(self) -> int:
        """The number of the first cell listed."""
        return (self.asked.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last cell listed."""
        return self.first + len(self.listed) - 1

    @property
    def value(self) -> Decimal:
        """What the cells of the list, all pages, add up to."""
        return sum((place.cell.value or Decimal(0) for place in self.found.places), Decimal(0))


def page_of(ctx: Context, asked: Asked) -> Page:
    """Return the page; the number of queries does not grow with accounts, units or products."""
    found = whitespace_of(ctx, asked.filters, show=asked.show, account=asked.account, product=asked.product)
    lines = found.lines[(asked.grid - 1) * GRID_SIZE : asked.grid * GRID_SIZE]
    top = max((sums.value for line in found.lines for sums in line.cells.values()), default=Decimal(0))
    places = found.places[(asked.page - 1) * PAGE_SIZE : asked.page * PAGE_SIZE]
    every = replace(asked, show="")
    counts = {"": found.cells_kept, **found.counts}
    return Page(
        asked,
        found,
        [_row(line, found, asked, top) for line in lines],
        [_listed(place) for place in places],
        [
            (key, words, counts[key], every.but(show=key))
            for key, words in SHOWN
            if key in ("", "hot", "go", asked.show) or counts[key]
        ],
        _only(found, asked),
        notes_of(found),
    )


def lines_of(found: Whitespace, day: Any) -> Iterator[list[Any]]:
    """Yield the heading and a line a cell, for a file."""
    currency = found.placed.currency
    yield [
        "As of", "Key", "Account", "Business unit", "Product", "State", "Route type", f"Value {currency}",
        f"Addressable {currency}", f"Contracted {currency}", "Saturation %", "Signals", "Hot", "Owner", "Priority", "Go", "Strategic fit 0-5",
        "Economic impact 0-5", "Feasibility 0-5", "Relationship leverage 0-5", "Competitor", "Competitor's share %", "Route",
        "Reviewed",
    ]  # fmt: skip
    for place in found.places:
        cell, record = place.cell, place.cell.record
        scores = (
            [record.strategic_fit, record.economic_impact, record.feasibility, record.relationship_leverage]
            if record
            else [None] * 4
        )
        yield [
            day, place.account["key"], place.account["name"], cell.unit.name, cell.product.name, cell.name, cell.kind,
            cell.value, cell.addressable, cell.contracted, _short(cell.wallet.saturation_pct),
            place.zone.intensity if place.zone else 0, "yes" if place.hot else "", record.owner.name if record and record.owner
            else "", _short(place.points),
            {True: "yes", False: "no"}.get(place.go, "") if place.go is not None else "", *scores,
            record.competitor if record else "", record.competitor_share if record else None,
            cell.route.title if cell.route else "", record.reviewed_on if record else None,
        ]  # fmt: skip


def grid_lines(found: Whitespace) -> Iterator[list[Any]]:
    """Yield the heading and a line an account, for a sheet: open value by product, and totals."""
    yield [
        "Key", "Account", *(product.name for product in found.products), f"Open {found.placed.currency}", "Units",
        "Deployed", "Open cells with a value",
    ]  # fmt: skip
    for line in found.lines:
        yield [
            line.account["key"], line.account["name"],
            *(line.cells[one.pk].value if one.pk in line.cells else None for one in found.products),
            line.totals.value, line.units, line.totals.deployed, line.totals.valued,
        ]  # fmt: skip


def _short(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 1)


def _row(line: Line, found: Whitespace, asked: Asked, top: Decimal) -> Row:
    key = line.account["key"]
    cells = [_sum(line, product, found, asked, top) for product in found.products]
    return Row(line, cells, f"/accounts/{key}/align/whitespace")


def _sum(line: Line, product: Product, found: Whitespace, asked: Asked, top: Decimal) -> Sum:
    sums = line.cells.get(product.pk)
    name = f"{line.account['name']}, {product.name}"
    if sums is None:
        return Sum(None, "", 0, f"{name}: nothing known")
    worth = formats.money(sums.value, found.placed.currency) if sums.valued else "no value"
    told = f"{worth} open" if sums.open else "nothing open"
    url = asked.but(account=line.account["key"], product=product.pk, show="") if sums.open else ""
    wallet = line.wallets[product.pk]
    told += spoken(wallet)
    return Sum(
        sums,
        f"{url}#cells" if url else f"/accounts/{line.account['key']}/align/whitespace",
        shade_of(sums.value, top),
        f"{name}: {told}, deployed in {sums.deployed} of {line.units}",
        wallet,
    )


def _listed(place: Place) -> Listed:
    return Listed(place, *opens_at(place.cell))


def _only(found: Whitespace, asked: Asked) -> str:
    """Say which account and product the list is narrowed to."""
    names = [line.account["name"] for line in found.lines if line.account["key"] == asked.account]
    names += [product.name for product in found.products if product.pk == asked.product]
    return ", ".join(names) or ("nothing that is here" if asked.account or asked.product else "")
