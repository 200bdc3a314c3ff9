"""Risk of losing an account, from the signals that are open on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED
from trackline.core.playbook import BandCuts, Finding, Inputs, Parameters, Part, insufficient, known, rule
from trackline.core.playbook.fields import Share

Severity = Literal["critical", "high", "warn", "info"]


class OpenSignals(Inputs):
    """Signals open on an account."""

    open_signals: list[Severity | None] | None = Field(description="Severity of each open signal")


class ChurnParameters(Parameters):
    """Chance of loss by severity, and bands of the index."""

    chances: dict[str, Share]
    bands: BandCuts


@rule(
    "watch.churn_risk",
    title="Churn-risk index",
    spec=("SIG-47",),
    summary="Chance that at least one open signal comes true, 0 to 100; high is bad.",
)
def churn_risk(given: OpenSignals, p: ChurnParameters) -> Finding:
    """Each open signal stands for a chance of loss by its severity. The index is the chance that at least one of them comes
    true, so every signal adds less than the one before. Parts are told gravest first: each severity has what it adds to
    the graver ones.

    Source: SIG-47.
    """
    if given.open_signals is None:
        return insufficient("open_signals")
    severities = known(given.open_signals)
    parts, safe = [], HUNDRED
    for severity, chance in p.chances.items():
        count = severities.count(severity)
        if not count:
            continue
        left = safe * (1 - chance / HUNDRED) ** count
        parts.append(Part(severity, severity.capitalize(), count, points=chance, contribution=safe - left))
        safe = left
    value = HUNDRED - safe
    missing = ("open_signals",) if None in given.open_signals else ()
    return Finding(value, p.bands.of(value), parts=tuple(parts), missing=missing)
