"""Scores, were the weights or the figures of a book others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from trackline.book.rules.matrix import Book, scored
from trackline.core.decimals import ONE, ZERO
from trackline.core.playbook import Finding, Parameters, absent, insufficient, rule
from trackline.core.playbook.fields import Numeric, Quantity
from trackline.core.scoring import settled, standing

Part = Annotated[Decimal, Numeric(ge=0, le=1)]


class Supposed(Book):
    """A book, and what is supposed of it."""

    weight_factors: dict[str, Quantity] | None = Field(None, description="Factor on the weight, by criterion; else 1")
    figure_factors: dict[str, Part] | None = Field(
        None, description="Factor on the normalised figure, 0 to 1, by criterion; else 1"
    )


class ScenarioParameters(Parameters):
    """Nothing to adjust: what is supposed comes with the run."""


@rule(
    "book.score.scenario",
    title="Scenario of scores",
    spec=("PF-11",),
    summary="How many accounts change rank when weights or figures are supposed to be others.",
)
def scenario(given: Supposed, _p: ScenarioParameters) -> Finding:
    """Multiply each weight by its factor and scale all back to sum to 1; multiply each normalised figure by its own; add up
    and rank anew. Figures keep the scale they have: a factor of 0.5 halves what the criterion adds.

    Source: PF-11.
    """
    missing = absent(given, "criteria", "accounts")
    matrix = None if missing else scored(given)
    if matrix is None or not matrix.rows:
        return insufficient(*(missing or ("accounts",)), details={"accounts": []})
    weights, figures = given.weight_factors or {}, given.figure_factors or {}
    factors = [weights.get(key, ONE) for key in matrix.keys]
    total = sum((share * factor for share, factor in zip(matrix.weights, factors, strict=True)), ZERO)
    if not total:
        return insufficient("criteria", notes=("No weight is left.",), details={"accounts": []})
    adds = [factor * figures.get(key, ONE) / total for key, factor in zip(matrix.keys, factors, strict=True)]
    then = [
        settled(sum((part * add for part, add in zip(row.contributions, adds, strict=True)), ZERO))
        for row in matrix.rows
    ]
    ranks = standing(then).ranks
    accounts = [
        {"key": row.key, "score": score, "rank": rank, "score_before": row.score, "rank_before": before}
        for row, score, rank, before in zip(matrix.rows, then, ranks, matrix.standing.ranks, strict=True)
    ]
    return Finding(
        sum(one["rank"] != one["rank_before"] for one in accounts),
        coverage_pct=matrix.coverage_pct,
        missing=() if matrix.complete else ("accounts",),
        details={"accounts": accounts},
    )


def damped(weights: Iterable[tuple[str, Decimal]], figures: Mapping[str, Decimal]) -> Decimal:
    """Return the share of the whole weight that is left once figures take their factors. Scores whose weights took both
    factors, and were scaled back to 1, are so much too high."""
    pairs = list(weights)
    whole = sum((weight for _, weight in pairs), ZERO)
    return sum((weight * figures.get(key, ONE) for key, weight in pairs), ZERO) / whole if whole else ONE
