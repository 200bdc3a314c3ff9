"""Cut-offs between tiers, from the scores of a book."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.playbook import Finding, Inputs, Parameters, Shares, insufficient, known, rule
from trackline.core.playbook.fields import Count, Share
from trackline.core.tiers import TIERS, Method, elbow_cuts, percentile_cuts, tier

LAST = 3
"""The tier of what is left."""


class Scores(Inputs):
    """Scores of a book."""

    scores: list[Share | None] | None = Field(description="Scores, 0 to 100")
    preset: Method | None = Field(None, description="Method; by percentile, or absolute in a small book, if not given")


class CutoffParameters(Parameters):
    """Where tiers begin under each method, and which book is small."""

    percentiles: dict[str, Shares]
    absolute: Shares
    min_scores: Count


@rule(
    "book.tier.cutoffs",
    title="Tier cut-offs",
    spec=("PF-07",),
    summary="Where tiers 1, 2 and 3 begin among the scores of a book.",
)
def cutoffs(given: Scores, p: CutoffParameters) -> Finding:
    """Set the cuts by percentile (linear, inclusive), by absolute scores, or at the elbow: the point furthest below the line
    from the best to the worst score begins tier 2, the elbow of the rest begins tier 3. A score on the cut belongs to the
    higher tier. The value counts the scores in tier 1.

    Source: PF-07.
    """
    if given.scores is None:
        return insufficient("scores", details={"cuts": [None] * LAST, "tiers": [], "preset": given.preset})
    scores: list[Decimal] = known(given.scores)
    preset = given.preset or ("absolute" if len(scores) < p.min_scores else "percentile")
    cuts = _cuts(scores, preset, p)
    tiers = [None if score is None else LAST if cuts is None else tier(score, cuts) for score in given.scores]
    return Finding(
        tiers.count(1),
        missing=("scores",) if len(scores) < len(given.scores) else (),
        notes=("The scores have no elbow: all stay in the last tier.",) if cuts is None else (),
        details={"cuts": cuts or [None] * LAST, "tiers": tiers, "preset": preset},
    )


def _cuts(scores: list[Decimal], preset: Method, p: CutoffParameters) -> list[Decimal | None] | None:
    if not scores:
        return [None] * LAST
    if preset == "absolute":
        return [p.absolute.get(level) for level in TIERS]
    return elbow_cuts(scores) if preset == "elbow" else percentile_cuts(sorted(scores), p.percentiles[preset])
