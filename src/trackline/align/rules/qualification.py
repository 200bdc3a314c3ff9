"""Qualification of a deal by MEDDICC and a plus: eight dimensions, a cut line, a buyer without whom nothing passes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, Shares, Weights, absent, insufficient, rule
from trackline.core.playbook.fields import Numeric, Quantity, Tier

BEST = 5
"""The highest score of a dimension."""

Score = Annotated[int, Numeric(ge=0, le=BEST, whole=True)]

DIMENSIONS = {
    "metrics": "Metrics",
    "economic_buyer": "Economic buyer",
    "decision_criteria": "Decision criteria",
    "decision_process": "Decision process",
    "identify_pain": "Identified pain",
    "champion": "Champion",
    "competition": "Competition",
    "plus": "Plus",
}


class Scores(Inputs):
    """Scores of the eight dimensions: 0 unknown, 1 assumed, 2 stated by one contact, 3 documented, 4 confirmed by the
    buyer's side, 5 confirmed and favourable to us."""

    metrics: Score | None = Field(None, description="Outcomes in numbers that the customer's finance has checked")
    economic_buyer: Score | None = Field(None, description="A named executive with the budget backs problem and spend")
    decision_criteria: Score | None = Field(None, description="Criteria and their weights are written down")
    decision_process: Score | None = Field(None, description="Steps, people, limits and dates are known")
    identify_pain: Score | None = Field(None, description="Tied to a top-three imperative or an urgent gap")
    champion: Score | None = Field(None, description="Gains from our win and reaches the economic buyer")
    competition: Score | None = Field(None, description="Rivals are known, the edge survives price pressure")
    plus: Score | None = Field(None, description="ESG, data sovereignty and culture fit")


class Qualification(Inputs):
    """A deal's scores, and the tier of its account."""

    scores: Scores | None = Field(description="Scores from 0 to 5")
    tier: Tier | None = Field(None, description="Tier of the account; the general cut where not given")


class QualificationParameters(Parameters):
    """Weights of the dimensions, cut lines, and the least score of the economic buyer."""

    weights: Weights
    cuts: Shares
    economic_buyer_min: Quantity


@rule(
    "align.qualification.meddicc",
    title="Qualification (MEDDICC+)",
    spec=("QUAL-02", "QUAL-03", "QUAL-04", "QUAL-05"),
    summary="Eight dimensions weighed into a score from 0 to 100, with a cut line and a mandatory economic buyer.",
)
def meddicc(given: Qualification, p: QualificationParameters) -> Finding:
    """Weigh eight scores into 0 to 100. A missing score counts 0: what nobody knows does not qualify a deal. The deal passes
    at the cut line of the account's tier, and only with an economic buyer who scores at least 3, whatever the rest says.
    The three weakest dimensions are named, among equals the heavier first.

    Source: QUAL-02, QUAL-03, QUAL-04, QUAL-05.
    """
    cut = p.cuts["untiered" if given.tier is None else f"tier_{given.tier}"]
    if given.scores is None:
        return insufficient("scores", details={"cut": cut, "passed": None, "failed_because": [], "weakest": []})
    scores = {key: getattr(given.scores, key) for key in DIMENSIONS}
    parts = tuple(_part(key, label, scores[key], p.weights[key]) for key, label in DIMENSIONS.items())
    composite = sum((part.contribution for part in parts if part.contribution is not None), ZERO)
    missing = tuple(absent(given.scores, *DIMENSIONS))
    failed = []
    if q6(composite) < q6(cut):
        failed.append("composite")
    if q6(scores["economic_buyer"] or 0) < q6(p.economic_buyer_min):
        failed.append("economic_buyer")
    return Finding(
        composite,
        coverage_pct=HUNDRED - sum((p.weights[key] for key in missing), ZERO),
        parts=parts,
        missing=missing,
        details={
            "cut": cut,
            "passed": not failed,
            "failed_because": failed,
            "weakest": sorted(DIMENSIONS, key=lambda key: (scores[key] or 0, -p.weights[key]))[:3],
        },
    )


def _part(key: str, label: str, score: int | None, weight: Decimal) -> Part:
    points = Decimal(score or 0) * HUNDRED / BEST
    return Part(key, label, score, weight, points, weight * points / HUNDRED)
