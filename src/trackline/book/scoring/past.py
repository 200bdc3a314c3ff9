"""The accounts as they stood on a day in the past: who was a customer then, and what records of then tell of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates
from trackline.book.queries.arr import arr_on
from trackline.book.queries.deals import Deal, deals_on
from trackline.book.scoring.universe import SCORED, Universe, assembled, living_accounts
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.types import registry

TAKEN_BACK = ("status", "client_fte", "serving_fte", "maturity")
"""Fields of accounts whose earlier values are taken from the history of changes."""


@dataclass(frozen=True)
class Span:
    """The book on two days: its universe on the first, ARR on both in the book's currency, routes on the last.

    `left` are accounts whose history says that they had gone by the last day.
    """

    over: Universe
    arr: Mapping[int, tuple[Decimal | None, Decimal | None]]
    deals: list[Deal]
    left: frozenset[int]


def span(ctx: Context, start: date, end: date, rates: Rates) -> Span:
    """Read the accounts that were customers on the first day, also those that have left since. A fixed number of queries.

    A customer of then brought in something; where that is not known, history says so of the status, or a route had been
    won. What an account says of itself counts only where it was kept here on that day. Money of both days is converted at
    one set of rates.
    """
    arr = {row.pk: (row.values[0], row.values[1]) for row in arr_on(ctx, (start, end), rates)}
    then, now = (one.rows for one in deals_on(ctx, (start, end), rates))
    had_won = {deal.account for deal in then if deal.state == "won"}
    living = living_accounts()
    ids = list(living)
    left = frozenset(
        pk
        for pk, told in _fields(ids, end).items()
        if _made(living[pk]) <= end and told.get("status", living[pk].status) == Account.Status.CHURNED
    )
    earlier = _fields(ids, start)
    for pk, account in living.items():
        known = _made(account) <= start
        for name in TAKEN_BACK:
            setattr(account, name, earlier[pk].get(name, getattr(account, name)) if known else None)

    def was_customer(account: Account) -> bool:
        worth = arr.get(account.pk, (None, None))[0]
        if worth is not None:
            return worth > 0
        return account.status in SCORED if account.status else account.pk in had_won

    past_arr = {pk: values[0] for pk, values in arr.items()}
    return Span(assembled(start, rates, living, was_customer, past_arr), arr, list(now), left)


def _made(account: Account) -> date:
    return timezone.localtime(account.created_at).date()


def _fields(ids: Collection[int], on: date) -> Mapping[int, dict[str, Any]]:
    """What accounts held at the end of a day in the fields that were changed since; one query."""
    end = timezone.make_aware(datetime.combine(on, time.max))
    specs = registry.get("account").specs
    found: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    rows = Change.objects.filter(record_type="account", at__gt=end).exclude(changes={}).order_by("-at", "-pk")
    for pk, changes in rows.values_list("record_id", "changes"):
        for name in TAKEN_BACK:
            if name in changes and pk in found:
                found[pk][name] = specs[name].from_ledger(changes[name][0])
    return found
