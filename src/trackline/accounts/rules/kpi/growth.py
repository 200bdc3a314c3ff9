"""Growth KPIs: wallet, pipeline, deals, and how far customers expand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from trackline.accounts.rules.kpi.formulas import Judged, average, middle, percentage
from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity
from trackline.core.scales import AMBER, GREEN


class Wallet(Inputs):
    """What a customer spends, with us and altogether."""

    revenue: Money | None = Field(description="Our revenue from the customer")
    addressable_spend: Money | None = Field(description="The customer's spend in the categories that we serve")


@rule(
    "accounts.kpi.share_of_wallet",
    title="Share of wallet",
    spec=("KPI-006",),
    summary="Our revenue in percent of what the customer spends in the categories that we serve.",
)
def share_of_wallet(given: Wallet) -> Finding:
    """Divide our revenue by the customer's spend in the categories that we serve. There is no colour: each account has a
    target of its own.

    Source: KPI-006.
    """
    return percentage(
        given,
        "revenue",
        "addressable_spend",
        None,
        zero="Addressable spend is zero.",
        above="Above 100 %: revenue exceeds the customer's addressable spend.",
    )


class Coverage(Inputs):
    """Pipeline of the next four quarters against what is to be booked."""

    weighted_pipeline: Money | None = Field(description="Weighted pipeline of the next four quarters")
    target: Money | None = Field(description="Bookings targeted for the same time")


class CoverageParameters(Parameters):
    """Bands of the multiple, and where it is too good to be true."""

    bands: BandCuts
    inflated_above: Quantity


@rule(
    "accounts.kpi.pipeline_coverage",
    title="Qualified pipeline coverage",
    spec=("KPI-007",),
    summary="How many times the weighted pipeline covers the bookings targeted.",
)
def pipeline_coverage(given: Coverage, p: CoverageParameters) -> Finding:
    """Divide the weighted pipeline of the next four quarters by the bookings targeted. Three to five times is green, two
    times amber. Above five the pipeline is amber too: so much is rather a sign of deals that nobody has tidied up.

    Source: KPI-007.
    """
    if missing := absent(given, "weighted_pipeline", "target"):
        return insufficient(*missing)
    if not given.target or given.weighted_pipeline is None:
        return insufficient(notes=("The target is zero: there is nothing to cover.",))
    value = given.weighted_pipeline / given.target
    band = p.bands.of(value)
    if band == GREEN and q6(value) > q6(p.inflated_above):
        return Finding(value, AMBER, notes=(f"Above {p.inflated_above:f} times: the pipeline may be inflated.",))
    return Finding(value, band)


class Decided(Inputs):
    """Deals decided in a period."""

    won: Quantity | None = Field(description="Deals won in the period")
    total: Quantity | None = Field(description="Deals decided in the period, won and lost")


@rule(
    "accounts.kpi.win_rate",
    title="Win rate",
    spec=("KPI-008",),
    summary="Deals won in percent of deals decided.",
)
def win_rate(given: Decided, p: Judged) -> Finding:
    """Divide the deals won in a period by all that were decided in it, won and lost. Open deals do not count.

    Source: KPI-008.
    """
    return percentage(
        given,
        "won",
        "total",
        p.bands,
        zero="No deal was decided.",
        above="Above 100 %: more deals were won than decided.",
    )


class Cycles(Inputs):
    """How long deals took from proposal to signature."""

    days: list[Quantity | None] | None = Field(description="Days from proposal to signature, one for each deal")
    baseline_days: Quantity | None = Field(
        None, description="Days that deals used to take; without them there is no colour"
    )


@rule(
    "accounts.kpi.deal_cycle_days",
    title="Average deal cycle",
    spec=("KPI-009",),
    summary="Mean days from proposal to signature, judged against what deals used to take.",
)
def deal_cycle_days(given: Cycles, p: Judged) -> Finding:
    """Take the mean of the days from proposal to signature. The colour looks at the change from the baseline in percent:
    green where deals are no slower, amber up to 15 % slower. Without a baseline it is unknown.

    Source: KPI-009.
    """
    found = average(given, "days", None)
    baseline, change, notes = given.baseline_days, None, found.notes
    if baseline is None:
        notes = (*notes, "There is no baseline to judge by.")
    elif not baseline:
        notes = (*notes, "The baseline is zero: there is no change to judge by.")
    elif isinstance(found.value, Decimal):
        change = (found.value - baseline) * HUNDRED / baseline
    missing = (*found.missing, *absent(given, "baseline_days"))
    details = {**found.details, "change_pct": change}
    return replace(found, band=p.bands.of(change), missing=missing, notes=notes, details=details)


class Families(Inputs):
    """Product families that an account could use."""

    adopted: Quantity | None = Field(description="Product families that the account uses")
    offered: Quantity | None = Field(description="Product families that we offer")


@rule(
    "accounts.kpi.cross_sell_ratio",
    title="Cross-sell ratio",
    spec=("KPI-010",),
    summary="Product families adopted in percent of those offered.",
)
def cross_sell_ratio(given: Families, p: Judged) -> Finding:
    """Divide the product families that the account uses by those that we offer. The more of them, the less likely it
    leaves.

    Source: KPI-010.
    """
    return percentage(
        given,
        "adopted",
        "offered",
        p.bands,
        zero="No product family is offered.",
        above="Above 100 %: more product families are adopted than offered.",
    )


class Bookings(Inputs):
    """New bookings of a period."""

    expansion: Money | None = Field(description="New bookings from existing customers")
    total: Money | None = Field(description="All new bookings")


@rule(
    "accounts.kpi.expansion_revenue_share",
    title="Expansion share of new bookings",
    spec=("KPI-036",),
    summary="New bookings from existing customers in percent of all new bookings.",
)
def expansion_revenue_share(given: Bookings, p: Judged) -> Finding:
    """Divide the new bookings from existing customers by all new bookings of the period.

    Source: KPI-036.
    """
    return percentage(
        given,
        "expansion",
        "total",
        p.bands,
        zero="Nothing was booked.",
        above="Above 100 %: expansion exceeds all new bookings.",
    )


class FirstExpansions(Inputs):
    """How long customers took to expand."""

    days: list[Quantity | None] | None = Field(
        description="Days from going live to the first expansion, one for each customer that expanded"
    )


@rule(
    "accounts.kpi.time_to_first_expansion",
    title="Time to first expansion",
    spec=("KPI-037",),
    summary="Median days from going live to the first expansion.",
)
def time_to_first_expansion(given: FirstExpansions, p: Judged) -> Finding:
    """Take the median of the days from going live to the close of the first expansion, over customers that expanded.

    Source: KPI-037.
    """
    return middle(given, "days", p.bands)


class Adoption(Inputs):
    """Accounts by the number of products they use."""

    multi_product_accounts: Quantity | None = Field(description="Accounts with two or more products")
    active_accounts: Quantity | None = Field(description="Active accounts")


@rule(
    "accounts.kpi.multi_product_adoption",
    title="Multi-product adoption",
    spec=("KPI-038",),
    summary="Accounts with two or more products in percent of active accounts.",
)
def multi_product_adoption(given: Adoption, p: Judged) -> Finding:
    """Divide the accounts that use two or more products by all active accounts.

    Source: KPI-038.
    """
    return percentage(
        given,
        "multi_product_accounts",
        "active_accounts",
        p.bands,
        zero="There are no active accounts.",
        above="Above 100 %: more accounts use several products than are active.",
    )
