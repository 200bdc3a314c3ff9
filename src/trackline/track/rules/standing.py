"""Where a KPI and a risk stand. Pure."""

from __future__ import annotations

from decimal import Decimal


def reached(current: Decimal | None, target: Decimal | None, direction: str) -> bool | None:
    """Tell whether a KPI has reached its target, or None where current or target is missing."""
    if current is None or target is None:
        return None
    return current <= target if direction == "decrease" else current >= target


def risk_band(likelihood: int, impact: int) -> str:
    """Return the colour of a risk by likelihood × impact: red from 15, amber from 8, else green. Source: RSK-02."""
    score = likelihood * impact
    return "red" if score >= 15 else "amber" if score >= 8 else "green"
