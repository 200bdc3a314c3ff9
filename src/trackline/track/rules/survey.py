"""Surveys: NPS, CSAT, CES, and the index that joins them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, mean
from trackline.core.playbook import (
    PROVISIONAL,
    BandCuts,
    Finding,
    Inputs,
    Measure,
    NormAnchors,
    Parameters,
    WeightedParameters,
    absent,
    insufficient,
    known,
    rule,
    weigh,
)
from trackline.core.playbook.fields import Count, FivePoint, NetScore, Numeric, Quantity, SevenPoint

Recommendation = Annotated[int, Numeric(ge=0, le=10, whole=True)]
"""An answer to how likely one is to recommend us, 0–10."""


Side = Literal["promoter", "passive", "detractor"]
"""How an answer counts. Source: SUR-06."""
NO_ANSWERS = "There are no answers."


class Ratings(Inputs):
    """Answers to the question of recommendation."""

    ratings: list[Recommendation | None] | None = Field(description="One answer from 0 to 10 for each respondent")


class NpsParameters(Parameters):
    """Who promotes and who detracts, bands, and how many answers make the score firm."""

    promoter_from: Count
    detractor_to: Count
    min_answers: Count
    margin_factor: Quantity
    bands: BandCuts

    def side(self, rating: int) -> Side:
        """Return which side an answer is on."""
        if rating >= self.promoter_from:
            return "promoter"
        return "detractor" if rating <= self.detractor_to else "passive"


@rule(
    "track.survey.nps",
    title="Net promoter score",
    spec=("SUR-06",),
    summary="Promoters less detractors in percent of all answers, with its margin of error.",
)
def nps(given: Ratings, p: NpsParameters) -> Finding:
    """Answers of 9 and 10 are promoters, 0 to 6 detractors. The score is promoters less detractors in percent of all
    answers; the margin of error is that of 95 %. Fewer than five answers make it provisional. Unknown answers do not count.

    Source: SUR-06.
    """
    if given.ratings is None:
        return insufficient("ratings")
    ratings = known(given.ratings)
    total = len(ratings)
    sides = [p.side(rating) for rating in ratings]
    promoters, detractors = sides.count("promoter"), sides.count("detractor")
    provisional = total < p.min_answers
    details = {
        "promoters": promoters,
        "passives": total - promoters - detractors,
        "detractors": detractors,
        "n": total,
        "margin_of_error": _margin(promoters, detractors, total, p.margin_factor),
        "provisional": provisional,
    }
    missing = ("ratings",) if total < len(given.ratings) else ()
    if not total:
        return insufficient(*missing, notes=(NO_ANSWERS,), details=details)
    value = Decimal(promoters - detractors) * 100 / total
    notes = (PROVISIONAL,) if provisional else ()
    return Finding(value, p.bands.of(value), missing=missing, notes=notes, details=details)


def _margin(promoters: int, detractors: int, total: int, factor: Decimal) -> Decimal | None:
    """Return `factor` standard errors of the score, in points: answers count +100, 0 and −100."""
    if not total:
        return None
    up, down = Decimal(promoters) / total, Decimal(detractors) / total
    return factor * HUNDRED * ((up + down - (up - down) ** 2) / total).sqrt()


class Satisfaction(Inputs):
    """Answers on a scale of agreement."""

    answers: list[FivePoint | None] | None = Field(description="Answers from 1 (disagree) to 5 (agree)")


class Ease(Inputs):
    """Answers on a scale of ease."""

    answers: list[SevenPoint | None] | None = Field(description="Answers from 1 (hard) to 7 (easy)")


class MeanParameters(Parameters):
    """Bands of the mean."""

    bands: BandCuts


@rule(
    "track.survey.csat",
    title="Customer satisfaction",
    spec=("SUR-07",),
    summary="Mean of the answers on experience, 1 to 5.",
)
def csat(given: Satisfaction, p: MeanParameters) -> Finding:
    """The mean of the answers on experience. Unknown answers do not count.

    Source: SUR-07.
    """
    return _mean(given.answers, p)


@rule(
    "track.survey.ces",
    title="Customer effort score",
    spec=("SUR-08",),
    summary="Mean of the answers on ease, 1 to 7.",
)
def ces(given: Ease, p: MeanParameters) -> Finding:
    """The mean of the answers on how easy it was to reach the goal. Unknown answers do not count.

    Source: SUR-08.
    """
    return _mean(given.answers, p)


def _mean(answers: list[Decimal | None] | None, p: MeanParameters) -> Finding:
    if answers is None:
        return insufficient("answers", details={"n": 0})
    found = known(answers)
    missing = ("answers",) if len(found) < len(answers) else ()
    value = mean(found)
    if value is None:
        return insufficient(*missing, notes=(NO_ANSWERS,), details={"n": 0})
    return Finding(value, p.bands.of(value), missing=missing, details={"n": len(found)})


class RelationshipIndex(Inputs):
    """The three survey results."""

    nps: NetScore | None = Field(None, description="NPS, -100 to 100")
    csat: FivePoint | None = Field(None, description="Mean CSAT, 1 to 5")
    ces: SevenPoint | None = Field(None, description="Mean CES, 1 to 7")
    preset: Literal["banded", "linear"] | None = Field(
        None, description="How results become points; banded where not given"
    )


class RelationshipIndexParameters(WeightedParameters):
    """Weights and norms of the three results, bands of each and of the index."""

    anchors: dict[str, NormAnchors]
    nps_bands: BandCuts
    csat_bands: BandCuts
    ces_bands: BandCuts
    bands: BandCuts


@rule(
    "track.survey.rhi",
    title="Relationship health index",
    spec=("SUR-10",),
    summary="NPS, CSAT and CES, each turned into points, weighed into one index from 0 to 100.",
)
def rhi(given: RelationshipIndex, p: RelationshipIndexParameters) -> Finding:
    """Turn each of the three results into points by four anchors and take the weighted mean. *Banded* keeps each
    result's own floors of green and amber at 80 and 60; *linear* spreads each scale evenly, with bands to match.

    Source: SUR-10.
    """
    results = (
        ("nps", "NPS", given.nps, p.nps_bands),
        ("csat", "CSAT", given.csat, p.csat_bands),
        ("ces", "CES", given.ces, p.ces_bands),
    )
    measures = (
        Measure(key, label, value, None if value is None else p.anchors[key].norm(value), bands.of(value))
        for key, label, value, bands in results
    )
    return weigh(measures, p).banded(p.bands, missing=absent(given, "nps", "csat", "ces"))
