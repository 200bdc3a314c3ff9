"""Scores of the accounts of a book, and how firmly their ranks stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from trackline.book.rules.matrix import Book, Matrix, scored
from trackline.core.decimals import HUNDRED, ONE, ZERO, q6
from trackline.core.playbook import PROVISIONAL, Finding, Parameters, Shares, absent, insufficient, rule
from trackline.core.playbook.fields import Count, Quantity, Share
from trackline.core.scoring import reweighted, settled, standing
from trackline.core.tiers import default_cuts, tier


class CompositeParameters(Parameters):
    """When a score is provisional, and the weight that must be known at all."""

    imputed_above: Share
    min_coverage: Quantity
    provisional_below: Quantity


@rule(
    "book.score.composite",
    title="Composite score of accounts",
    spec=("PF-05", "PF-06"),
    summary="Weighted criteria, normalised over the accounts scored, added up to 0 to 1, with rank and percentile.",
)
def composite(given: Book, p: CompositeParameters) -> Finding:
    """Bring every criterion to 0 to 1 over the accounts scored, by its range or by the normal distribution, turn it round where
    less is better, and add up by weight. A missing value takes the criterion's median; with more than 30 % of the weight on
    medians the score is provisional. Rank 1 is best, equals share it; the percentile is the share of the other accounts
    that score lower.

    Source: PF-04, PF-05, PF-06.
    """
    matrix = scored(given)
    empty = _nothing(given, matrix, p)
    if empty is not None:
        return empty
    places = matrix.standing
    accounts = [
        {
            "key": row.key,
            "score": row.score,
            "rank": rank,
            "percentile": percentile,
            "normalised": dict(zip(matrix.keys, row.normalised, strict=True)),
            "contributions": dict(zip(matrix.keys, row.contributions, strict=True)),
            "imputed": row.imputed,
            "provisional": q6(row.imputed_pct) > q6(p.imputed_above),
        }
        for row, rank, percentile in zip(matrix.rows, places.ranks, places.percentiles, strict=True)
    ]
    criteria = [
        {"key": key, "weight": weight * HUNDRED, "low": scale.low, "high": scale.high, "median": scale.median}
        for key, weight, scale in zip(matrix.keys, matrix.weights, matrix.scales, strict=True)
    ]
    return _found(len(accounts), matrix, p, {"accounts": accounts, "criteria": criteria})


class SensitivityParameters(Parameters):
    """How far weights are moved, what flags an account, and the cut-offs by which tiers are compared."""

    step_pct: Share
    flag_ranks: Count
    flag_pct: Share
    tier_percentiles: Shares
    tier_absolute: Shares
    tier_min_scores: Count
    min_coverage: Quantity
    provisional_below: Quantity


@rule(
    "book.score.sensitivity",
    title="Sensitivity of ranks to weights",
    spec=("PF-10",),
    summary="How many ranks each account moves when one weight is a tenth lighter or heavier.",
)
def sensitivity(given: Book, p: SensitivityParameters) -> Finding:
    """Take each weight times 0.9 and times 1.1, scale all back to sum to 1, rank anew. An account's volatility is the most
    ranks it moves. It is flagged from 3 ranks or a tenth of the accounts, whichever is more, or when its tier changes under
    the cut-offs of the day.

    Source: PF-10.
    """
    matrix = scored(given)
    empty = _nothing(given, matrix, p)
    if empty is not None:
        return empty
    base = _Run.of([row.score for row in matrix.rows], p)
    volatility, moved = [0] * len(matrix.rows), [False] * len(matrix.rows)
    for scores in _runs(matrix, p.step_pct / HUNDRED):
        run = _Run.of(scores, p)
        for at, (rank, level) in enumerate(zip(run.ranks, run.tiers, strict=True)):
            volatility[at] = max(volatility[at], abs(rank - base.ranks[at]))
            moved[at] = moved[at] or level != base.tiers[at]
    limit = max(Decimal(p.flag_ranks), p.flag_pct * len(matrix.rows) / HUNDRED)
    accounts = [
        {
            "key": row.key,
            "rank": base.ranks[at],
            "volatility": volatility[at],
            "tier_changes": moved[at],
            "flagged": moved[at] or volatility[at] >= limit,
        }
        for at, row in enumerate(matrix.rows)
    ]
    return _found(max(volatility), matrix, p, {"accounts": accounts})


@dataclass(frozen=True)
class _Run:
    """Ranks and tiers under one set of weights."""

    ranks: list[int]
    tiers: list[int | None]

    @classmethod
    def of(cls, scores: list[Decimal], p: SensitivityParameters) -> _Run:
        ready = [settled(score) for score in scores]
        points = [score * HUNDRED for score in ready]
        cuts = default_cuts(sorted(points), p.tier_percentiles, p.tier_absolute, p.tier_min_scores)
        return cls(standing(ready).ranks, [tier(point, cuts) for point in points])


def _runs(matrix: Matrix, step: Decimal) -> Iterator[list[Decimal]]:
    for at, weight in enumerate(matrix.weights):
        for factor in (ONE - step, ONE + step):
            if weight == ONE and factor == ZERO:
                continue  # nothing would be left to score by
            yield [reweighted(row.score, row.contributions[at], weight, factor) for row in matrix.rows]


def _nothing(given: Book, matrix: Matrix, p: CompositeParameters | SensitivityParameters) -> Finding | None:
    """The finding where there is nothing to score, or too little to score by."""
    missing = absent(given, "criteria", "accounts")
    none: dict[str, Any] = {"accounts": []}
    if missing:
        return insufficient(*missing, details=none)
    if not given.accounts or not given.criteria:
        note = "There are no criteria." if given.accounts else "There are no accounts."
        return Finding(0, notes=(note,), details=none)
    if q6(matrix.coverage_pct) < q6(p.min_coverage) or not matrix.rows:
        found = insufficient("accounts", notes=("Too few criteria have values.",), details=none)
        return replace(found, coverage_pct=matrix.coverage_pct)
    return None


def _found(
    value: int, matrix: Matrix, p: CompositeParameters | SensitivityParameters, details: dict[str, Any]
) -> Finding:
    return Finding(
        value,
        coverage_pct=matrix.coverage_pct,
        missing=() if matrix.complete else ("accounts",),
        notes=(PROVISIONAL,) if q6(matrix.coverage_pct) < q6(p.provisional_below) else (),
        details=details,
    )
