"""Why revenue went: what was written down when a renewal was lost, by the money it cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.align.models import Route, RouteState
from trackline.book.queries.arr import Figures

ZERO = Decimal(0)


def reasons_of(accounts: Iterable[Figures], start: date, end: date) -> list[dict[str, Any]]:
    """Return the reasons for churn and contraction of accounts whose ARR on both days was read, dearest first; one query.

    The reason of an account is that of its renewal route lost in the period, the last one. Accounts without one stand
    under the reason None, last: nobody said why.
    """
    lost = []
    for account in accounts:
        before, after = account.values
        if before is not None and after is not None and before > 0 and after < before:
            lost.append((account, before, max(after, ZERO)))
    if not lost:
        return []
    routes = Route.objects.filter(
        account__in=[account.pk for account, _, _ in lost],
        deleted_at__isnull=True,
        type=Route.Type.RENEWAL,
        state=RouteState.LOST,
        closed_on__gte=start,
        closed_on__lte=end,
    ).exclude(close_reason="")
    said = dict(routes.order_by("closed_on", "pk").values_list("account_id", "close_reason"))
    found: dict[str | None, dict[str, Any]] = {}
    for account, before, after in lost:
        reason = said.get(account.pk)
        row = found.setdefault(reason, {"reason": reason, "churn": ZERO, "contraction": ZERO, "accounts": []})
        row["contraction" if after else "churn"] += before - after
        row["accounts"].append({"key": account.key, "name": account.name})
    return sorted(found.values(), key=lambda row: (row["reason"] is None, -row["churn"] - row["contraction"]))
