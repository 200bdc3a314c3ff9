"""KPIs of the library as metrics of the book: which there are, and how one is added."""

from __future__ import annotations

from trackline.accounts.models import Metric
from trackline.accounts.models.choices import Rhythm
from trackline.accounts.rules.kpi_library import LibraryKpi, library
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry


def kpi_named(code: str) -> LibraryKpi:
    """Return a KPI of the library by its code, whatever the case. Raises `NotFound`."""
    found = library().kpis.get(code.upper())
    if found is None:
        raise NotFound(f"The library has no {code[:40]}. Codes are KPI-001 and so on.")
    return found


def adopted() -> dict[str, Metric]:
    """Return the metrics of the whole book that measure a KPI of the library, by its code; one query."""
    metrics = list(Metric.objects.alive().filter(account=None).order_by("-pk"))
    by_source, by_key = ({getattr(row, name): row for row in metrics} for name in ("source", "key"))
    found = {kpi.code: by_source.get(kpi.code) or by_key.get(kpi.metric) for kpi in library().kpis.values()}
    return {code: metric for code, metric in found.items() if metric}


def adopt(ctx: Context, code: str) -> Metric:
    """Make a metric of a KPI of the library. Raises `Refused` where the book has it already."""
    ctx.require(ADMIN)
    kpi = kpi_named(code)
    there = adopted().get(kpi.code)
    if there is not None:
        raise Refused(f"{kpi.name} is measured already, as {there.name}.")
    # The slowest rhythm of a metric is quarterly: what is judged once a year is read by quarter.
    data = {
        "name": kpi.name,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "kind": kpi.kind,
        "refresh": kpi.cadence if kpi.cadence in Rhythm.values else Rhythm.QUARTERLY.value,
        "formula": kpi.formula,
        "description": f"{kpi.tells}.",
        "source": kpi.code,
    }
    made: Metric = records.create(ctx, registry.get("metric"), data)
    return made
