"""The commit list: what of the forecast is promised for the quarter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from trackline.align.rules.pipeline import State
from trackline.core.decimals import ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Day, Money, Share, Text

TESTS = ("probability", "state", "stage", "close_date", "compliance")


class Promise(Inputs):
    """A route as the commit list judges it."""

    key: Text = Field(description="Key of the route")
    value: Money | None = Field(description="Value of the route")
    probability: Share | None = Field(description="Probability, %")
    state: State | None = Field(description="State of the route")
    expected_close_on: Day | None = Field(description="Day on which it is expected to close")
    pipeline: Text | None = Field(None, description="Key of the route's pipeline")
    stage: Text | None = Field(None, description="Key of its stage there")
    compliance: Literal["green", "amber", "yellow", "red", "unknown"] | None = Field(
        None, description="Colour of the legal screening; not known is not red"
    )


class Promises(Inputs):
    """Routes, and the quarter they are promised for."""

    routes: list[Promise] | None = Field(description="Routes; those that fail a test are left out")
    quarter_start: Day | None = Field(description="First day of the quarter")
    quarter_end: Day | None = Field(description="Last day of the quarter")


class CommitParameters(Parameters):
    """What puts a route on the commit list."""

    min_probability: Share
    states: list[str]
    stages: dict[str, list[str]]


@rule(
    "align.forecast.commit",
    title="Commit list",
    spec=("PIPE-16", "PIPE-11"),
    summary="Value of the routes that are promised for the quarter: nearly certain, far along, closing in it, compliant.",
)
def commit(given: Promises, p: CommitParameters) -> Finding:
    """Add up the routes with a probability of at least 80 % that are being pursued (in a pipeline of its own stages: from
    the proposal on), expected to close within the quarter, and not red in the legal screening. What is not known of a route
    keeps it off the list, save the screening: only red does.

    Source: PIPE-16, PIPE-11.
    """
    start, end = given.quarter_start, given.quarter_end
    if given.routes is None or start is None or end is None:
        missing = absent(given, "routes", "quarter_start", "quarter_end")
        return insufficient(*missing, details={"count": None, "left_out": []})
    if end < start:
        raise refuse("quarter_end", "A day not before the first is expected.")
    parts: list[Part] = []
    left_out: list[dict[str, Any]] = []
    for route in given.routes:
        failed = [test for test, met in zip(TESTS, _tests(route, start, end, p), strict=True) if not met]
        if failed:
            left_out.append({"key": route.key, "failed": failed})
        else:
            parts.append(Part(route.key, route.key, route.value, contribution=route.value or ZERO))
    total = sum((part.contribution or ZERO for part in parts), ZERO)
    unknown = any(part.input is None for part in parts)
    details = {"count": len(parts), "left_out": left_out}
    return Finding(total, parts=tuple(parts), missing=("routes",) if unknown else (), details=details)


def _tests(route: Promise, start: Day, end: Day, p: CommitParameters) -> tuple[bool, ...]:
    chance, closes = route.probability, route.expected_close_on
    stages = p.stages.get(route.pipeline or "")
    return (
        chance is not None and q6(chance) >= q6(Decimal(p.min_probability)),
        route.state in p.states,
        stages is None or route.stage in stages,
        closes is not None and start <= closes <= end,
        route.compliance != "red",
    )
