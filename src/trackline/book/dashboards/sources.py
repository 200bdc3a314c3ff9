"""What tiles read, each once for all tiles that need it, and of the accounts that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force
from trackline.book.dashboards.shapes import Found
from trackline.book.queries.arr import Figures, arr_on
from trackline.book.queries.deals import Deal
from trackline.book.queries.forecast import Counted, counted, told
from trackline.book.queries.narrowing import Narrowing, accounts_in, narrowing
from trackline.book.queries.renewals import GONE, renewals
from trackline.book.queries.retention import moves_of
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

YEAR = timedelta(days=365)
ACCOUNT = (
    "id", "key", "name", "path", "tier", "region", "industry", "status", "currency", "arr", "health", "owner__name",
    "owner__username",
)  # fmt: skip
Options = Mapping[str, str]
Reader = Callable[["Sources", Options], Found]
readers: dict[str, Reader] = {}
"""What finds a tile of each kind."""


def reader(key: str) -> Callable[[Reader], Reader]:
    """Register what finds tiles of a kind."""

    def put(found: Reader) -> Reader:
        readers[key] = found
        return found

    return put


class Sources:
    """Figures of the book as of a day, of the accounts that pass the filters of `narrowing`.

    Each source is read once, in a number of queries that does not grow with the accounts.
    """

    def __init__(self, ctx: Context, on: date, filters: Mapping[str, str]) -> None:
        self.ctx, self.on = ctx, on
        self.filters = {name: value for name, value in filters.items() if value}

    @cached_property
    def narrowed(self) -> Narrowing:
        """The accounts that count, and what each filter offers."""
        return narrowing(self.ctx, self.filters)

    @cached_property
    def rates(self) -> Rates:
        """Exchange rates of the day."""
        return rates_in_force(self.on)

    @property
    def among(self) -> QuerySet[Any]:
        """The same accounts as a subquery."""
        return accounts_in(self.ctx, self.filters)

    @cached_property
    def accounts(self) -> list[dict[str, Any]]:
        """The accounts that count and have not left, with their ARR in the book's currency as `worth`."""
        rows = list(self.among.exclude(status__in=GONE).order_by("name", "pk").values(*ACCOUNT))
        for row in rows:
            row["worth"] = self.rates.convert(row["arr"], row["currency"])
            row["band"] = (row["health"] or {}).get("band") or "unknown"
        return rows

    @cached_property
    def year(self) -> list[Figures]:
        """ARR a year ago and on the day of each account that counts."""
        found = arr_on(self.ctx, (self.on - YEAR, self.on), self.rates)
        return [one for one in found if one.pk in self.narrowed.ids]

    @cached_property
    def moves(self) -> dict[str, Any]:
        """What the ARR of a year ago became."""
        return moves_of(self.year, self.on - YEAR, self.on, self.rates)

    @cached_property
    def counted(self) -> Counted:
        """The routes that the forecast counts."""
        return counted(self.ctx, self.on, narrowed=self.narrowed)

    @cached_property
    def forecast(self) -> dict[str, Any]:
        """The forecast of these routes."""
        return told(self.counted)

    @cached_property
    def deals(self) -> list[Deal]:
        """All routes of the accounts that count."""
        return [deal for deal in self.counted.deals.rows if deal.account in self.narrowed.ids]

    @cached_property
    def titles(self) -> dict[int, str]:
        """Titles of routes."""
        return dict(scoped(self.ctx, registry.get("route")).values_list("pk", "title"))

    @cached_property
    def renewals(self) -> Sequence[Mapping[str, Any]]:
        """The next renewal of each account that counts, soonest first."""
        keys = {self.narrowed.accounts[pk]["key"] for pk in self.narrowed.ids}
        return [row for row in renewals(self.ctx, self.on)["rows"] if row["key"] in keys]

    def fact(self, row: Mapping[str, Any], by: str) -> tuple[str, str]:
        """Return key and words of one fact of an account."""
        if by == "health":
            return row["band"], _HEALTH[row["band"]]
        if by == "status":
            return row["status"], str(Account.Status(row["status"]).label)
        return self.narrowed.facts[row["id"]][by]


_HEALTH = {"green": "Green", "amber": "Amber", "red": "Red", "unknown": "No score"}


def total(values: Sequence[Decimal | None]) -> Decimal:
    """Add up what is known."""
    return sum((value for value in values if value is not None), Decimal(0))
