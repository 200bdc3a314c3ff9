"""How close forecasts came to what was won."""

from __future__ import annotations

from pydantic import Field

from trackline.core.decimals import HUNDRED, ZERO, q6
from trackline.core.playbook import Finding, Inputs, Parameters, absent, insufficient, known, rule
from trackline.core.playbook.fields import Quantity, Share


class Forecasts(Inputs):
    """What was forecast at the beginning of some months and what was won in them, oldest first."""

    forecasts: list[Quantity | None] | None = Field(description="Forecast at the start of each month")
    actuals: list[Quantity | None] | None = Field(description="What was won in each of the same months")


class AccuracyParameters(Parameters):
    """How far off is still accurate."""

    ok_pct: Share


@rule(
    "align.forecast.accuracy",
    title="Accuracy of the forecast",
    spec=("PIPE-17",),
    summary="By how many percent what was won lies above or below what was forecast, months taken together.",
)
def accuracy(given: Forecasts, p: AccuracyParameters) -> Finding:
    """Add up what was forecast at the start of each month and what was won in it, and tell the difference in percent of the
    forecast: above zero more was won, below zero the forecast was too high. Within ten percent it is accurate. `bias` says which
    way most months were off. Months of which one side is not known are left out.

    Source: PIPE-17.
    """
    forecasts, actuals = given.forecasts or [], given.actuals or []
    pairs = [
        (forecast, actual)
        for forecast, actual in zip(forecasts, actuals, strict=False)
        if forecast is not None and actual is not None
    ]
    total = sum((forecast for forecast, _ in pairs), ZERO)
    missing = absent(given, "forecasts", "actuals")
    sides = (("forecasts", forecasts, actuals), ("actuals", actuals, forecasts))
    missing += [
        name for name, own, other in sides
        if name not in missing and (len(known(own)) < len(own) or len(other) > len(own))
    ]  # fmt: skip
    if not pairs or total == 0:
        return insufficient(*(missing or ["forecasts"]), details={"months": len(pairs), "bias": None, "ok": None})
    actual = sum((actual for _, actual in pairs), ZERO)
    value = q6((actual - total) * HUNDRED / total)
    over = sum(won < forecast for forecast, won in pairs)
    under = sum(won > forecast for forecast, won in pairs)
    return Finding(
        value,
        missing=tuple(missing),
        details={
            "months": len(pairs),
            "forecast": total,
            "actual": actual,
            "ok": abs(value) <= p.ok_pct,
            "bias": "too_high" if over > under else "too_low" if under > over else "even",
        },
    )
