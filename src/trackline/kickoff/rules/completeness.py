"""Checks of the K section. Source: TRK-19."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def checks(facts: Mapping[str, Any]) -> list[tuple[str, bool, str, str, str]]:
    """Return (key, passed, label, what to do, record type) of the four checks. Source: TRK-19.

    `facts` count active cadences: `active`, `staffed` (with a participant), `scheduled` (with a frequency other than
    ad hoc), `with_next` (of those, with a meeting ahead), and `metrics` (execution metrics).
    """
    active = facts.get("active", 0)
    scheduled, ahead = facts.get("scheduled", 0), facts.get("with_next", 0)
    return [
        ("active", active > 0, "An active cadence", "Kick off the first cadence", "cadence"),
        (
            "staffed",
            0 < active == facts.get("staffed", 0),
            "Each cadence has participants",
            "Name who takes part in each cadence",
            "cadence",
        ),
        (
            "next",
            active > 0 and scheduled == ahead,
            "Next meetings set",
            f"Set the next meeting of {scheduled - ahead} {'cadence' if scheduled - ahead == 1 else 'cadences'}"
            if scheduled
            else "Set the next meeting of each cadence",
            "meeting",
        ),
        (
            "metrics",
            facts.get("metrics", 0) > 0,
            "An execution metric",
            "Choose an execution metric",
            "execution_metric",
        ),
    ]
