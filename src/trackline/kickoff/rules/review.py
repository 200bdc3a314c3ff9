"""What a review brought: its effectiveness out of who came and what was agreed."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Measure, WeightedParameters, absent, rule, weigh
from trackline.core.playbook.fields import Flag

FULL, NONE = Decimal(100), Decimal(0)


class Outcome(Inputs):
    """What is known of a review that was held."""

    sponsor_attended: Flag | None = Field(None, description="Our sponsor and theirs were there")
    buyer_attended: Flag | None = Field(None, description="The economic buyer was there")
    expansion_step: Flag | None = Field(
        None, description="A dated next step toward expansion, or toward proof of value"
    )
    both_sides_act: Flag | None = Field(None, description="Both sides have actions, each with an owner and a due date")


class OutcomeParameters(WeightedParameters):
    """Weights of the four."""


LABELS = {
    "sponsor_attended": "Sponsors were there",
    "buyer_attended": "The buyer was there",
    "expansion_step": "A dated next step",
    "both_sides_act": "Actions on both sides",
}


@rule(
    "kickoff.review.effectiveness",
    title="Effectiveness of a review",
    spec=("QBR-09", "QBR-06"),
    summary="Who came and what was agreed, in points from 0 to 100.",
)
def effectiveness(given: Outcome, p: OutcomeParameters) -> Finding:
    """Add the points of what a review brought: the sponsors came, the buyer came, a dated next step was agreed, both sides
    have actions that each have an owner and a due date.

    Source: QBR-09, QBR-06.
    """
    measures = []
    for key, label in LABELS.items():
        met = getattr(given, key)
        points = None if met is None else FULL if met else NONE
        measures.append(Measure(key, label, met, points, None if met is None else "green" if met else "red"))
    found = weigh(measures, p)
    return Finding(
        found.value, None, found.coverage_pct, found.parts, missing=tuple(absent(given, *LABELS)), notes=found.notes
    )
