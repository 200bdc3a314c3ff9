"""Conditions of the Accounts list: the filters of the API, and some that only a list needs.

| parameter | keeps |
|---|---|
| `renews=90`, `renews=late` | renewal within so many days from today; renewal date passed |
| `below=ardent-rail` | an account with all that stands below it |
| `missing=arr,tier` | what lacks one of these |
| `arr_min`, `arr_max` | ARR in the book's currency, converted at stored rates |
| `alerts=open` | accounts with an open alert |
| `band=red,null` | health of that colour; without a score, also written `unknown` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from trackline.accounts.models import Account
from trackline.accounts.rates import Rates
from trackline.core.scales import UNKNOWN
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.filters import condition
from trackline.kit.records.queries import scoped
from trackline.kit.records.text import normalise
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue, parse_number
from trackline.watch.models import Alert
from trackline.workspace.queries.accounts.asked import Asked

ACCOUNT = registry.get("account")
OVER = (Account.Status.CHURNED, Account.Status.ARCHIVED)
CLOSED_ALERTS = (Alert.State.CLOSED, Alert.State.DISMISSED)


SOON_DAYS = 90
"""A renewal nearer than this stands out."""


def soon(today: date) -> Q:
    """Accounts that still run and renew within `SOON_DAYS`."""
    return ~Q(status__in=OVER) & Q(renewal_date__gte=today, renewal_date__lte=today + timedelta(days=SOON_DAYS))


def matching(ctx: Context, asked: Asked, rates: Rates) -> tuple[QuerySet[Any], list[str]]:
    """Return the accounts that are asked for, unordered, and the filters that could not be read and were left out."""
    query = scoped(ctx, ACCOUNT)
    unread = []
    for name, value in asked.filters.items():
        try:
            query = query.filter(_condition(ctx, name, value, rates))
        except BadRequest:
            unread.append(name)
    for word in normalise(asked.q).split()[:8]:
        query = query.filter(search_text__contains=word)
    return query, unread


def _condition(ctx: Context, name: str, value: str, rates: Rates) -> Q:
    special = SPECIAL.get(name)
    if special:
        return special(ctx, value, rates)
    if name == "tags" and "," in value:
        found = Q()
        for tag in value.split(","):
            found |= condition(ctx, ACCOUNT, "tags", tag)
        return found
    empty = _with_empty(ctx, name, value)
    return condition(ctx, ACCOUNT, name, value) if empty is None else empty


def _with_empty(ctx: Context, name: str, value: str) -> Q | None:
    """`tier=1,null`: one of several values, or none."""
    values = value.split(",")
    if "null" not in values or len(values) == 1:
        return None
    rest = ",".join(part for part in values if part != "null")
    return condition(ctx, ACCOUNT, name, "null") | condition(ctx, ACCOUNT, name, rest)


def _renews(ctx: Context, value: str, _rates: Rates) -> Q:
    if value == "late":
        return Q(renewal_date__lt=ctx.today) & ~Q(status__in=OVER)
    if not value.isdecimal() or len(value) > 4:
        raise BadRequest("renews: a number of days, or late, is expected.")
    return Q(renewal_date__gte=ctx.today, renewal_date__lte=ctx.today + timedelta(days=int(value)))


def _below(ctx: Context, value: str, _rates: Rates) -> Q:
    found = scoped(ctx, ACCOUNT).filter(Q(key=value) | Q(pk=int(value) if value.isdecimal() and len(value) < 19 else 0))
    top = found.values_list("path", flat=True).first()
    if not top:
        raise BadRequest("below: there is no such account.")
    return Q(path__startswith=top)


def _missing(ctx: Context, value: str, _rates: Rates) -> Q:
    lacking = Q()
    for name in value.split(","):
        lacking |= condition(ctx, ACCOUNT, name, "null")
    return lacking


def _arr(comparison: str) -> Callable[[Context, str, Rates], Q]:
    """ARR of the book's currency or more (less), each currency at its own limit."""

    def converted(_ctx: Context, value: str, rates: Rates) -> Q:
        try:
            limit = parse_number(value)
        except BadValue as error:
            raise BadRequest(f"arr: {error}") from None
        found = Q(currency__in=("", rates.book), **{f"arr__{comparison}": _rounded(limit)})
        for currency, worth in rates.worth.items():
            found |= Q(currency=currency, **{f"arr__{comparison}": _rounded(limit / worth)})
        return found

    return converted


def _rounded(value: Decimal) -> Decimal:
    most = Decimal(10) ** 15
    return max(-most, min(value, most)).quantize(Decimal("0.01"))


def _alerts(_ctx: Context, value: str, _rates: Rates) -> Q:
    if value != "open":
        raise BadRequest("alerts: open is expected.")
    alive = Alert.objects.filter(deleted_at__isnull=True).exclude(state__in=CLOSED_ALERTS)
    return Q(pk__in=alive.values("account_id"))


def _band(_ctx: Context, value: str, _rates: Rates) -> Q:
    found = Q()
    for part in value.split(","):
        if part not in ("red", "amber", "green", "null", UNKNOWN):
            raise BadRequest("band: red, amber, green or null is expected.")
        unscored = Q(health__band__isnull=True) | Q(health__band=None) | Q(health__band=UNKNOWN)
        found |= unscored if part in ("null", UNKNOWN) else Q(health__band=part)
    return found


SPECIAL: Mapping[str, Callable[[Context, str, Rates], Q]] = {
    "renews": _renews,
    "below": _below,
    "missing": _missing,
    "arr_min": _arr("gte"),
    "arr_max": _arr("lte"),
    "alerts": _alerts,
    "band": _band,
}
