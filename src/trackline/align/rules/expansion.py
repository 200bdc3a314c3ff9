"""Readiness for expansion: five conditions, all of them needed."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Parameters, Part, absent, rule
from trackline.core.playbook.fields import Flag, Number, Quantity, Rating


class Readiness(Inputs):
    """What must hold before more is offered."""

    roi_documented: Flag | None = Field(description="The return of what is in use is documented")
    champion_rating: Rating | None = Field(None, description="The champion's own rating, 0 to 10")
    champion_active: Flag | None = Field(description="The champion uses the product")
    economic_buyer_aware: Flag | None = Field(description="The economic buyer knows the value")
    new_use_case: Flag | None = Field(description="A new use case or team was mentioned")
    days_to_renewal: Number | None = Field(None, description="Days until the renewal; negative once it is past")


class ReadinessParameters(Parameters):
    """The champion's least rating, and how near a renewal blocks."""

    champion_rating_min: Rating
    renewal_guard_days: Quantity


@rule(
    "align.expansion.readiness",
    title="Readiness for expansion",
    spec=("EXP-04", "EXP-05"),
    summary="Five conditions before an expansion is pitched; all must be met.",
)
def readiness(given: Readiness, p: ReadinessParameters) -> Finding:
    """Count five conditions: return documented, champion rates at least 8 and is active, economic buyer aware, new use case
    mentioned, renewal more than 60 days away. Only all five make an account ready. What is not known is not met.

    Source: EXP-04, EXP-05.
    """
    rating, days = given.champion_rating, given.days_to_renewal
    satisfied = rating is not None and q6(rating) >= q6(p.champion_rating_min)
    conditions = (
        ("roi", "Return documented", given.roi_documented, given.roi_documented is True),
        ("champion", "Champion active and satisfied", rating, satisfied and given.champion_active is True),
        ("economic_buyer", "Economic buyer aware", given.economic_buyer_aware, given.economic_buyer_aware is True),
        ("use_case", "New use case", given.new_use_case, given.new_use_case is True),
        ("renewal", "Renewal far enough", days, days is not None and q6(days) > q6(p.renewal_guard_days)),
    )
    missing = tuple(absent(given, *Readiness.model_fields))
    blocked = [key for key, _, _, met in conditions if not met]
    return Finding(
        len(conditions) - len(blocked),
        coverage_pct=Decimal(100 * (len(Readiness.model_fields) - len(missing))) / len(Readiness.model_fields),
        parts=tuple(Part(key, label, value, contribution=Decimal(met)) for key, label, value, met in conditions),
        missing=missing,
        details={"ready": not blocked, "blocked_by": blocked},
    )
