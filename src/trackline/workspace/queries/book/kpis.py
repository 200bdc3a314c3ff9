"""The KPI library on its pages and in its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.accounts.kpis import KpiRow
from trackline.accounts.rules.kpi_library import Domain, library

STATES = (("measured", "Measured in this book"), ("computed", "Computed by a rule"), ("new", "Not measured yet"))


@dataclass(frozen=True)
class DomainPart:
    """A domain with those of its KPIs that were asked for."""

    domain: Domain
    rows: Sequence[KpiRow]


def parts_of(rows: Sequence[KpiRow]) -> list[DomainPart]:
    """Return rows by domain, in the order of the library."""
    found = [DomainPart(domain, [row for row in rows if row.domain is domain]) for domain in library().domains.values()]
    return [part for part in found if part.rows]


def lines(rows: Sequence[KpiRow]) -> Iterator[list[Any]]:
    """Yield the heading, then each KPI as a line of a file."""
    yield [
        "Code", "Name", "Domain", "Tells", "Formula", "Unit", "Direction", "Kind", "Cadence", "Owner", "Reads", "Green",
        "Amber", "Judged", "Limits by", "Rule", "Metric", "Accounts", "Stage",
    ]  # fmt: skip
    for row in rows:
        kpi = row.kpi
        yield [
            kpi.code, kpi.name, row.domain.label, kpi.tells, kpi.formula, kpi.unit, kpi.direction, kpi.kind, kpi.cadence,
            row.domain.owner, kpi.reads, kpi.green, kpi.amber, kpi.judged, kpi.by, row.rule,
            row.metric.key if row.metric else "", row.accounts, row.stage.label if row.stage else "",
        ]  # fmt: skip
