"""What closing a pain point is worth, by four methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from trackline.core.decimals import HUNDRED
from trackline.core.playbook import Finding, Inputs, absent, insufficient, rule
from trackline.core.playbook.fields import Money, Number, Numeric, Quantity, Share

YEAR_DAYS = 365
FIGURES: Mapping[str, Sequence[str]] = {
    "tco": ("current_annual", "proposed_annual", "years", "one_time"),
    "risk": ("likelihood_before", "loss_before", "likelihood_after", "loss_after"),
    "revenue": ("base_volume", "rate_points", "unit_value"),
    "working_capital": ("days_gained", "annual_base"),
}
"""What each method reads."""
BESIDE = ("one_time", "figures_from")
"""What a worth can do without: it is worked out all the same, and says that this is not told."""
RATINGS: Mapping[str, Sequence[str]] = {
    "before": ("severity_before", "occurrence_before", "detection_before"),
    "after": ("severity_after", "occurrence_after", "detection_after"),
}
"""The marks of a failure analysis, 1 to 10, that may stand beside a risk."""
Mark = Annotated[int, Numeric(ge=1, le=10, whole=True)]
SUPPLIER_ALONE = "the figures come from the supplier alone"


class Gap(Inputs):
    """The figures of one estimate; those of the other methods stay empty."""

    method: Literal["tco", "risk", "revenue", "working_capital"] = Field(description="Method")
    figures_from: Literal["customer", "supplier", "both"] | None = Field(None, description="Who states the figures")
    current_annual: Money | None = Field(None, description="Cost a year today")
    proposed_annual: Money | None = Field(None, description="Cost a year then")
    years: Quantity | None = Field(None, description="Years counted")
    one_time: Money | None = Field(None, description="What it takes once")
    likelihood_before: Share | None = Field(None, description="Likelihood in a year today, %")
    loss_before: Money | None = Field(None, description="Loss today, if it happens")
    likelihood_after: Share | None = Field(None, description="Likelihood in a year then, %")
    loss_after: Money | None = Field(None, description="Loss then, if it happens")
    severity_before: Mark | None = Field(None, description="Severity today, 1 to 10")
    occurrence_before: Mark | None = Field(None, description="Occurrence today, 1 to 10")
    detection_before: Mark | None = Field(None, description="How hard it is to detect today, 1 to 10")
    severity_after: Mark | None = Field(None, description="Severity then, 1 to 10")
    occurrence_after: Mark | None = Field(None, description="Occurrence then, 1 to 10")
    detection_after: Mark | None = Field(None, description="How hard it is to detect then, 1 to 10")
    base_volume: Quantity | None = Field(None, description="Volume a year")
    rate_points: Number | None = Field(None, description="Rate gained, percentage points")
    unit_value: Money | None = Field(None, description="Worth of one")
    days_gained: Number | None = Field(None, description="Days gained")
    annual_base: Money | None = Field(None, description="Turnover a year that the days touch")


@rule(
    "track.needs.value_gap",
    title="Value of closing a gap",
    spec=("NEED-06",),
    summary="Money that closing a pain point is worth: cost of ownership, risk, revenue or working capital.",
)
def value_gap(given: Gap) -> Finding:
    """Total cost of ownership: what is saved a year, times the years, less what it takes once. Risk: likelihood times loss
    today less likelihood times loss then, a year; the marks of a failure analysis make a number beside it. Revenue: volume
    times the rate gained times the worth of one, a year. Working capital: the days gained of a year's turnover, once.
    Figures that come from the supplier alone are marked; what it takes once counts as nothing where it is not told.

    Source: NEED-06.
    """
    missing = absent(given, *FIGURES[given.method], "figures_from")
    notes = (SUPPLIER_ALONE,) if given.figures_from == "supplier" else ()
    details = {
        "rpn_before": _product(given, "before") if given.method == "risk" else None,
        "rpn_after": _product(given, "after") if given.method == "risk" else None,
        "per": "year"
        if given.method in ("risk", "revenue")
        else "once"
        if given.method == "working_capital"
        else "term",
    }
    if set(missing) - set(BESIDE):
        return insufficient(*missing, notes=notes, details=details)
    return Finding(_money(given), missing=tuple(missing), notes=notes, details=details)


def _money(given: Gap) -> Decimal:
    def of(name: str) -> Decimal:
        return Decimal(getattr(given, name) or 0)

    if given.method == "tco":
        return (of("current_annual") - of("proposed_annual")) * of("years") - of("one_time")
    if given.method == "risk":
        before = of("likelihood_before") * of("loss_before")
        return (before - of("likelihood_after") * of("loss_after")) / HUNDRED
    if given.method == "revenue":
        return of("base_volume") * of("rate_points") / HUNDRED * of("unit_value")
    return of("days_gained") * of("annual_base") / YEAR_DAYS


def _product(given: Gap, when: str) -> int | None:
    """Severity times occurrence times detection, or None while one is not told."""
    severity, occurrence, detection = (getattr(given, name) for name in RATINGS[when])
    if severity is None or occurrence is None or detection is None:
        return None
    return int(severity * occurrence * detection)
