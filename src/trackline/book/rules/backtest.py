"""Whether scores foretold what became of the accounts."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import Field

from trackline.core.correlation import chance_of, mean_ranks, spearman
from trackline.core.decimals import HUNDRED, mean, q6
from trackline.core.playbook import Finding, Inputs, Parameters, insufficient, rule
from trackline.core.playbook.fields import Count, Number, Share, Text


class Foretold(Inputs):
    """An account: its score then, and what became of it."""

    key: Text = Field(description="Key of the account")
    score: Share | None = Field(description="Score on the day looked back to, 0 to 100")
    outcome: Number | None = Field(description="What was observed after that day; more is better")


class Past(Inputs):
    """Accounts with their scores and one outcome."""

    accounts: list[Foretold] | None = Field(description="Accounts with score and outcome")


class BacktestParameters(Parameters):
    """How many accounts it takes to judge, and how likely chance may be."""

    min_accounts: Count
    max_chance_pct: Share


class _Row(NamedTuple):
    key: str
    score: Decimal
    outcome: Decimal


@rule(
    "book.score.backtest",
    title="Back-test of scores",
    spec=("PF-09",),
    summary="How far scores put accounts in the order of what became of them: Spearman's ρ, −1 to 1.",
)
def backtest(given: Past, p: BacktestParameters) -> Finding:
    """Rank the accounts by score and by outcome, equals sharing the mean of their ranks, and correlate the ranks. Scores
    foretold the outcome (green) where ρ is above 0 and chance alone would rarely do as much; else they did not (red). With
    too few accounts nothing is judged (unknown), though ρ is shown. Accounts without a score or without an outcome are left
    out and counted. `chance_pct` is the two-sided p-value by Student's distribution, in percent; `thirds` tell what became of
    the best, the middle and the last third by score on average.

    Source: PF-09.
    """
    asked = given.accounts or []
    rows = [_Row(one.key, one.score, one.outcome) for one in asked if one.score is not None and one.outcome is not None]
    scores, outcomes = [one.score for one in rows], [one.outcome for one in rows]
    details = {"accounts": [], "count": len(rows), "left_out": len(asked) - len(rows), "chance_pct": None, "thirds": [],
               "verdict": "insufficient"}  # fmt: skip
    rho = spearman(scores, outcomes)
    if rho is None:
        same = len(rows) > 1
        note = (
            "All scores or all outcomes are the same: there is no order to compare." if same else "Nothing to compare."
        )
        return insufficient("accounts", notes=(note,), details=details)
    chance = chance_of(rho, len(rows))
    chance_pct = None if chance is None else q6(Decimal(repr(chance)) * HUNDRED)
    enough = len(rows) >= p.min_accounts
    foretold = rho > 0 and chance_pct is not None and chance_pct < q6(p.max_chance_pct)
    details |= {
        "accounts": [
            {"key": one.key, "score_rank": first, "outcome_rank": second}
            for one, first, second in zip(rows, mean_ranks(scores), mean_ranks(outcomes), strict=True)
        ],
        "chance_pct": chance_pct,
        "thirds": _thirds(rows),
        "verdict": ("foretold" if foretold else "not_foretold") if enough else "insufficient",
    }
    return Finding(
        rho,
        ("green" if foretold else "red") if enough else "unknown",
        missing=("accounts",) if len(rows) < len(asked) else (),
        notes=() if enough else (f"{len(rows)} accounts are too few to judge by; {p.min_accounts} are needed.",),
        details=details,
    )


def _thirds(rows: list[_Row]) -> list[dict[str, Any]]:
    """Split accounts by score into three parts as equal as can be; none of fewer than three."""
    ordered = sorted(rows, key=lambda one: (-one.score, one.key))
    cuts = [len(ordered) * part // 3 for part in range(4)] if len(ordered) > 2 else []
    parts = [ordered[start:end] for start, end in pairwise(cuts)]
    return [{"count": len(part), "mean": mean([one.outcome for one in part])} for part in parts]
