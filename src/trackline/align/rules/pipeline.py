"""The pipeline: its weighted value, the probability a stage has earned, and how long a route has stood still."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO
from trackline.core.playbook import (
    BandCuts,
    Finding,
    Inputs,
    Parameters,
    Part,
    Shares,
    absent,
    insufficient,
    refuse,
    rule,
)
from trackline.core.playbook.fields import Count, Money, Quantity, Share

State = Literal["identified", "qualifying", "pursuing", "won", "lost", "parked"]
OPEN = ("identified", "qualifying", "pursuing")

_LABELS = {
    "identified": "Identified",
    "qualifying": "Qualifying",
    "pursuing": "Pursuing",
    "open": "Open, state not known",
}


class Route(Inputs):
    """A route as the pipeline counts it."""

    value: Money | None = Field(description="Value of the route")
    probability: Share | None = Field(None, description="Probability, %; the default of the state where not given")
    state: State | None = Field(None, description="State; without one the route counts as open")


class Routes(Inputs):
    """Routes of one currency."""

    routes: list[Route] | None = Field(description="Routes; only open ones count")


class WeightedPipelineParameters(Parameters):
    """Probabilities of states, for routes that have none of their own."""

    default_probability: Shares


@rule(
    "align.pipeline.weighted",
    title="Weighted pipeline",
    spec=("ALN-04", "PIPE-12"),
    summary="Values of open routes, each times its probability, added up.",
)
def weighted(given: Routes, p: WeightedPipelineParameters) -> Finding:
    """Add up value times probability of all open routes; won, lost and parked ones are left out. A route without
    probability takes the default of its state, and a note says so.

    Source: ALN-04, PIPE-12.
    """
    if given.routes is None:
        return insufficient("routes", details={"gross": None, "count": None})
    routes = [route for route in given.routes if route.state is None or route.state in OPEN]
    defaulted = sum(route.probability is None and route.state is not None for route in routes)
    notes = (f"{defaulted} without probability: the default of the state is taken.",) if defaulted else ()
    unknown = any(route.value is None or _probability(route, p) is None for route in routes)
    parts = tuple(_parts(routes, p))
    return Finding(
        sum((part.contribution or ZERO for part in parts), ZERO),
        parts=parts,
        missing=("routes",) if unknown else (),
        notes=notes,
        details={"gross": sum((route.value or ZERO for route in routes), ZERO), "count": len(routes)},
    )


def _probability(route: Route, p: WeightedPipelineParameters) -> Decimal | None:
    if route.probability is not None or route.state is None:
        return route.probability
    return p.default_probability[route.state]


def _parts(routes: list[Route], p: WeightedPipelineParameters) -> Iterator[Part]:
    """Yield one part for each state that has routes: its gross value and what it adds."""
    for key, label in _LABELS.items():
        own = [route for route in routes if (route.state or "open") == key]
        if own:
            gross = sum((route.value or ZERO for route in own), ZERO)
            added = sum(((route.value or ZERO) * (_probability(route, p) or ZERO) for route in own), ZERO)
            yield Part(key, label, gross, contribution=added / HUNDRED)


class History(Inputs):
    """What became of the routes of a stage."""

    wins: Count | None = Field(description="Routes of the stage that were won")
    closed: Count | None = Field(description="Routes of the stage that have closed, won or not")
    prior_pct: Share | None = Field(description="Probability to assume before there is history, %")
    k: Quantity | None = Field(None, description="How many closed routes the prior is worth; 10 where not given")


class ProbabilityParameters(Parameters):
    """Weight of the prior."""

    k: Quantity


@rule(
    "align.pipeline.probability",
    title="Probability of a stage",
    spec=("PIPE-05",),
    summary="The win rate of a stage, drawn towards a prior while history is short.",
)
def probability(given: History, p: ProbabilityParameters) -> Finding:
    """The win rate of routes that entered the stage and have since closed, mixed with a prior that counts like k closed
    routes: the longer the history, the less the prior says.

    Source: PIPE-05.
    """
    if given.wins is not None and given.closed is not None and given.wins > given.closed:
        raise refuse("wins", "No more wins than closed routes are expected.")
    missing = absent(given, "wins", "closed", "prior_pct")
    if given.wins is None or given.closed is None or given.prior_pct is None:
        return insufficient(*missing)
    k = p.k if given.k is None else given.k
    details = {"n": given.closed, "wins": given.wins, "k": k}
    if not given.closed + k:
        return insufficient(notes=("There is neither history nor a prior.",), details=details)
    return Finding((given.wins * HUNDRED + k * given.prior_pct) / (given.closed + k), details=details)


class Standstill(Inputs):
    """How long a route stands, and how long routes usually do."""

    days_in_stage: Quantity | None = Field(description="Days in the stage")
    median_days: Quantity | None = Field(description="Median days of won routes in the stage")


class AgeingParameters(Parameters):
    """Bands of the ratio."""

    bands: BandCuts


@rule(
    "align.pipeline.ageing",
    title="Ageing of a route",
    spec=("ALN-07", "PIPE-08"),
    summary="Days in the stage as a multiple of what is usual.",
)
def ageing(given: Standstill, p: AgeingParameters) -> Finding:
    """Divide the days a route has stood in its stage by the median of won routes. Above twice the median it is flagged,
    above three times it should step back.

    Source: PIPE-08.
    """
    if given.days_in_stage is None or given.median_days is None:
        return insufficient(*absent(given, "days_in_stage", "median_days"))
    if not given.median_days:
        return insufficient(notes=("The median is 0 days.",))
    value = given.days_in_stage / given.median_days
    return Finding(value, p.bands.of(value))
