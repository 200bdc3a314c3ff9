"""The states of a plan and what leads from one to the next. Pure. Source: PLAN-04."""

from __future__ import annotations

from collections.abc import Mapping

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "draft": ("internal_review", "archived"),
    "internal_review": ("customer_review", "draft", "archived"),
    "customer_review": ("approved", "draft", "archived"),
    "approved": ("active", "change_control", "archived"),
    "active": ("change_control", "archived"),
    "change_control": ("approved", "archived"),
    "archived": (),
}
"""Moves forward first, then back; no state is skipped."""

LOCKED = frozenset({"customer_review", "approved", "active"})
"""States in which the texts of a plan rest: what was proposed or agreed is not rewritten underneath."""

NOTED = frozenset({"customer_review", "change_control", "archived"})
"""States that are entered with a word on why: the change note of the version that is proposed, or the reason."""

NOTE_LEAST = 10
"""A note says something from so many letters on. Source: PLAN-06."""
