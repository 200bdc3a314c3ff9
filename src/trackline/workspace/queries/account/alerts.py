"""The open alerts of an account, or those that concern one of its pages."""

from __future__ import annotations

from collections.abc import Sequence

from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.alerts.rows import Urgent, urgent

SHOWN = 4


def alerts_of(ctx: Context, account_id: int, rules: Sequence[str] | None = None) -> Urgent | None:
    """Return the open alerts of an account, the gravest first; None where there is none. Two queries at most."""
    if rules is not None and not rules:
        return None
    query = scoped(ctx, registry.get("alert")).filter(account_id=account_id)
    found = urgent(ctx, query if rules is None else query.filter(rule__in=rules), SHOWN)
    return found if found.total else None
