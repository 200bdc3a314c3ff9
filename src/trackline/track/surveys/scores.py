"""What answers add up to: NPS, CSAT, CES and the index, by the rules and their figures in force (SUR-06 to SUR-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Explained
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
    sides = overrides.in_force(survey.nps, on, tier=tier, account_id=account_id).parameters
    assert isinstance(sides, survey.NpsParameters)
    return Scores(nps, csat, ces, rhi, sides)
