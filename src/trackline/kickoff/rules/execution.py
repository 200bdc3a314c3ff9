"""How well the rhythm is kept: execution metrics in percent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Table, absent, insufficient, rule
from trackline.core.playbook.fields import Quantity, Share
from trackline.core.scales import AMBER, GREEN, RED

FormulaKey = Literal[
    "qbr_completion",
    "actions_closed",
    "actions_on_time",
    "meeting_adherence",
    "preread_on_time",
    "plays_on_time",
    "checkins_on_time",
]


class Tally(Inputs):
    """What was done of what was due in a period."""

    formula_key: FormulaKey | None = Field(description="The metric")
    numerator: Quantity | None = Field(description="Done, held or in time")
    denominator: Quantity | None = Field(description="Due or scheduled")


class ExecutionParameters(Parameters):
    """Targets, and where amber begins."""

    targets: Table
    amber_from_pct: Share


@rule(
    "kickoff.execution.metric",
    title="Execution metric",
    spec=("KCK-08",),
    summary="What was done of what was due, in percent, against the metric's target.",
)
def execution_metric(given: Tally, p: ExecutionParameters) -> Finding:
    """Divide what was done by what was due in the period. Green at the target, amber down to 90 % of it, red below. Nothing
    due is no result, never 0 %.

    Source: KCK-08.
    """
    if given.formula_key is None:
        return insufficient(*absent(given, "formula_key", "numerator", "denominator"))
    target = p.targets[given.formula_key]
    details = {"target": target}
    if given.numerator is None or given.denominator is None:
        return insufficient(*absent(given, "numerator", "denominator"), details=details)
    if not given.denominator:
        return insufficient(notes=("Nothing was due.",), details=details)
    value = given.numerator * HUNDRED / given.denominator
    reached = q6(value)
    band = GREEN if reached >= q6(target) else AMBER if reached >= q6(target * p.amber_from_pct / HUNDRED) else RED
    return Finding(value, band, details=details)
