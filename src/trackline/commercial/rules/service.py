"""Service levels: what was measured against threshold, target and stretch, and what downtime costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, absent, insufficient, refuse, rule
from trackline.core.playbook.fields import Money, Number, Quantity
from trackline.core.scales import AMBER, GREEN, RED


class Level(Inputs):
    """A service level as agreed and as measured."""

    value: Number | None = Field(description="What was measured")
    threshold: Number | None = Field(description="Worse than this is a breach")
    target: Number | None = Field(description="Committed level")
    stretch: Number | None = Field(description="Level that earns a bonus")
    direction: Literal["up", "down"] | None = Field(description="Whether more (up) or less (down) is better")
    window_minutes: Quantity | None = Field(None, description="Window of an availability in minutes")
    cost_per_minute: Money | None = Field(None, description="Cost of a minute beyond the allowance")


@rule(
    "commercial.sla.tier",
    title="Service level",
    spec=("SLA-03", "SLA-04"),
    summary="Red beyond the threshold, amber short of the target, green from there on, with the downtime budget.",
)
def service_level(given: Level) -> Finding:
    """Judge the value by three levels: beyond the threshold it is red (a credit is due), short of the target amber, else green;
    from the stretch level on a bonus is earned. For an availability in percent over a window: minutes allowed, down, and in
    excess of the allowance, with their cost.

    Source: SLA-03, SLA-04.
    """
    _check(given)
    missing = absent(given, "value", "threshold", "target", "stretch", "direction")
    budget = _budget(given)
    if missing:
        return insufficient(*missing, details={"stretch": None, **budget})
    assert given.value is not None and given.threshold is not None
    assert given.target is not None and given.stretch is not None
    sign = 1 if given.direction == "up" else -1
    value, threshold, target, stretch = (
        q6(level) * sign for level in (given.value, given.threshold, given.target, given.stretch)
    )
    band = RED if value < threshold else AMBER if value < target else GREEN
    return Finding(given.value, band, details={"stretch": value >= stretch, **budget})


def _budget(given: Level) -> dict[str, Any]:
    """Minutes of a window that an availability allows and uses; an availability is a level where more is better."""
    if given.window_minutes is None:
        return {}
    if given.direction == "down":
        return dict.fromkeys(("allowed_minutes", "down_minutes", "excess_minutes", "excess_cost"))
    allowed, down = _minutes(given.target, given.window_minutes), _minutes(given.value, given.window_minutes)
    excess = None if allowed is None or down is None else max(down - allowed, ZERO)
    cost = None if excess is None or given.cost_per_minute is None else excess * given.cost_per_minute
    return {"allowed_minutes": allowed, "down_minutes": down, "excess_minutes": excess, "excess_cost": cost}


def _minutes(availability: Decimal | None, window: Decimal) -> Decimal | None:
    return None if availability is None else (HUNDRED - availability) * window / HUNDRED


def _check(given: Level) -> None:
    levels = [level for level in (given.threshold, given.target, given.stretch) if level is not None]
    ordered = sorted(set(levels), reverse=given.direction == "down")
    if given.direction is not None and levels != ordered:
        way = "rise" if given.direction == "up" else "fall"
        raise refuse("threshold", f"Threshold, target and stretch are expected to {way}.")
