"""The order of the Accounts list. Empty values stand last; references sort by name, ARR by its worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, IntegerField, QuerySet, Value, When

from trackline.accounts.rates import Rates
from trackline.kit.records.ordering import STAMPS
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.workspace.queries.accounts.columns import UNSORTED_KINDS
from trackline.workspace.queries.accounts.filters import ACCOUNT, CLOSED_ALERTS
from trackline.workspace.queries.accounts.groups import Grouping
from trackline.workspace.queries.accounts.groups import terms as group_terms

DEFAULT_ORDER = "-alerts,renewal_date,name"
MOST_KEYS = 4


def ordered(
    query: QuerySet[Any], order: str, rates: Rates, *, several_currencies: bool, grouping: Grouping | None = None
) -> QuerySet[Any]:
    """Order accounts by fields like `-arr,name`, within their groups; names that mean nothing are passed over."""
    terms: list[Any] = group_terms(grouping) if grouping else []
    last_descending = False
    for part in (order or DEFAULT_ORDER).split(",")[:MOST_KEYS]:
        name, descending = part.strip().lstrip("-+"), part.strip().startswith("-")
        found = _terms(name, descending, rates, several_currencies)
        terms += found
        last_descending = descending if found else last_descending
    return query.order_by(*terms, F("id").desc() if last_descending else F("id").asc())


def _terms(name: str, descending: bool, rates: Rates, several_currencies: bool) -> list[Any]:
    if name == "alerts":
        counts = _open_alerts()
        return [_directed(Case(*counts, default=0, output_field=IntegerField()), descending)] if counts else []
    if name in ("arr", "arr_book") and several_currencies:
        return [_directed(_worth(rates), descending, nulls=True)]
    if name == "track":
        return [_directed(F("completeness__total"), descending, nulls=True)]
    if name in STAMPS:
        return [_directed(F(name), descending)]
    if name.startswith("custom."):
        key = name[7:]
        return [_directed(F(f"custom__{key}"), descending, nulls=True)] if key.replace("_", "a").isalnum() else []
    spec = ACCOUNT.specs.get(name)
    if spec is None or spec.kind in UNSORTED_KINDS:
        return []
    if spec.kind == "ref":
        return [_directed(F(f"{name}__{registry.get(spec.target).title}"), descending, nulls=True)]
    if spec.nullable:
        return [_directed(F(name), descending, nulls=True)]
    if spec.kind in ("text", "picklist", "choice", "currency", "longtext") and not spec.required:
        return [
            Case(When(**{name: ""}, then=1), default=0, output_field=IntegerField()),
            _directed(F(name), descending),
        ]
    return [_directed(F(name), descending)]


def _directed(expression: Any, descending: bool, *, nulls: bool = False) -> Any:
    last = True if nulls else None
    return expression.desc(nulls_last=last) if descending else expression.asc(nulls_last=last)


def _worth(rates: Rates) -> Any:
    """ARR in the book's currency; what has no rate counts as missing."""
    field: DecimalField[Any, Any] = DecimalField(max_digits=24, decimal_places=4)
    whens = [When(currency__in=("", rates.book), then=F("arr"))]
    whens += [
        When(currency=currency, then=F("arr") * Value(Decimal(worth), output_field=field))
        for currency, worth in rates.worth.items()
    ]
    return Case(*whens, default=None, output_field=field)


def _open_alerts() -> list[When]:
    """One condition for each number of open alerts that some account has."""
    rows = Alert.objects.filter(deleted_at__isnull=True).exclude(state__in=CLOSED_ALERTS)
    by_count: dict[int, list[int]] = {}
    for account, count in rows.order_by().values_list("account_id").annotate(n=Count("pk")):
        by_count.setdefault(count, []).append(account)
    return [When(pk__in=ids, then=count) for count, ids in by_count.items()]
