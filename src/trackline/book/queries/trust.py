"""Which KPIs of accounts can be trusted: the five signs, out of what is kept. Source: KPI-123."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from trackline.accounts.models import Kpi, Observation
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.kpi_trust import trust
from trackline.accounts.services.measures import BY_HAND
from trackline.book.models import Dashboard, Scorecard, ScorecardLine
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.kit.policy import Context

YEAR = timedelta(days=365)


def trust_of(ctx: Context, kpis: Sequence[Kpi]) -> Mapping[int, Explained]:
    """Return how the rule judges KPIs, each with its metric at hand; four queries.

    Readings of a year that all name the same source, and were not entered by hand, come from one automated source. A KPI is
    seen where its metric stands on a scorecard in use, or on a dashboard.
    """
    metrics = {kpi.metric_id for kpi in kpis}
    sources: dict[tuple[int, int], set[str]] = {}
    rows = Observation.objects.filter(
        deleted_at__isnull=True, account__in={kpi.account_id for kpi in kpis}, metric__in=metrics,
        on__range=(ctx.today - YEAR, ctx.today),
    )  # fmt: skip
    for account, metric, source in rows.order_by().values_list("account", "metric", "source").distinct():
        sources.setdefault((account, metric), set()).add(source)
    shown = set(
        ScorecardLine.objects.filter(
            deleted_at__isnull=True, scorecard__deleted_at__isnull=True, metric__in=metrics,
            scorecard__state__in=(Scorecard.State.SHADOW, Scorecard.State.LIVE),
        ).values_list("metric", flat=True)
    )  # fmt: skip
    tiles = Dashboard.objects.filter(deleted_at__isnull=True).values_list("tiles", flat=True)
    on_tiles = {str(tile.get("options", {}).get("metric")) for board in tiles for tile in board}
    in_force, found = Overrides.load(ctx.today).in_force(trust, ctx.today), {}
    for kpi in kpis:
        read = sources.get((kpi.account_id, kpi.metric_id))
        given = {
            "formula": bool(kpi.metric.formula.strip()),
            "source": None if read is None else len(read) == 1 and not read & {"", BY_HAND},
            "finance": kpi.finance_approved,
            "customer": kpi.agreed_with_customer,
            "shown": kpi.metric_id in shown or bool({str(kpi.metric_id), kpi.metric.key} & on_tiles),
            "incentives": kpi.in_incentives,
        }
        found[kpi.pk] = trust.explain(read_inputs(trust.inputs, given), in_force, ctx.today)
    return found


def trust_json(kpi: Kpi, result: Explained) -> dict[str, Any]:
    """Return the signs of a KPI as JSON has them."""
    return {
        "kpi": str(kpi.pk),
        "name": kpi.name,
        "as_of": result.as_of,
        "signs": result.value,
        "trusted": result.details["trusted"],
        "needed": result.details["needed"],
        "held": {part.key: bool(part.contribution) for part in result.parts},
        "missing": list(result.missing),
    }
