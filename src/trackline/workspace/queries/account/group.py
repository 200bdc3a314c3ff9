"""A parent with all that stands below it, added up in one currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.accounts.rates import Sum
from trackline.align.models import Route
from trackline.align.rules.gate import OPEN
from trackline.track.models import HealthSnapshot
from trackline.workspace.queries.account.head import Head

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class GroupRow:
    """One account of the group; `arr_book` and `gross_book` are converted to whole units, so that the rows add up to
    the sum; None without amount or rate."""

    account: Any
    level: int
    arr_book: int | None
    routes: int
    gross_book: int | None
    snapshot: HealthSnapshot | None
    renews_in: int | None

    @property
    def percent(self) -> float | None:
        """Stored completeness of the whole."""
        total: float | None = (self.account.completeness or {}).get("total")
        return total


@dataclass(frozen=True)
class Group:
    """The rows in order of the tree, with sums in the book's currency and who is left out of them."""

    rows: Sequence[GroupRow]
    arr: Sum
    gross: Sum
    weighted: Sum
    routes: int
    without_arr: Sequence[str]
    without_rate: Sequence[str]
    rate_day: date | None
    next_renewal: GroupRow | None


def group_of(head: Head) -> Group:
    """Return the accounts that a page shows together, in two queries beside that of the accounts."""
    accounts = _in_tree_order(head.accounts, head.account.pk)
    ids = [account.pk for account in accounts]
    routes: dict[int, list[Any]] = {}
    for route in Route.objects.filter(ALIVE, account__in=ids, state__in=OPEN).only(
        "account_id", "value", "currency", "probability"
    ):
        routes.setdefault(route.account_id, []).append(route)
    newest: dict[int, HealthSnapshot] = {}
    for snapshot in HealthSnapshot.objects.filter(ALIVE, account__in=ids).order_by("on"):
        newest[snapshot.account_id] = snapshot
    top = head.account.path.count("/")
    made = [
        _row(head, account, account.path.count("/") - top, routes.get(account.pk, []), newest.get(account.pk))
        for account in accounts
    ]
    every = [route for listed in routes.values() for route in listed]
    rates = head.rates
    dated = [row for row in made if row.renews_in is not None and row.renews_in >= 0]
    return Group(
        rows=made,
        arr=replace(
            rates.in_book((account.arr, account.currency) for account in accounts),
            amount=Decimal(sum(row.arr_book for row in made if row.arr_book is not None)),
        ),
        gross=replace(
            rates.in_book((route.value, route.currency) for route in every),
            amount=Decimal(sum(row.gross_book for row in made if row.gross_book is not None)),
        ),
        weighted=rates.in_book(
            (route.value * (route.probability or 0) / 100 if route.value is not None else None, route.currency)
            for route in every
        ),
        routes=len(every),
        without_arr=[account.name for account in accounts if account.arr is None],
        without_rate=[row.account.name for row in made if row.account.arr is not None and row.arr_book is None],
        rate_day=rates.on,
        next_renewal=min(dated, key=lambda row: row.renews_in or 0, default=None),
    )


def _row(head: Head, account: Account, level: int, routes: Sequence[Any], snapshot: Any) -> GroupRow:
    gross = head.rates.in_book((route.value, route.currency) for route in routes)
    on = account.renewal_date
    worth = head.rates.convert(account.arr, account.currency)
    return GroupRow(
        account, level, None if worth is None else round(worth), len(routes),
        round(gross.amount) if any(route.value is not None for route in routes) else None, snapshot,
        (on - head.today).days if on else None,
    )  # fmt: skip


def _in_tree_order(accounts: Sequence[Account], top: int) -> list[Account]:
    below: dict[int | None, list[Account]] = {}
    for account in sorted(accounts, key=lambda one: one.name.casefold()):
        below.setdefault(account.parent_id, []).append(account)
    found: list[Account] = []

    def walk(account: Account) -> None:
        found.append(account)
        for child in below.get(account.pk, []):
            walk(child)

    for account in accounts:
        if account.pk == top:
            walk(account)
    # Where an account in the middle is out of the actor's sight, what stands below it still belongs to the group.
    reached = {account.pk for account in found}
    return found + [account for account in accounts if account.pk not in reached]
