"""Delivery KPIs: incidents, defects, change orders, cost to serve."""

from __future__ import annotations

from pydantic import Field

from trackline.accounts.rules.kpi.formulas import Judged, above_hundred, average, judged, percentage
from trackline.core.decimals import HUNDRED
from trackline.core.playbook import Finding, Inputs, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity

_PER = 1000
"""Defects are counted per thousand transactions."""


class Incidents(Inputs):
    """Incidents of a period."""

    met: Quantity | None = Field(description="Incidents that met every parameter of the SLA")
    total: Quantity | None = Field(description="All incidents")


@rule(
    "accounts.kpi.sla_compliance",
    title="SLA compliance",
    spec=("KPI-011",),
    summary="Incidents that met every parameter of the SLA in percent of all incidents.",
)
def sla_compliance(given: Incidents, p: Judged) -> Finding:
    """Divide the incidents that met every parameter of the SLA by all incidents of the period.

    Source: KPI-011.
    """
    return percentage(
        given,
        "met",
        "total",
        p.bands,
        zero="There were no incidents.",
        above="Above 100 %: more incidents met the SLA than there were.",
    )


class Resolutions(Inputs):
    """How long incidents stayed open."""

    hours: list[Quantity | None] | None = Field(description="Hours from open to close, one for each incident")


@rule(
    "accounts.kpi.mttr_hours",
    title="Mean time to resolve",
    spec=("KPI-012",),
    summary="Mean hours from opening an incident to closing it.",
)
def mttr_hours(given: Resolutions) -> Finding:
    """Take the mean of the hours that incidents stayed open. There is no colour: the contract says what is good.

    Source: KPI-012.
    """
    return average(given, "hours", None)


class Defects(Inputs):
    """Defects in what was delivered."""

    defects: Quantity | None = Field(description="Defects found")
    transactions: Quantity | None = Field(description="Transactions, or lines of code")


@rule(
    "accounts.kpi.defect_density",
    title="Defect density",
    spec=("KPI-013",),
    summary="Defects per thousand transactions.",
)
def defect_density(given: Defects, p: Judged) -> Finding:
    """Divide the defects found by the transactions, times a thousand. Lines of code may stand for transactions.

    Source: KPI-013.
    """
    if missing := absent(given, "defects", "transactions"):
        return insufficient(*missing)
    if not given.transactions or given.defects is None:
        return insufficient(notes=("There were no transactions.",))
    return judged(given.defects * _PER / given.transactions, p.bands)


class ChangeOrders(Inputs):
    """How long change orders took."""

    days: list[Quantity | None] | None = Field(
        description="Days from submission to approval, one for each change order"
    )


@rule(
    "accounts.kpi.change_order_days",
    title="Change-order cycle time",
    spec=("KPI-014",),
    summary="Mean days from submitting a change order to its approval.",
)
def change_order_days(given: ChangeOrders, p: Judged) -> Finding:
    """Take the mean of the days from submission to approval.

    Source: KPI-014.
    """
    return average(given, "days", p.bands)


class ServiceCost(Inputs):
    """What it cost to serve an account, and what it was to cost."""

    actual: Money | None = Field(description="Actual cost to serve")
    budget: Money | None = Field(description="Budgeted cost to serve")


@rule(
    "accounts.kpi.cost_to_serve_variance",
    title="Cost-to-serve variance",
    spec=("KPI-015",),
    summary="How far the cost to serve lies above budget, in percent of the budget.",
)
def cost_to_serve_variance(given: ServiceCost, p: Judged) -> Finding:
    """Take the budget off the actual cost and divide by the budget. Costs below budget are negative, and green.

    Source: KPI-015.
    """
    if missing := absent(given, "actual", "budget"):
        return insufficient(*missing)
    if not given.budget or given.actual is None:
        return insufficient(notes=("The budget is zero: there is no variance in percent.",))
    value = (given.actual - given.budget) * HUNDRED / given.budget
    notes = above_hundred(value, "Above 100 %: the cost is more than twice the budget.")
    return judged(value, p.bands, notes=notes, details={"variance": given.actual - given.budget})
