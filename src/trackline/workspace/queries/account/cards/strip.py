"""The scores that stand on the overview, all out of one query."""

from __future__ import annotations

from typing import TypedDict

from trackline.workspace.queries.account.cards import churn, coverage, expansion, pipeline
from trackline.workspace.queries.account.cards.score import newest_scores
from trackline.workspace.queries.account.head import Head

RULES = (coverage.RULE, pipeline.RULE, pipeline.FORECAST, expansion.RULE, churn.RULE)


class Cards(TypedDict):
    """A card for each score, None where it has not been computed."""

    coverage: coverage.CoverageCard | None
    pipeline: pipeline.PipelineCard | None
    readiness: expansion.ReadinessCard | None
    churn: churn.ChurnCard | None


def cards_of(head: Head) -> Cards | None:
    """Return the cards of an account, or None while none of its scores has been computed; in one query."""
    scores = newest_scores(head.account.pk, RULES)
    if not scores:
        return None
    return {
        "coverage": coverage.coverage_card(scores.get(coverage.RULE), head),
        "pipeline": pipeline.pipeline_card(scores, head),
        "readiness": expansion.readiness_card(scores.get(expansion.RULE), head),
        "churn": churn.churn_card(scores.get(churn.RULE), head),
    }
