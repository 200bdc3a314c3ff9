"""The open alerts of an account, or those that concern one of its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.alerts.rows import OPEN, Urgent, by_urgency, rows_of

SHOWN = 4


def alerts_of(ctx: Context, *accounts: int, rules: Sequence[str] | None = None) -> Urgent | None:
    """Return the open alerts of accounts, the gravest first; None where there is none. One query at most."""
    if rules is not None and not rules:
        return None
    query = scoped(ctx, registry.get("alert")).filter(OPEN, account__in=accounts)
    rows = rows_of(ctx, by_urgency(query if rules is None else query.filter(rule__in=rules)).defer("evidence"))
    return Urgent(rows[:SHOWN], Counter(row.alert.severity for row in rows)) if rows else None
