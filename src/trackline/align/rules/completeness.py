"""Checks of the A section. Source: TRK-19."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def checks(facts: Mapping[str, Any]) -> list[tuple[str, bool, str, str, str]]:
    """Return (key, passed, label, what to do, record type) of the three checks. Source: TRK-19.

    `facts` count routes: `open`, `described` (open ones with type, probability, risk, effort and value), `won`,
    `won_with_project`. Without a won route there is no project to miss.
    """
    opened, won = facts.get("open", 0), facts.get("won", 0)
    bare, loose = opened - facts.get("described", 0), won - facts.get("won_with_project", 0)
    return [
        ("open", opened > 0, "An open route", "Align the first route", "route"),
        (
            "described",
            opened > 0 and bare == 0,
            "Every open route described",
            f"Give {bare} open {'route' if bare == 1 else 'routes'} a value and a probability"
            if opened
            else "Describe each open route: type, probability, risk, effort, value",
            "route",
        ),
        (
            "projects",
            loose == 0,
            "Every won route has a project",
            f"Link a project to {loose} won {'route' if loose == 1 else 'routes'}",
            "route",
        ),
    ]
