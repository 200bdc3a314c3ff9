"""Moves of a status field through its state machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackline.kit.problems import Refused


def status_before(record: Any, field: str = "status") -> str | None:
    """Return the stored value of a field, or None for a new record."""
    if record._state.adding:
        return None
    found = type(record).objects.filter(pk=record.pk).values_list(field, flat=True).first()
    return str(found) if found is not None else None


def check_move(
    what: str, before: str, after: str, allowed: Mapping[str, Sequence[str]], labels: Mapping[str, str]
) -> None:
    """Raise `Refused` where the state machine does not know the move, naming the moves it does know."""
    if before == after or after in allowed[before]:
        return
    ways = ", ".join(labels[state] for state in allowed[before]) or "nothing"
    raise Refused(
        f"{what} cannot go from {labels[before]} to {labels[after]}; from here it can go to {ways}.",
        [{"loc": ["status"], "msg": f"{before} → {after} is not a move"}],
    )
