"""Conditions of a move between tiers, told one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trackline.core.decimals import q6
from trackline.core.playbook import Finding, Inputs, Part, absent


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with the value that was looked at and its limit. What is not known is not met."""

    key: str
    label: str
    met: bool
    value: Any
    limit: Any

    def to_details(self) -> dict[str, Any]:
        """Return the condition as `details` tell it."""
        return {"key": self.key, "met": self.met, "value": self.value, "limit": self.limit}


def at_least(value: Decimal | int | None, limit: Decimal | int) -> bool:
    """Tell whether a value is known and reaches a limit, compared on six decimals."""
    return value is not None and q6(value) >= q6(limit)


def above(value: Decimal | int | None, limit: Decimal | int) -> bool:
    """Tell whether a value is known and passes a limit, compared on six decimals."""
    return value is not None and q6(value) > q6(limit)


def below(value: Decimal | int | None, limit: Decimal | int | None) -> bool:
    """Tell whether a value is known and lies under a known limit, compared on six decimals."""
    return value is not None and limit is not None and q6(value) < q6(limit)


def counted(conditions: Sequence[Condition], given: Inputs, **details: Any) -> Finding:
    """Return how many conditions are met, each as a part, with the inputs that are not known."""
    names = list(type(given).model_fields)
    missing = absent(given, *names)
    return Finding(
        sum(condition.met for condition in conditions),
        coverage_pct=Decimal(100 * (len(names) - len(missing))) / len(names),
        parts=tuple(Part(item.key, item.label, item.value, contribution=Decimal(int(item.met))) for item in conditions),
        missing=tuple(missing),
        details={**details, "conditions": [condition.to_details() for condition in conditions]},
    )
