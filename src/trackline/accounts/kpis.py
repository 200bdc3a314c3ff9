"""The KPI library beside the book: which of its KPIs are measured, by which metric and on how many accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from trackline.accounts.models import Kpi, Metric, Observation
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.journey_cover import cover
from trackline.accounts.rules.kpi_library import Domain, LibraryKpi, Stage, library
from trackline.accounts.services.adopting import adopted
from trackline.core.playbook.inputs import read_inputs
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
    stage: Stage | None


def kpi_rows(ctx: Context, words: str = "", domain: str = "", state: str = "", stage: str = "") -> list[KpiRow]:
    """Return the KPIs that hold all words, of a domain, in one of `STATES` and of a stage, each "" for any; two queries."""
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
        accounts, at = read.get(metric.pk, 0) if metric else 0, shelf.stage_of(kpi)
        row = KpiRow(kpi, shelf.domains[kpi.domain], kpi.computed_by, metric, accounts, at)
        if stage in shelf.stages and (at is None or at.key != stage):
            continue
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
        "accounts": row.accounts, "stage": row.stage.key if row.stage else None,
    }  # fmt: skip


@dataclass(frozen=True)
class Covered:
    """A stage of the customer's way: how many of its KPIs are measured, of how many; `lacking` says that these are too few."""

    stage: Stage
    measured: int
    of: int
    lacking: bool


def journey_of(ctx: Context) -> list[Covered]:
    """Return how far each stage is measured on the accounts that the reader sees; three queries. Source: KPI-127."""
    rows = [row for row in kpi_rows(ctx) if row.stage]
    counts = {
        key: sum(row.accounts > 0 for row in rows if row.stage and row.stage.key == key) for key in library().stages
    }
    given = {"stages": [{"key": key, "measured": count} for key, count in counts.items()]}
    in_force = Overrides.load(ctx.today).in_force(cover, ctx.today)
    lacking = cover.explain(read_inputs(cover.inputs, given), in_force, ctx.today).details["lacking"]
    return [
        Covered(one, counts[key], sum(row.stage is one for row in rows), key in lacking)
        for key, one in library().stages.items()
    ]


def journey_json(found: list[Covered]) -> list[dict[str, Any]]:
    """Return the same as the API and the command line tell it."""
    return [
        {
            "stage": one.stage.key,
            "label": one.stage.label,
            "measured": one.measured,
            "of": one.of,
            "lacking": one.lacking,
        }
        for one in found
    ]
