"""What writes of alerts mean: clocks and states (SIG-42)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trackline.kit.policy import Context
from trackline.kit.records.moves import check_move, status_before
from trackline.watch.models import Alert

Links = dict[str, list[int]]

MOVES = {
    "open": ("acknowledged", "diagnosed", "escalated", "closed", "dismissed"),
    "acknowledged": ("diagnosed", "escalated", "closed", "dismissed"),
    "diagnosed": ("escalated", "closed", "dismissed"),
    "escalated": ("acknowledged", "diagnosed", "closed", "dismissed"),
    "closed": (),
    "dismissed": (),
}

ACKNOWLEDGE = timedelta(minutes=30)
DIAGNOSE = timedelta(hours=24)


def by_hand(_ctx: Context) -> str:
    """Name the rule of an alert that a person raises."""
    return "manual"


def prepare_alert(ctx: Context, alert: Any, changed: set[str], _links: Links) -> None:
    """Start the clocks of a new alert; hold to the states."""
    if alert._state.adding:
        alert.fired_at = alert.fired_at or ctx.now
        alert.ack_due_at = alert.ack_due_at or alert.fired_at + ACKNOWLEDGE
        alert.diagnose_due_at = alert.diagnose_due_at or alert.fired_at + DIAGNOSE
        alert.title = alert.title or alert.rule
    before = status_before(alert, "state") if "state" in changed else None
    if before:
        check_move("An alert", before, alert.state, MOVES, dict(Alert.State.choices))
    alert.closed_at = (alert.closed_at or ctx.now) if alert.state in ("closed", "dismissed") else None
