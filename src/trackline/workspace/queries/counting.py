"""Several counts and sums in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from trackline.accounts.models import Account


class CountOf(Subquery):
    """The number of rows of a queryset, as part of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def count_all(account_id: int, rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """Return how many rows each of the named querysets has, in one query."""
    if not rows:
        return {}
    return dict(zip(rows, counts(account_id, rows).get(), strict=True))


def counts(account_id: Any, rows: Mapping[str, QuerySet[Any]]) -> QuerySet[Any, Any]:
    """Return the query of that: one row, its columns in the order of `rows`."""
    counted = {f"n_{name}": CountOf(query.order_by().values("pk")) for name, query in rows.items()}
    found: QuerySet[Any, Any] = Account.objects.filter(pk=account_id).annotate(**counted).values_list(*counted)
    return found
