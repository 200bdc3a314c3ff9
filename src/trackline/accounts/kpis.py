"""The KPI library beside the book: which of its KPIs are measured, by which metric and on how many accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from trackline.accounts.models import Kpi, Metric, Observation
from trackline.accounts.rules.kpi_library import Domain, LibraryKpi, library
from trackline.accounts.services.adopting import adopted
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

IN_USE = Q(Exists(Kpi.objects.filter(deleted_at__isnull=True, metric=OuterRef("pk")))) | Q(
    Exists(Observation.objects.filter(deleted_at__isnull=True, metric=OuterRef("pk")))
)
"""Metrics that are agreed on or read; every book has others from the start, which nobody needs to look after."""

STATES = ("measured", "computed", "new")


@dataclass(frozen=True)
class KpiRow:
    """A KPI with its metric in this book, and the accounts that the reader sees with a reading of it."""

    kpi: LibraryKpi
    domain: Domain
    rule: str
    metric: Metric | None
    accounts: int


def kpi_rows(ctx: Context, words: str = "", domain: str = "", state: str = "") -> list[KpiRow]:
    """Return the KPIs that hold all words, of a domain and in one of `STATES`, each "" for any; two queries."""
    shelf, metrics = library(), adopted()
    read: dict[int, int] = dict(
        scoped(ctx, registry.get("observation"))
        .filter(metric__in=[metric.pk for metric in metrics.values()])
        .order_by()
        .values_list("metric")
        .annotate(Count("account", distinct=True))
    )
    rows = []
    for kpi in shelf.search(words, domain if domain in shelf.domains else ""):
        metric = metrics.get(kpi.code)
        row = KpiRow(kpi, shelf.domains[kpi.domain], kpi.computed_by, metric, read.get(metric.pk, 0) if metric else 0)
        if {"measured": metric, "computed": row.rule, "new": metric is None}.get(state, True):
            rows.append(row)
    return rows


def kpi_json(row: KpiRow) -> dict[str, Any]:
    """Return a KPI as the API and the command line tell it."""
    kpi = row.kpi
    return {
        "code": kpi.code, "name": kpi.name, "domain": kpi.domain, "tells": kpi.tells, "formula": kpi.formula,
        "unit": kpi.unit, "direction": kpi.direction, "kind": kpi.kind, "cadence": kpi.cadence,
        "owner": row.domain.owner, "reads": kpi.reads, "bands": kpi.cuts, "judged": kpi.judged or None,
        "limits_by": kpi.by, "rule": row.rule or None, "metric": row.metric.key if row.metric else None,
        "accounts": row.accounts,
    }  # fmt: skip
