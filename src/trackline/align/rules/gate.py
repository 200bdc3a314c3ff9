"""States of a route and what a move needs. Source: ALN-02, ALN-03."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

OPEN = ("identified", "qualifying", "pursuing")
_FORWARD = (*OPEN, "won")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "identified": ("qualifying", "lost", "parked"),
    "qualifying": ("pursuing", "identified", "lost", "parked"),
    "pursuing": ("won", "qualifying", "lost", "parked"),
    "parked": ("identified", "qualifying", "lost"),
    "won": ("pursuing",),
    "lost": ("identified",),
}
"""Moves that the state machine knows; those out of won and lost need an administrator and a reason."""

DEFAULT_PROBABILITY: Mapping[str, Decimal] = {
    "identified": Decimal(10),
    "qualifying": Decimal(30),
    "pursuing": Decimal(60),
    "won": Decimal(100),
    "lost": Decimal(0),
    "parked": Decimal(0),
}
"""Percentage points by state. Source: ALN-03."""

_NEEDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "qualifying": (("owner", "An owner"), ("type", "A type"), ("value", "An estimated value")),
    "pursuing": (
        ("probability", "A probability"),
        ("risk", "A risk level"),
        ("effort", "An effort level"),
        ("expected_close_on", "An expected close date"),
    ),
    "won": (("value", "A final value"), ("closed_on", "A closing date")),
    "lost": (("close_reason", "A reason"),),
    "parked": (("close_reason", "A reason"), ("revisit_on", "A date to revisit")),
}


def allowed(current: str, wanted: str, absent: Collection[str] = ()) -> bool:
    """Tell whether the state machine knows the move; states that no stage of the pipeline stands for (`absent`) are passed over."""
    return wanted in ALLOWED[current] or (
        bool(between(current, wanted)) and set(between(current, wanted)) <= set(absent)
    )


def between(current: str, wanted: str) -> tuple[str, ...]:
    """Return the states that lie between two on the way to won, or back; none for neighbours, and out of a closed state."""
    if current not in OPEN or wanted not in _FORWARD:
        return ()
    low, high = sorted((_FORWARD.index(current), _FORWARD.index(wanted)))
    return _FORWARD[low + 1 : high]


def needs_admin(current: str) -> bool:
    """Tell whether leaving a state needs an administrator and a reason."""
    return current in ("won", "lost")


def checks(wanted: str, current: str, route: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return (field, what is needed, whether it is there) for a move forward; moves back need nothing. Source: ALN-02."""
    if OPEN.index(wanted) < OPEN.index(current) if wanted in OPEN and current in OPEN else False:
        return []
    if current in ("won", "lost") or (current == "parked" and wanted == "identified"):
        return []
    needs = [need for state in (*between(current, wanted), wanted) for need in _NEEDS.get(state, ())]
    return [(name, words, route.get(name) not in (None, "")) for name, words in dict(needs).items()]


def needs_of(state: str) -> tuple[str, ...]:
    """Return what a route needs to enter a state, in words."""
    return tuple(words for _, words in _NEEDS.get(state, ()))


def revisit_problem(revisit_on: date, today: date, max_days: int) -> str:
    """Return why a route cannot be parked until a date, or an empty text. Source: ALN-02 (`route.park_max_days`)."""
    if revisit_on < today:
        return "The date to revisit must not lie in the past."
    if (revisit_on - today).days > max_days:
        return f"A route is parked for at most {max_days} days; this is {(revisit_on - today).days}."
    return ""
