"""What answers add up to: NPS, CSAT, CES and the index, by the rules and their figures in force (SUR-06 to SUR-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import BandCuts, Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.track.models import Response
from trackline.track.rules import survey

EXPERIENCE = ("expectations", "quality", "communication")
"""Answers that make the CSAT. Source: SUR-07."""
ANSWERS = ("recommend", *EXPERIENCE, "ease", "strategy", "innovation")


@dataclass(frozen=True)
class Scores:
    """The results of some answers, each explained."""

    METRICS: ClassVar[tuple[str, ...]] = ("nps", "csat", "ces")
    nps: Explained
    csat: Explained
    ces: Explained
    rhi: Explained
    sides: survey.NpsParameters
    """Who promotes and who detracts, as in force for the account."""
    bands: Mapping[str, BandCuts]
    """The bands of the mean of each question that is scored, as in force for the account."""

    def band_of(self, name: str, marks: Sequence[int]) -> str:
        """Return the colour of the answers to a question: of the NPS that the recommendations make, of the mean of others;
        empty where there is none, or the question is reported only.
        """
        if not marks:
            return ""
        if name == "recommend":
            sides = [self.sides.side(mark) for mark in marks]
            value = Decimal(100 * (sides.count("promoter") - sides.count("detractor"))) / len(marks)
            return str(self.sides.bands.of(value))
        cuts = self.bands.get(name)
        return str(cuts.of(Decimal(sum(marks)) / len(marks))) if cuts else ""


def scores_of(rows: Iterable[Response], overrides: Overrides, account: Account | None, on: date) -> Scores:
    """Return the results of answers, by the figures of their account or, without one, those of the book; no queries."""
    given = list(rows)
    tier, account_id = (account.tier, account.pk) if account else (None, None)

    def explain(rule: Any, **inputs: Any) -> Explained:
        figures = overrides.in_force(rule, on, tier=tier, account_id=account_id)
        found: Explained = rule.explain(read_inputs(rule.inputs, inputs), figures, on)
        return found

    nps = explain(survey.nps, ratings=[row.recommend for row in given if row.recommend is not None])
    marks = [getattr(row, name) for row in given for name in EXPERIENCE]
    csat = explain(survey.csat, answers=[mark for mark in marks if mark is not None])
    ces = explain(survey.ces, answers=[row.ease for row in given if row.ease is not None])
    rhi = explain(survey.rhi, nps=nps.value, csat=csat.value, ces=ces.value)

    def figures(rule: Any) -> Any:
        return overrides.in_force(rule, on, tier=tier, account_id=account_id).parameters

    bands = dict.fromkeys(EXPERIENCE, figures(survey.csat).bands) | {"ease": figures(survey.ces).bands}
    return Scores(nps, csat, ces, rhi, figures(survey.nps), bands)
