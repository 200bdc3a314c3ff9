"""Reads of the A section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, Sum

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates, rates_in_force
from trackline.align.models import Route
from trackline.align.rules.gate import OPEN
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.kit.statements import NUMBERS, Statement

ALIVE = Q(deleted_at__isnull=True)


def completeness_facts(ids: list[int], _today: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the facts of TRK-19's A checks by account, in one query."""
    return {pk: dict(zip(_FACTS, values, strict=True)) for pk, *values in _facts.rows(ids)}


_FACTS = ("open", "described", "won", "won_with_project")
_OPENED, _WON = Q(state__in=OPEN), Q(state="won")
_facts = Statement(
    lambda ids: (
        Route.objects.filter(ALIVE, account__in=ids)
        .order_by()
        .values_list("account")
        .annotate(
            open=Count("pk", filter=_OPENED, distinct=True),
            described=Count("pk", filter=_OPENED & Q(value__isnull=False, probability__isnull=False), distinct=True),
            won=Count("pk", filter=_WON, distinct=True),
            won_with_project=Count(
                "pk", filter=_WON & Q(projects__isnull=False, projects__deleted_at__isnull=True), distinct=True
            ),
        )
    ),
    NUMBERS,
)
"""Compiled once: it runs with every write on an account."""


def rollup(ctx: Context, account: Any) -> dict[str, Any]:
    """Return the totals of an account and all below it that the actor sees, in the book's currency, JSON-ready.

    Amounts are converted at the newest stored rates. Accounts with an amount in a currency without a rate are left out
    of the amounts and named in `left_out`. The number of queries does not depend on the size of the group.
    """
    rates = rates_in_force(ctx.today)
    group = scoped(ctx, registry.get("account")).filter(path__startswith=account.path)
    missing = _without_rate(group, rates)
    counted = group.exclude(pk__in=[row["id"] for row in missing])
    arr = Decimal(0)
    used: set[str] = set()
    for currency, amount in counted.filter(arr__isnull=False).values_list("currency").annotate(Sum("arr")).order_by():
        arr += rates.convert(amount, currency) or 0
        used.add(currency)
    routes: dict[str, dict[str, Any]] = {
        "open": {"count": 0, "gross": Decimal(0), "weighted": Decimal(0)},
        "won": {"count": 0, "value": Decimal(0)},
    }
    for state, currency, count, gross, weighted in _route_sums(counted):
        part = routes["won" if state == "won" else "open"]
        part["count"] += count
        part["value" if state == "won" else "gross"] += rates.convert(gross, currency) or 0
        if state != "won":
            part["weighted"] += (rates.convert(weighted, currency) or Decimal(0)) / 100
        used.add(currency)
    statuses = dict(group.order_by().values_list("status").annotate(count=Count("pk")))
    return {
        "account": {"id": str(account.pk), "key": account.key, "name": account.name},
        "currency": rates.book,
        "as_of": ctx.today,
        "accounts": {"count": sum(statuses.values()), "by_status": statuses},
        "arr": arr,
        "routes": routes,
        "rates": {
            code: {"rate": rates.worth[code], "on": rates.dates[code]} for code in sorted(used & set(rates.worth))
        },
        "left_out": [row | {"id": str(row["id"])} for row in missing],
    }


def _route_sums(accounts: Any) -> Any:
    weighted = ExpressionWrapper(F("value") * F("probability"), DecimalField(max_digits=30, decimal_places=4))
    routes: Any = Route.objects.filter(ALIVE, account__in=accounts, state__in=(*OPEN, "won")).order_by()
    return routes.values_list("state", "currency").annotate(
        number=Count("pk"), gross=Sum("value"), weighted=Sum(weighted)
    )


def _without_rate(group: Any, rates: Rates) -> list[dict[str, Any]]:
    known = ["", rates.book, *rates.worth]
    own = group.filter(arr__isnull=False).exclude(currency__in=known).values_list("pk", "currency")
    routes: Any = Route.objects.filter(ALIVE, account__in=group, state__in=(*OPEN, "won"), value__isnull=False)
    theirs = routes.exclude(currency__in=known).values_list("account", "currency").distinct().order_by()
    currencies: dict[int, set[str]] = {}
    for pk, currency in (*own, *theirs):
        currencies.setdefault(pk, set()).add(currency)
    rows = Account.objects.filter(pk__in=currencies).order_by("name", "pk").values("id", "key", "name")
    return [row | {"currency": ", ".join(sorted(currencies[row["id"]]))} for row in rows]
