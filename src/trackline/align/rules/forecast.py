"""The forecast of open deals: not one number but all of them, with their chances."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from trackline.core.analytics.forecast import Forecast
from trackline.core.playbook import Finding, Inputs, Parameters, insufficient, known, rule
from trackline.core.playbook.fields import Count, Money, Numeric, Share

MOST_RUNS = 1_000_000

Runs = Annotated[int, Numeric(ge=100, le=MOST_RUNS, whole=True)]


class Deal(Inputs):
    """An open deal."""

    value: Money | None = Field(description="What it brings in")
    probability: Share | None = Field(description="Chance that it is won, %")


class Deals(Inputs):
    """Open deals, won independently of each other."""

    deals: list[Deal] | None = Field(description="Deals; one whose value or probability is not known is left out")
    target: Money | None = Field(None, description="Total whose chance is asked for")
    quantiles: list[Share | None] | None = Field(None, description="Percentages whose totals are told")


class ForecastParameters(Parameters):
    """Quantiles told, and how to simulate where that is needed."""

    quantiles: list[Share]
    runs: Runs
    seed: Count


@rule(
    "align.forecast.distribution",
    title="Forecast distribution",
    spec=("PIPE-13",),
    summary="Mean, deviation and quantiles of what open deals bring in, exact wherever they can be computed.",
)
def distribution(given: Deals, p: ForecastParameters) -> Finding:
    """Every deal is won with its probability or lost, independently of the others. Mean and deviation follow in closed form;
    the chance of every total is computed exactly from the deals, and only where neither time nor memory suffice for that is
    it simulated, with a note. A quantile is the smallest total whose cumulative chance reaches its percentage.

    Source: PIPE-13.
    """
    if given.deals is None:
        return insufficient("deals", details=_nothing())
    deals = [(deal.value, deal.probability) for deal in given.deals]
    complete = [(value, chance) for value, chance in deals if value is not None and chance is not None]
    missing = [] if len(complete) == len(deals) else ["deals"]
    asked = p.quantiles if given.quantiles is None else known(given.quantiles)
    if given.quantiles is not None and len(asked) < len(given.quantiles):
        missing.append("quantiles")
    found = Forecast([value for value, _ in complete], [chance for _, chance in complete], runs=p.runs, seed=p.seed)
    quantiles, chance = found.told(asked, given.target)
    return Finding(
        found.mean,
        missing=tuple(missing),
        notes=(found.why_simulated,) if found.runs else (),
        details={
            "sd": found.sd,
            "quantiles": {f"p{percent.normalize():f}": at for percent, at in zip(asked, quantiles, strict=True)},
            "p_target_pct": None if chance is None else _percent(chance),
            "method": "simulated" if found.runs else "exact",
            "runs": found.runs,
            "standard_error": found.standard_error,
        },
    )


def _percent(chance: float) -> Decimal:
    """A chance in percent, without the digits beyond its own error."""
    return Decimal(repr(round(chance * 100, 10)))


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(("sd", "p_target_pct", "method", "runs", "standard_error")), "quantiles": {}}
