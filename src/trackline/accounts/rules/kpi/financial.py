"""Financial KPIs: margin, retention of revenue, capital tied up, prices held, invoices paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.accounts.rules.kpi.formulas import Judged, above_hundred, percentage
from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Parameters,
    Part,
    Shares,
    Table,
    absent,
    insufficient,
    rule,
)
from trackline.core.playbook.fields import Money, Number, Positive, Quantity
from trackline.core.scales import UNKNOWN


class Margin(Inputs):
    """Revenue of a period and what it cost."""

    net_revenue: Money | None = Field(description="Net revenue")
    cogs: Money | None = Field(description="Cost of goods sold")
    cost_to_serve: Money | None = Field(description="Cost to serve the account")
    plan_pct: Quantity | None = Field(None, description="Planned gross margin, %; without a plan there is no colour")


@rule(
    "accounts.kpi.gross_margin",
    title="Gross margin after cost to serve",
    spec=("KPI-001",),
    summary="What is left of net revenue after cost of goods and cost to serve, in percent, judged against plan.",
)
def gross_margin(given: Margin, p: Judged) -> Finding:
    """Take cost of goods and cost to serve off net revenue and divide by net revenue. The colour looks at the distance from
    the planned margin in percent of the plan: green above −2 %, amber above −5 %. Without a plan it is unknown.

    Source: KPI-001.
    """
    missing = absent(given, "net_revenue", "cogs", "cost_to_serve", "plan_pct")
    revenue, goods, service = given.net_revenue, given.cogs, given.cost_to_serve
    if revenue is None or goods is None or service is None:
        return insufficient(*missing, details={"margin": None, "variance_pct": None})
    margin = revenue - goods - service
    if not revenue:
        notes = ("Net revenue is zero: there is no margin in percent.",)
        return insufficient(*missing, notes=notes, details={"margin": margin, "variance_pct": None})
    value = margin * HUNDRED / revenue
    parts = (
        Part("net_revenue", "Net revenue", revenue, contribution=HUNDRED),
        Part("cogs", "Cost of goods sold", goods, contribution=-goods * HUNDRED / revenue),
        Part("cost_to_serve", "Cost to serve", service, contribution=-service * HUNDRED / revenue),
    )
    if not given.plan_pct:
        note = (
            "There is no plan to judge by." if given.plan_pct is None else "The plan is zero: no variance to judge by."
        )
        details = {"margin": margin, "variance_pct": None}
        return Finding(value, UNKNOWN, parts=parts, missing=tuple(missing), notes=(note,), details=details)
    variance = (value - given.plan_pct) * HUNDRED / given.plan_pct
    return Finding(value, p.bands.of(variance), parts=parts, details={"margin": margin, "variance_pct": variance})


class Movements(Inputs):
    """Recurring revenue at the start of a period and what became of it; all amounts are positive."""

    starting_arr: Money | None = Field(description="Recurring revenue at the start of the period")
    expansion: Money | None = Field(description="Added by existing customers")
    contraction: Money | None = Field(description="Lost to smaller plans, as a positive amount")
    churn: Money | None = Field(description="Lost with customers that left, as a positive amount")
    preset: Literal["sustain_110", "growth_120"] | None = Field(
        None, description="Whether 110 or 120 % is green; 110 where not given"
    )


class Losses(Inputs):
    """Recurring revenue at the start of a period and what was lost of it; all amounts are positive."""

    starting_arr: Money | None = Field(description="Recurring revenue at the start of the period")
    contraction: Money | None = Field(description="Lost to smaller plans, as a positive amount")
    churn: Money | None = Field(description="Lost with customers that left, as a positive amount")


NOTHING_AT_START = "Recurring revenue at the start is zero: there was nothing to retain."


@rule(
    "accounts.kpi.net_revenue_retention",
    title="Net revenue retention",
    spec=("KPI-002",),
    summary="Recurring revenue kept from existing customers, expansion included, in percent of the start.",
)
def net_revenue_retention(given: Movements, p: Judged) -> Finding:
    """Add expansion to the recurring revenue of the start, take contraction and churn off, and divide by the start. Below
    100 % revenue leaks. The presets differ in what is green: 110 % to sustain, 120 % to grow.

    Source: KPI-002.
    """
    if missing := absent(given, "starting_arr", "expansion", "contraction", "churn"):
        return insufficient(*missing)
    gains = (("expansion", "Expansion", given.expansion or ZERO),)
    return _retention(given.starting_arr or ZERO, gains, given.contraction, given.churn, p.bands)


@rule(
    "accounts.kpi.gross_revenue_retention",
    title="Gross revenue retention",
    spec=("KPI-030",),
    summary="Recurring revenue kept from existing customers, expansion left out, in percent of the start.",
)
def gross_revenue_retention(given: Losses, p: Judged) -> Finding:
    """Take contraction and churn off the recurring revenue of the start and divide by it. Expansion does not count, so that
    growth in one place cannot hide loss in another.

    Source: KPI-030.
    """
    if missing := absent(given, "starting_arr", "contraction", "churn"):
        return insufficient(*missing)
    return _retention(given.starting_arr or ZERO, (), given.contraction, given.churn, p.bands)


def _retention(
    start: Decimal,
    gains: tuple[tuple[str, str, Decimal], ...],
    contraction: Decimal | None,
    churn: Decimal | None,
    bands: BandCuts,
) -> Finding:
    if not start:
        return insufficient(notes=(NOTHING_AT_START,))
    losses = (("contraction", "Contraction", -(contraction or ZERO)), ("churn", "Churn", -(churn or ZERO)))
    lines = (("starting_arr", "Start", start), *gains, *losses)
    value = sum((amount for _, _, amount in lines), ZERO) * HUNDRED / start
    parts = tuple(Part(key, label, abs(amount), contribution=amount * HUNDRED / start) for key, label, amount in lines)
    notes = above_hundred(value, "Above 100 %: expansion outgrew contraction and churn.")
    return Finding(value, bands.of(value), parts=parts, notes=notes)


class Capital(Inputs):
    """What an account ties up: receivables, stock, services paid in advance."""

    dso_days: Quantity | None = Field(description="Days sales outstanding")
    revenue: Money | None = Field(description="Revenue of a year")
    inventory_days: Quantity | None = Field(description="Days of stock held for the account")
    cogs: Money | None = Field(description="Cost of goods sold of a year")
    prepaid_services: Money | None = Field(description="Services paid for in advance")
    contract_value: Money | None = Field(description="Value of the contract")
    wacc_pct: Quantity | None = Field(None, description="Cost of capital, % a year; the book's where not given")


class CapitalParameters(Judged):
    """Cost of capital and length of a year."""

    wacc_pct: Quantity
    year_days: Positive


@rule(
    "accounts.kpi.working_capital_drag",
    title="Working-capital drag",
    spec=("KPI-003",),
    summary="What it costs a year to finance receivables, stock and prepaid services, in percent of the contract.",
)
def working_capital_drag(given: Capital, p: CapitalParameters) -> Finding:
    """Receivables are a year's revenue for the days it stays unpaid, stock a year's cost of goods for the days it is held.
    Both and what was paid in advance bear the cost of capital; that amount is shown in percent of the contract's value.

    Source: KPI-003.
    """
    items = _tied_up(given, p.year_days)
    missing = absent(given, "dso_days", "revenue", "inventory_days", "cogs", "prepaid_services", "contract_value")
    if items is None:
        return insufficient(*missing, details={"amount": None, "capital": None})
    rate = p.wacc_pct if given.wacc_pct is None else given.wacc_pct
    capital = sum((item for _, _, item in items), ZERO)
    details = {"amount": capital * rate / HUNDRED, "capital": capital, "wacc_pct": rate}
    contract = given.contract_value
    if not contract:
        notes = () if contract is None else ("The contract's value is zero: there is nothing to compare with.",)
        return insufficient(*missing, notes=notes, details=details)
    value = capital * rate / contract
    parts = tuple(Part(key, label, item, contribution=item * rate / contract) for key, label, item in items)
    above = above_hundred(value, "Above 100 %: financing costs more than the contract is worth.")
    return Finding(value, p.bands.of(value), parts=parts, notes=above, details=details)


def _tied_up(given: Capital, year_days: Decimal) -> tuple[tuple[str, str, Decimal], ...] | None:
    if (
        given.dso_days is None
        or given.revenue is None
        or given.inventory_days is None
        or given.cogs is None
        or given.prepaid_services is None
    ):
        return None
    return (
        ("receivables", "Receivables", given.dso_days * given.revenue / year_days),
        ("inventory", "Stock", given.inventory_days * given.cogs / year_days),
        ("prepaid_services", "Prepaid services", given.prepaid_services),
    )


class Prices(Inputs):
    """What was charged of what the list says."""

    net: Money | None = Field(description="Net price, after discounts and concessions")
    list: Money | None = Field(description="List price")


@rule(
    "accounts.kpi.price_realization",
    title="Price realization",
    spec=("KPI-004",),
    summary="Net price in percent of list price.",
)
def price_realization(given: Prices, p: Judged) -> Finding:
    """Divide what was charged after discounts and concessions by what the list says.

    Source: KPI-004.
    """
    return percentage(
        given,
        "net",
        "list",
        p.bands,
        zero="The list price is zero.",
        above="Above 100 %: more was charged than the list says.",
    )


class Invoice(Inputs):
    """One invoice that was or should have been paid."""

    amount: Money | None = Field(description="Amount")
    days_late: Number | None = Field(description="Days paid after the due date; negative is early")


class Invoices(Inputs):
    """The invoices of a period."""

    invoices: list[Invoice] | None = Field(description="Invoices; one with an unknown figure is left out")


class TimelinessParameters(Parameters):
    """How late an invoice of each class is at most, the points of each class, bands."""

    latest_days: Table
    points: Shares
    bands: BandCuts


_LATER = "later"
_CLASSES = {
    "on_time": "By the due date",
    "slightly_late": "Slightly late",
    "late": "Late",
    "very_late": "Very late",
    _LATER: "Later still",
}


@rule(
    "accounts.kpi.payment_timeliness",
    title="Payment timeliness index",
    spec=("KPI-005",),
    summary="How promptly invoices are paid, weighed by amount, from 0 to 100.",
)
def payment_timeliness(given: Invoices, p: TimelinessParameters) -> Finding:
    """Each invoice earns points by how late it was paid: 100 by the due date, 75 up to 15 days late, 50 up to 30, 25 up to
    60, none later. The index is the mean of the points, weighed by amount.

    Source: KPI-005.
    """
    if given.invoices is None:
        return insufficient("invoices")
    figures = [(item.amount, item.days_late) for item in given.invoices]
    paid = [(amount, days) for amount, days in figures if amount is not None and days is not None]
    missing = ("invoices",) if len(paid) < len(figures) else ()
    total = sum((amount for amount, _ in paid), ZERO)
    if not total:
        return insufficient(*missing, notes=("The invoices add up to zero.",), details={"n": len(paid)})
    amounts = dict.fromkeys(_CLASSES, ZERO)
    for amount, days in paid:
        amounts[_class_of(days, p.latest_days)] += amount
    value = sum((amount * p.points[key] for key, amount in amounts.items()), ZERO) / total
    parts = tuple(
        Part(key, _CLASSES[key], amount, amount * HUNDRED / total, p.points[key], amount * p.points[key] / total)
        for key, amount in amounts.items()
        if amount
    )
    details = {"n": len(paid), "amount": total}
    return Finding(value, p.bands.of(value), parts=parts, missing=missing, details=details)


def _class_of(days_late: Decimal, latest_days: Table) -> str:
    late = q6(days_late)
    return next((key for key, latest in latest_days.items() if late <= q6(latest)), _LATER)
