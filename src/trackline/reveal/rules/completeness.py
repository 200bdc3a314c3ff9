"""Checks of the R section. Source: TRK-19."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def checks(facts: Mapping[str, Any]) -> list[tuple[str, bool, str, str, str]]:
    """Return (key, passed, label, what to do, record type) of the four checks. Source: TRK-19, REV-01.

    `facts` count active goals: `goals`, `measured` (baseline and target), `with_kpi`, `with_objective`; `warn_min` and
    `warn_max` are the wanted number of goals. Without goals nothing about them is complete.
    """
    goals = facts.get("goals", 0)
    low, high = facts.get("warn_min", 2), facts.get("warn_max", 3)
    wanted = f"{low} to {high}"
    count = (
        f"Reveal {wanted} goals"
        if goals == 0
        else f"Keep to {wanted} goals, {goals} {'is' if goals == 1 else 'are'} active"
    )
    return [
        ("count", low <= goals <= high, f"{wanted} active goals", count, "goal" if goals <= high else ""),
        (
            "measured",
            0 < goals == facts.get("measured", 0),
            "Each goal measured",
            "Give each goal a baseline and a target",
            "goal",
        ),
        ("kpis", 0 < goals == facts.get("with_kpi", 0), "Each goal linked to a KPI", "Link each goal to a KPI", "goal"),
        (
            "objectives",
            0 < goals == facts.get("with_objective", 0),
            "Each goal linked to an objective",
            "Link each goal to an objective of ours",
            "goal",
        ),
    ]
