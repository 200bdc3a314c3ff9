"""Checks of the C section. Source: TRK-19."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def checks(facts: Mapping[str, Any]) -> list[tuple[str, bool, str, str, str]]:
    """Return (key, passed, label, what to do, record type) of the four checks. Source: TRK-19.

    `facts` count open plays: `open`, `owned` (with owner and due date), `with_route`; `with_assignment` counts plays
    with a learning assignment.
    """
    opened = facts.get("open", 0)
    return [
        ("open", opened > 0, "An open play", "Choose the first play", "play"),
        (
            "owned",
            0 < opened == facts.get("owned", 0),
            "Each play has an owner and a due date",
            "Give each play an owner and a due date",
            "play",
        ),
        (
            "routes",
            0 < opened == facts.get("with_route", 0),
            "Each play serves a route",
            "Link each play to a route",
            "play",
        ),
        (
            "learning",
            facts.get("with_assignment", 0) > 0,
            "A learning assignment linked",
            "Link a learning assignment to a play",
            "play",
        ),
    ]
