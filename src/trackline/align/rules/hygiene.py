"""Hygiene of the pipeline: whether what a forecast counts is fit to be counted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import Field

from trackline.core.decimals import HUNDRED, q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, insufficient, rule
from trackline.core.playbook.fields import Count, Flag, Number, Quantity, Text

ITEMS = {
    "next_step": "Next step dated and near",
    "close_date": "Close date ahead",
    "ageing": "Not standing still",
    "probability": "Probability explained",
    "slipping": "Close date kept",
}


class Kept(Inputs):
    """An open route as its hygiene is judged. Days count from the day of the forecast; negative ones lie before it."""

    key: Text = Field(description="Key of the route")
    next_step_days: Number | None = Field(
        None, description="Days until its earliest open step; none where it has no dated one"
    )
    close_days: Number | None = Field(None, description="Days until it is expected to close; none where it has no date")
    ageing_ratio: Quantity | None = Field(None, description="Days in its place as a multiple of what is usual there")
    probability_own: Flag | None = Field(None, description="Whether its probability is not that of its stage")
    probability_reason: Flag | None = Field(None, description="Whether a reason for that is given")
    pushes: Count | None = Field(None, description="How often its close date was put off")


class Pipeline(Inputs):
    """Open routes."""

    routes: list[Kept] | None = Field(description="Open routes")


class HygieneParameters(Parameters):
    """Where an item is missed."""

    next_step_days: Quantity
    ageing_ratio: Quantity
    pushes: Count


@rule(
    "align.pipeline.hygiene",
    title="Hygiene of the pipeline",
    spec=("PIPE-19", "PIPE-07", "PIPE-08", "PIPE-09"),
    summary="Share of the items that open routes pass: a near next step, a close date ahead and kept, no standstill, an explained probability.",
)
def hygiene(given: Pipeline, p: HygieneParameters) -> Finding:
    """Each open route needs a step that is due within 14 days and not overdue, a close date that does not lie in the past and
    was not put off twice, a stay in its place of at most twice what is usual, and a reason where its probability is not that
    of its stage. The value is the share of items passed; what cannot be judged of a route is not counted. A route that misses
    an item is to be fixed before the next forecast.

    Source: PIPE-19, PIPE-07, PIPE-08, PIPE-09.
    """
    if given.routes is None:
        return insufficient("routes", details={"count": None, "missed": []})
    passed, applicable = dict.fromkeys(ITEMS, 0), dict.fromkeys(ITEMS, 0)
    missed: list[dict[str, Any]] = []
    for route in given.routes:
        failed = []
        for item, met in _items(route, p):
            applicable[item] += 1
            passed[item] += met
            if not met:
                failed.append(item)
        if failed:
            missed.append({"key": route.key, "items": failed})
    whole = sum(applicable.values())
    parts = tuple(
        Part(item, words, Decimal(passed[item]), weight=Decimal(applicable[item]),
             points=HUNDRED * passed[item] / applicable[item], contribution=HUNDRED * passed[item] / whole)
        for item, words in ITEMS.items() if applicable[item]
    )  # fmt: skip
    details = {"count": len(given.routes), "missed": missed}
    return Finding(HUNDRED * sum(passed.values()) / whole if whole else None, parts=parts, details=details)


def _items(route: Kept, p: HygieneParameters) -> Iterator[tuple[str, bool]]:
    """Yield each item that can be judged of a route, and whether it is passed."""
    step, close = route.next_step_days, route.close_days
    yield "next_step", step is not None and 0 <= step <= p.next_step_days
    yield "close_date", close is not None and close >= 0
    if route.ageing_ratio is not None:
        yield "ageing", q6(route.ageing_ratio) <= q6(p.ageing_ratio)
    if route.probability_own is not None:
        yield "probability", not route.probability_own or bool(route.probability_reason)
    if route.pushes is not None:
        yield "slipping", route.pushes < p.pushes
