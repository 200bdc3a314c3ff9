"""Value: the business case of a promise, and how much of what was promised has been verified."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Parameters,
    Part,
    absent,
    insufficient,
    rule,
)
from trackline.core.playbook.fields import Money, Numeric, Quantity
from trackline.reveal.rules.returns import discounted, internal_rate, payback, sign_changes

LAST_YEAR = 100

Year = Annotated[int, Numeric(ge=0, le=LAST_YEAR, whole=True)]
Rate = Annotated[Decimal, Numeric(ge=-99, le=1000)]


class Line(Inputs):
    """Money of one year; lines of the same year are added."""

    year: Year | None = Field(description="Year, 0 is today")
    benefit: Money | None = Field(description="Benefits of the year")
    cost: Money | None = Field(description="Costs of the year")


class Case(Inputs):
    """The cash flows of a business case."""

    lines: list[Line] | None = Field(description="Benefits and costs by year")
    discount_rate_pct: Rate | None = Field(description="Discount rate, % a year")


class CaseParameters(Parameters):
    """Which shares of the benefits the sensitivities take."""

    factors_pct: list[Quantity]


@rule(
    "reveal.value.case",
    title="Business case",
    spec=("VAL-04", "VAL-05", "VAL-06", "VAL-07", "VAL-08"),
    summary="Net present value of yearly benefits and costs, with return, payback, sensitivities and break-even.",
)
def value_case(given: Case, p: CaseParameters) -> Finding:
    """Net each year's benefits against its costs and discount them, year 0 at par. The internal rate of return is where the
    present value is 0; payback is when the running sum turns, linear within the year. The sensitivities take 70 to 120 %
    of the benefits, costs unchanged; break-even is the share of the benefits at which the present value is 0.

    Source: VAL-05, VAL-06, VAL-07, VAL-08.
    """
    missing = absent(given, "lines", "discount_rate_pct")
    lines = given.lines
    if lines is None or any(None in (line.year, line.benefit, line.cost) for line in lines):
        known_gaps = missing if lines is None else ["lines", *missing]
        return insufficient(*known_gaps, details=_nothing())
    benefits, costs = _by_year(lines)
    rate = given.discount_rate_pct
    nets = [benefit - cost for benefit, cost in zip(benefits, costs, strict=True)]
    cases = [_case(benefits, costs, factor, rate) for factor in p.factors_pct]
    base = _case(benefits, costs, HUNDRED, rate)
    details = {
        "irr_pct": base["irr_pct"],
        "payback_years": base["payback_years"],
        "discounted_payback_years": None,
        "cases": cases,
        "break_even_pct": None,
    }
    notes = _notes(nets, base["irr_pct"])
    if rate is None:
        return insufficient(*missing, notes=notes, details=details)
    present = discounted(nets, rate)
    paid, earned = (sum(discounted(flows, rate), ZERO) for flows in (costs, benefits))
    details["discounted_payback_years"] = payback(present)
    details["break_even_pct"] = paid * HUNDRED / earned if earned else None
    parts = tuple(
        Part(f"year_{year}", f"Year {year}", net, contribution=share)
        for year, (net, share) in enumerate(zip(nets, present, strict=True))
    )
    return Finding(sum(present, ZERO), parts=parts, notes=notes, details=details)


def _by_year(lines: Sequence[Line]) -> tuple[list[Decimal], list[Decimal]]:
    years = max((line.year or 0 for line in lines), default=-1) + 1
    benefits, costs = [ZERO] * years, [ZERO] * years
    for line in lines:
        benefits[line.year or 0] += line.benefit or ZERO
        costs[line.year or 0] += line.cost or ZERO
    return benefits, costs


def _case(
    benefits: Sequence[Decimal], costs: Sequence[Decimal], factor_pct: Decimal, rate: Decimal | None
) -> dict[str, Any]:
    nets = [benefit * factor_pct / HUNDRED - cost for benefit, cost in zip(benefits, costs, strict=True)]
    return {
        "factor_pct": factor_pct,
        "npv": None if rate is None else sum(discounted(nets, rate), ZERO),
        "irr_pct": internal_rate(nets),
        "payback_years": payback(nets),
    }


def _notes(nets: Sequence[Decimal], irr: Decimal | None) -> tuple[str, ...]:
    changes = sign_changes(nets)
    if changes > 1:
        return ("The net changes sign more than once: other rates of return may exist.",)
    if not changes:
        return ("The net never changes sign: there is no rate of return.",)
    return () if irr is not None else ("The rate of return lies outside −99 to 1,000 %.",)


def _nothing() -> dict[str, Any]:
    names = ("irr_pct", "payback_years", "discounted_payback_years", "break_even_pct")
    return {**dict.fromkeys(names), "cases": []}


class Outcome(Inputs):
    """Money promised and verified of one outcome."""

    committed: Money | None = Field(description="Planned to date")
    verified: Money | None = Field(description="Verified to date")


class Outcomes(Inputs):
    """Value outcomes of an account."""

    outcomes: list[Outcome] | None = Field(description="Outcomes; one with an unknown amount is left out")


class RealizationParameters(Parameters):
    """Bands of the share realized."""

    bands: BandCuts


@rule(
    "reveal.value.realization",
    title="Benefit realization",
    spec=("VAL-14",),
    summary="Benefits verified in percent of benefits committed.",
)
def value_realization(given: Outcomes, p: RealizationParameters) -> Finding:
    """Add up what was verified and what was committed to date, and divide. Outcomes with an unknown amount are left out.

    Source: VAL-14.
    """
    if given.outcomes is None:
        return insufficient("outcomes", details={"committed": None, "verified": None})
    known = [(item.committed, item.verified) for item in given.outcomes]
    pairs = [(plan, done) for plan, done in known if plan is not None and done is not None]
    missing = ("outcomes",) if len(pairs) < len(known) else ()
    committed, verified = (sum((pair[side] for pair in pairs), ZERO) for side in (0, 1))
    details = {"committed": committed, "verified": verified}
    if not committed:
        return insufficient(*missing, notes=("Nothing is committed.",), details=details)
    value = verified * HUNDRED / committed
    return Finding(value, p.bands.of(value), missing=missing, details=details)
