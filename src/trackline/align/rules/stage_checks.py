"""Checks that a stage of a pipeline may ask for, beside those of its state. Pure.

Source: PIPE-03, QUAL-15, NEED-10, CMPT-09.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FIELDS: Mapping[str, str] = {
    "owner": "An owner",
    "value": "An estimated value",
    "probability": "A probability",
    "expected_close_on": "An expected close date",
    "product": "A product",
    "business_unit": "A business unit",
    "goal": "A goal that it serves",
    "trigger_event": "A trigger",
    "description": "A description",
}
"""Fields of a route that must say something."""

FOUND: Mapping[str, str] = {
    "identify_pain": "The pain, documented",
    "economic_buyer": "An economic buyer who backs it",
    "champion": "A champion, documented",
    "qualification": "A qualification at its cut",
}
"""What the findings of the qualification must show; a dimension from a score of 3."""

CHECKLISTS: Mapping[str, str] = {
    "needs_advance": "All points of “Ready for a solution”",
    "competition_ready": "All points of “Ready for the competition”",
}
"""Checklists of the account of which every point that applies must be good."""

DOCUMENTED = 3
CHECKS: Mapping[str, str] = {**FIELDS, **FOUND, **CHECKLISTS}


def unknown(keys: Iterable[str]) -> list[str]:
    """Return the keys that name no check."""
    return [key for key in keys if key not in CHECKS]
