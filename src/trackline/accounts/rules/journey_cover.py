"""Whether what a book measures covers the customer's way from the start to a reference."""

from __future__ import annotations

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, insufficient, rule
from trackline.core.playbook.fields import Count, Text


class Stage(Inputs):
    """A stage of the way, and how many KPIs of it are measured."""

    key: Text = Field(description="Stage")
    measured: Count = Field(description="KPIs that are measured")


class Way(Inputs):
    """The stages that KPIs are chosen for."""

    stages: list[Stage] | None = Field(description="Stages with the KPIs that are measured")


class CoverParameters(Parameters):
    """How many KPIs a stage needs."""

    least: Count


@rule(
    "accounts.kpi_cover",
    title="KPIs along the journey",
    spec=("KPI-127",),
    summary="How many stages of the customer's journey are measured by too few KPIs.",
)
def cover(given: Way, p: CoverParameters) -> Finding:
    """Count the stages with fewer KPIs measured than each needs: onboarding and activation, value, renewal and expansion,
    advocacy. A KPI is measured once an account has a reading of it.

    Source: KPI-127.
    """
    if not given.stages:
        return insufficient("stages", details={"lacking": [], "least": p.least})
    lacking = [one.key for one in given.stages if one.measured < p.least]
    return Finding(len(lacking), "green" if not lacking else "amber", details={"lacking": lacking, "least": p.least})
