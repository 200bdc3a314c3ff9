"""Checks of the T section. Source: TRK-19, TRK-01."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROFILE = ("industry", "business_model", "maturity", "tier", "client_fte", "serving_fte")


def profile_pct(profile: Mapping[str, Any]) -> float:
    """Return the percentage of the six profile facts that are known. Source: TRK-01."""
    return 100 * sum(profile.get(name) not in (None, "") for name in PROFILE) / len(PROFILE)


def checks(facts: Mapping[str, Any]) -> list[tuple[str, bool, str, str, str]]:
    """Return (key, passed, label, what to do, record type) of the six checks. Source: TRK-19.

    `facts`: `profile` (the six facts), `contacts`, `kpis_ready` (with baseline and target), `log_entries` as counts,
    `snapshot_age` and `journey_age` in days, None where there is none; `snapshot_max_age` and `journey_max_age` in days.
    """
    missing = [name for name in PROFILE if facts.get("profile", {}).get(name) in (None, "")]
    snapshot, journey = facts.get("snapshot_age"), facts.get("journey_age")
    return [
        (
            "profile",
            not missing,
            "Profile complete",
            f"Fill in {', '.join(_WORDS[name] for name in missing)}",
            "account",
        ),
        ("contacts", facts.get("contacts", 0) > 0, "A contact", "Add the first contact", "contact"),
        (
            "kpis",
            facts.get("kpis_ready", 0) > 0,
            "A KPI with baseline and target",
            "Agree on a KPI with baseline and target",
            "kpi",
        ),
        (
            "snapshot",
            snapshot is not None and snapshot <= facts["snapshot_max_age"],
            "A recent health snapshot",
            "Give your view of delivery and relationship"
            + (f", last given {snapshot} days ago" if snapshot is not None else ""),
            "health_snapshot",
        ),
        (
            "journey",
            journey is not None and journey <= facts["journey_max_age"],
            "Recent journey scores",
            "Score the journey" + (f", last scored {journey} days ago" if journey is not None else ""),
            "journey_score",
        ),
        ("log", facts.get("log_entries", 0) > 0, "An issue, note or risk", "Write the first note", "note"),
    ]


_WORDS = {
    "industry": "industry",
    "business_model": "business model",
    "maturity": "maturity",
    "tier": "tier",
    "client_fte": "client headcount",
    "serving_fte": "serving FTE",
}
