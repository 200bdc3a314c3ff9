"""What values mean at a glance: which words are good or bad news, which states are over, which dates fall due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATUS_FIELDS = frozenset(
    {"status", "state", "severity", "sentiment", "relationship", "delivery", "delivery_rag", "forecast", "buying_role"}
)
"""Choice fields whose words are marks; other choices are plain words."""

BANDS: Mapping[str, str] = {
    "green": "green",
    "amber": "amber",
    "red": "red",
    "unknown": "unknown",
    # goals
    "on_track": "green",
    "at_risk": "amber",
    "off_track": "red",
    "achieved": "green",
    "missed": "red",
    # issues, alerts
    "high": "amber",
    "warn": "amber",
    "critical": "red",
    "escalated": "red",
    # plays, risks, contacts
    "blocked": "red",
    "occurred": "red",
    "detractor": "red",
    "positive": "green",
    "advocate": "green",
    "departed": "red",
    "potential_detractor": "amber",
    # routes, renewals, accounts, meetings
    "won": "green",
    "lost": "red",
    "signed": "green",
    "lapsed": "red",
    "churned": "red",
    "commit": "green",
    "no_show": "amber",
}
"""The band whose shape stands before a word; words without one are grey chips."""

OVER = frozenset(
    {
        "passed", "failed", "stopped", "done", "cancelled", "closed", "resolved", "achieved", "missed", "completed", "waived", "skipped", "won", "lost",
        "parked", "decided", "rejected", "deferred", "signed", "lapsed", "churned", "archived", "dismissed", "occurred",
        "departed", "dropped",
    }
)  # fmt: skip
"""States in which nothing falls due any more."""

DUE_FIELDS = frozenset({"due_on", "next_action_on", "expected_close_on", "revisit_on", "renewal_date"})
"""Dates that are late once they have passed while the record is not over."""


def is_over(item: Mapping[str, Any]) -> bool:
    """Whether a record's status or state says that nothing is due any more."""
    return item.get("status") in OVER or item.get("state") in OVER
