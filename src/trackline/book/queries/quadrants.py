"""Risk beside opportunity, account by account, out of what is kept: churn risk, engagement, readiness, signals, retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trackline.accounts.models import Observation, Score
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.queries import newest
from trackline.accounts.services.adopting import adopted
from trackline.book.queries.arr import arr_on
from trackline.book.rules.quadrants import quadrants
from trackline.core.decimals import HUNDRED, q6
from trackline.core.periods import months_before
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context
from trackline.watch.rules.churn import churn_risk

ENGAGEMENT = "KPI-040"
FRESH = timedelta(days=92)
"""An older reading of engagement says nothing of today."""


def quadrants_of(
    ctx: Context, ids: Any, growth: Mapping[int, tuple[Decimal | None, bool, int]], tiers: Mapping[int, int | None]
) -> Mapping[int, Explained]:
    """Return how the rule judges accounts, each with its readiness, whether a condition blocks it, and how many signals it shows; `ids` are theirs, or a
    query. Ten queries. Source: KPI-128.
    """
    on, overrides = ctx.today, Overrides.load(ctx.today)
    risks = {
        one.account_id: one.value
        for one in newest(Score.objects.filter(rule=churn_risk.id, preset="", account__in=ids), on)
    }
    engaged, kept = _engagement(ids, on), _retention(ctx, list(growth), on)
    found = {}
    for pk, (ready, blocked, signals) in growth.items():
        given = {
            "churn_risk": risks.get(pk),
            "engagement": engaged.get(pk),
            "readiness": ready,
            "blocked": blocked,
            "signals": signals,
            "nrr_pct": kept.get(pk),
        }
        in_force = overrides.in_force(quadrants, on, tier=tiers.get(pk), account_id=pk)
        found[pk] = quadrants.explain(read_inputs(quadrants.inputs, given), in_force, on)
    return found


def quadrant_json(result: Explained) -> dict[str, Any]:
    """Return the quadrants of an account as JSON has them."""
    return {
        **{key: result.details[key] for key in ("warning", "expansion", "outcome", "next")},
        "missing": list(result.missing),
    }


def _engagement(ids: Any, on: date) -> Mapping[int, Decimal]:
    """The newest score of engagement where the book measures it; readings beyond 0 to 100 are none."""
    metric = adopted().get(ENGAGEMENT)
    if metric is None:
        return {}
    rows = Observation.objects.filter(
        deleted_at__isnull=True, account__in=ids, metric=metric, on__range=(on - FRESH, on), value__range=(0, 100)
    )
    return dict(rows.order_by("on").values_list("account", "value"))


def _retention(ctx: Context, ids: Sequence[int], on: date) -> Mapping[int, Decimal]:
    days, found = [months_before(on, 12), on], {}
    for one in arr_on(ctx, days, rates_in_force(on), ids):
        before, now = one.values
        if before is not None and now is not None and before > 0:
            found[one.pk] = q6(now * HUNDRED / before)
    return found
