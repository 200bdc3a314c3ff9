"""What writes in the T section mean."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.text import slugify

from trackline.accounts.models import Contact
from trackline.accounts.settings import setting
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.moves import check_move, status_before
from trackline.track.models import Interaction, Issue, JourneyDimension

Links = dict[str, list[int]]

ISSUE_MOVES = {
    "open": ("in_progress", "resolved"),
    "in_progress": ("open", "resolved"),
    "resolved": ("closed", "open"),
    "closed": (),
}
"""Source: TRK-17."""


def prepare_snapshot(ctx: Context, snapshot: Any, _changed: set[str], _links: Links) -> None:
    """Keep snapshots in the past, and unchanged after a day (TRK-12)."""
    if snapshot.on > ctx.today:
        raise Invalid.fields({"on": "A health snapshot cannot be dated in the future."})
    if not snapshot._state.adding and ctx.now - snapshot.created_at > timedelta(hours=24):
        raise Refused("A health snapshot stays as it is after 24 hours. Take a new one.")


def complete_journey_score(_ctx: Context, data: dict[str, Any]) -> None:
    """Find the dimension by its name too, whatever the set, active ones first."""
    wanted = data.get("dimension")
    if not isinstance(wanted, str) or wanted.isdecimal():
        return
    word = slugify(wanted).replace("-", "_")
    rows = JourneyDimension.objects.filter(deleted_at__isnull=True).order_by("-active", "position")
    known = list(rows.values_list("key", "name"))
    for key, name in known:
        if word in (key, slugify(name).replace("-", "_")):
            data["dimension"] = key
            return
    raise Invalid.fields({"dimension": f"One of {', '.join(key for key, _ in known)} is expected."})


def prepare_journey_score(_ctx: Context, score: Any, changed: set[str], _links: Links) -> None:
    """Keep scores on the half-step scale (TRK-14)."""
    if "score" in changed and Decimal(score.score) * 2 % 1:
        raise Invalid.fields({"score": "Scores go in steps of 0.5 from 1 to 5."})


def prepare_issue(ctx: Context, issue: Any, changed: set[str], _links: Links) -> None:
    """Date a new issue, default its due day by severity, and hold to the state machine (TRK-16…18)."""
    if issue.assignee_id is None and ("assignee" in changed or issue._state.adding):
        raise Invalid.fields({"assignee": "An issue needs somebody who solves it."})
    if issue._state.adding:
        issue.opened_on = issue.opened_on or ctx.today
        if issue.due_on is None and "due_on" not in changed and issue.status in ("open", "in_progress"):
            issue.due_on = issue.opened_on + timedelta(days=setting("issue.due_days")[issue.severity])
    before = status_before(issue) if "status" in changed else None
    if before and before != issue.status:
        check_move("An issue", before, issue.status, ISSUE_MOVES, dict(Issue.Status.choices))
        if issue.status == "resolved" and not issue.resolution.strip():
            raise Refused(
                "Say how the issue was resolved.", [{"loc": ["resolution"], "msg": "Needed to resolve the issue."}]
            )
        if before == "resolved" and issue.status == "open":
            issue.resolved_at = None
    if issue.status in ("resolved", "closed") and issue.resolved_at is None:
        issue.resolved_at = ctx.now


def prepare_interaction(ctx: Context, interaction: Any, _changed: set[str], _links: Links) -> None:
    """Refuse interactions that have not happened yet."""
    if interaction.on > ctx.today:
        raise Invalid.fields({"on": "This has not happened yet. Plan a meeting or an action instead."})


def after_interaction(ctx: Context, interaction: Any, _changed: set[str], _created: bool) -> None:
    """Keep the last two-way touch of each contact (TRK-22)."""
    for contact in interaction.contacts.filter(deleted_at__isnull=True):
        newest = Interaction.objects.filter(contacts=contact, two_way=True, deleted_at__isnull=True).aggregate(
            on=Max("on")
        )["on"]
        if newest and (contact.last_touch_on is None or newest > contact.last_touch_on):
            Contact.objects.filter(pk=contact.pk).update(last_touch_on=newest)
