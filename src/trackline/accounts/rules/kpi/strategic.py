"""Strategic KPIs: benefits delivered, innovation, joint inventions, sustainability, time to market."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.accounts.rules.kpi.formulas import Judged, listed, percentage
from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Finding, Inputs, Part, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity, Text


class Benefits(Inputs):
    """Value promised and verified."""

    verified: Money | None = Field(description="Value delivered and verified")
    committed: Money | None = Field(description="Value committed in the account plan")


@rule(
    "accounts.kpi.benefit_realization",
    title="Benefit realization",
    spec=("KPI-021",),
    summary="Value verified in percent of value committed.",
)
def benefit_realization(given: Benefits, p: Judged) -> Finding:
    """Divide the value that was delivered and verified by what the account plan commits.

    Source: KPI-021.
    """
    return percentage(
        given,
        "verified",
        "committed",
        p.bands,
        zero="Nothing is committed.",
        above="Above 100 %: more was verified than committed.",
    )


class Initiatives(Inputs):
    """Approved initiatives with the customer."""

    values: list[Money | None] | None = Field(
        description="Projected revenue or savings, one for each approved initiative"
    )


@rule(
    "accounts.kpi.innovation_pipeline",
    title="Innovation pipeline value",
    spec=("KPI-022",),
    summary="Projected revenue or savings of all approved joint initiatives.",
)
def innovation_pipeline(given: Initiatives) -> Finding:
    """Add up what the approved joint initiatives are to bring in revenue or savings. Unknown values are left out. There is
    no colour: each account has a target of its own.

    Source: KPI-022.
    """
    values, missing = listed(given, "values")
    if missing and not values:
        return insufficient(*missing, details={"n": 0})
    return Finding(sum(values, ZERO), missing=missing, details={"n": len(values)})


class Filings(Inputs):
    """Joint inventions of the last twelve months."""

    patents: Quantity | None = Field(description="Patents filed together in the last twelve months")
    publications: Quantity | None = Field(description="Research published together in the last twelve months")


@rule(
    "accounts.kpi.joint_ip",
    title="Joint IP filings",
    spec=("KPI-023",),
    summary="Patents filed and research published together.",
)
def joint_ip(given: Filings) -> Finding:
    """Count the patents filed and the research published together. There is no colour: each account has a target of its own.

    Source: KPI-023.
    """
    if given.patents is None or given.publications is None:
        return insufficient(*absent(given, "patents", "publications"))
    return Finding(given.patents + given.publications)


class Reduction(Inputs):
    """What a joint project reduces."""

    unit: Text | None = Field(description="Unit, such as t CO₂e")
    achieved: Quantity | None = Field(description="Reduction measured")
    target: Quantity | None = Field(description="Reduction targeted")


class Reductions(Inputs):
    """What joint projects reduce."""

    items: list[Reduction] | None = Field(description="Reductions; one with an unknown figure is left out")


@rule(
    "accounts.kpi.esg_impact",
    title="ESG impact",
    spec=("KPI-024",),
    summary="Reductions achieved against target, averaged over their units, from 0 to 100.",
)
def esg_impact(given: Reductions, p: Judged) -> Finding:
    """Within each unit add up what was achieved and what was targeted, and take one in percent of the other, at most 100, so
    that excess in one unit cannot pay for another. The index is the mean over the units. A unit whose targets add up to
    zero cannot be judged; it is left out and named.

    Source: KPI-024.
    """
    if given.items is None:
        return insufficient("items", details={"units": 0})
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    gaps = False
    for item in given.items:
        if item.unit is None or item.achieved is None or item.target is None:
            gaps = True
            continue
        achieved, target = sums.get(item.unit, (ZERO, ZERO))
        sums[item.unit] = (achieved + item.achieved, target + item.target)
    missing = ("items",) if gaps else ()
    notes = tuple(f"The target in {unit} is zero." for unit, (_, target) in sums.items() if not target)
    indexes = {unit: _index(achieved, target) for unit, (achieved, target) in sums.items() if target}
    if not indexes:
        return insufficient(*missing, notes=notes or ("There is nothing to judge.",), details={"units": 0})
    share = HUNDRED / len(indexes)
    parts = tuple(
        Part(unit, unit, sums[unit][0], share, index, index / len(indexes), p.bands.of(index))
        for unit, index in indexes.items()
    )
    value = sum(indexes.values(), ZERO) / len(indexes)
    return Finding(value, p.bands.of(value), parts=parts, missing=missing, notes=notes, details={"units": len(indexes)})


def _index(achieved: Decimal, target: Decimal) -> Decimal:
    return min(achieved * HUNDRED / target, HUNDRED)


class Launches(Inputs):
    """How long the customer takes to launch."""

    days_before: Quantity | None = Field(description="Days to launch before our solution")
    days_after: Quantity | None = Field(description="Days to launch with it")


@rule(
    "accounts.kpi.time_to_market",
    title="Time-to-market gain",
    spec=("KPI-025",),
    summary="Days that the customer gains on a launch.",
)
def time_to_market(given: Launches) -> Finding:
    """Take the days that a launch takes now off the days it took before. A slower launch is negative. There is no colour:
    each account has a target of its own.

    Source: KPI-025.
    """
    if given.days_before is None or given.days_after is None:
        return insufficient(*absent(given, "days_before", "days_after"))
    return Finding(given.days_before - given.days_after)
