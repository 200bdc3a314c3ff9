"""What writes of decisions and actions mean."""

from __future__ import annotations

from typing import Any

from trackline.kickoff.models import Decision, Meeting
from trackline.kickoff.rules.preparation import DECISIONS_AT_MOST
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid

Links = dict[str, list[int]]


def prepare_decision(ctx: Context, decision: Any, changed: set[str], _links: Links) -> None:
    """Date a decision; a review ahead seeks few (portfolio:QBR-02)."""
    if decision.status == "open" and decision.meeting_id and {"meeting", "status"} & changed:
        _check_sought(decision)
    if decision.status in ("decided", "rejected"):
        decision.decided_on = decision.decided_on or ctx.today
    elif decision.status == "open":
        decision.decided_on = None


def prepare_action(ctx: Context, action: Any, changed: set[str], _links: Links) -> None:
    """Date an action that is done; one from a meeting says so."""
    action.done_on = (action.done_on or ctx.today) if action.status == "done" else None
    if action._state.adding and action.meeting_id and "origin" not in changed:
        action.origin = "meeting"
    if action.side == "customer" and action._state.adding and "owner" not in changed and action.client_owner_id:
        action.owner_id = None


def _check_sought(decision: Any) -> None:
    meeting = Meeting.objects.filter(pk=decision.meeting_id, status="scheduled").exclude(review="").first()
    if meeting is None:
        return
    others = Decision.objects.filter(meeting=meeting, status="open", deleted_at__isnull=True).exclude(pk=decision.pk)
    if others.count() >= DECISIONS_AT_MOST:
        text = f"A review seeks at most {DECISIONS_AT_MOST} decisions; settle or move one first."
        raise Invalid.fields({"meeting": text})
