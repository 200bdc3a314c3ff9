"""What a tier costs us to serve: hours and money by tier, and whether what is promised is funded."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import Finding, Inputs, Parameters, Table, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Quantity, Text


class PromiseCost(Inputs):
    """What a promise costs in a year beyond hours; null where nobody has told it."""

    key: Text = Field(description="Promise")
    cost: Money | None = Field(description="Cost a year")


class Served(Inputs):
    """An account in a tier."""

    tier: Literal[1, 2, 3] | None = Field(description="Tier")
    revenue: Money | None = Field(description="Revenue of twelve months")
    hours: Quantity | None = Field(None, description="Hours a year that our people serve the account")
    hour_cost: Money | None = Field(None, description="What an hour of ours costs")
    promises: list[PromiseCost] | None = Field(None, description="What the promises beyond hours cost in a year")


class BudgetParameters(Parameters):
    """People and money by tier."""

    fte: Table
    opex_pct: Table
    hours_per_fte: Quantity


NOTHING = dict.fromkeys(("fte", "opex", "opex_pct", "served", "funded", "promised", "pays", "over")) | {"unpriced": []}


@rule(
    "book.tier.budget",
    title="Budget of a tier",
    spec=("PF-26",),
    summary="Hours a year and operating money that a tier grants an account, and whether they pay for what is promised.",
    revision=2,
)
def budget(given: Served, p: BudgetParameters) -> Finding:
    """Grant hours by the people of the tier, and money as a share of twelve months' revenue. The two lines together are what
    is funded: granted hours at what an hour costs, and the money. What is promised costs the hours that people serve the
    account, at the same cost, and what each promise costs besides. A promise that the lines do not pay for is not to be given.
    Where any of these figures is not known it is named, and nothing is said about who pays.

    Source: PF-26.
    """
    if given.tier is None:
        return insufficient("tier", details=dict(NOTHING))
    key = str(given.tier)
    fte, share = p.fte[key], p.opex_pct[key]
    hours = fte * p.hours_per_fte
    opex = None if given.revenue is None else given.revenue * share / HUNDRED
    served = None if given.hours is None or given.hour_cost is None else given.hours * given.hour_cost
    funded = None if given.hour_cost is None or opex is None else hours * given.hour_cost + opex
    unpriced = [one.key for one in given.promises or () if one.cost is None]
    promised: Decimal | None = None
    if served is not None and given.promises is not None and not unpriced:
        promised = served + sum((one.cost or ZERO for one in given.promises), ZERO)
    missing = absent(given, "revenue", "hours", "hour_cost", "promises")
    return Finding(
        hours,
        missing=(*missing, *(("promises",) if unpriced else ())),
        details={
            "fte": fte,
            "opex": opex,
            "opex_pct": share,
            "served": served,
            "funded": funded,
            "promised": promised,
            "pays": promised <= funded if promised is not None and funded is not None else None,
            "over": max(ZERO, promised - funded) if promised is not None and funded is not None else None,
            "unpriced": unpriced,
        },
    )
