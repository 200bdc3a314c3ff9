"""What a check-in means for its goal: the newest one sets it (REV-07), and one taken back gives it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.reveal.models import CheckIn, Goal

Links = dict[str, list[int]]


def prepare_check_in(ctx: Context, check_in: Any, _changed: set[str], _links: Links) -> None:
    """Refuse check-ins of days to come, and ones that say nothing."""
    if check_in.on > ctx.today:
        raise Invalid.fields({"on": "A check-in cannot be dated in the future."})
    if check_in.value is None and check_in.progress_override is None and not check_in.comment.strip():
        raise Invalid.fields({"value": "Give a value or a comment."})


def after_check_in(ctx: Context, check_in: Any, _changed: set[str], _created: bool) -> None:
    """Let the newest check-in set the goal's current value, its progress by hand and its status. Source: REV-07."""
    goal = check_in.goal
    newest = _newest(goal)
    if newest is not None:
        data: dict[str, Any] = {}
        if newest.value is not None and newest.value != goal.current:
            data["current"] = newest.value
        if newest.status and newest.status != goal.status:
            data["status"] = newest.status
        _set(ctx, goal, data, newest.progress_override)


def listen() -> None:
    """Subscribe to check-ins that go and come back."""
    records.subscribers.append(_on_write)


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name != "check_in":
        return
    if event.action == "restore":
        after_check_in(ctx, event.record, set(), False)
    elif event.action == "delete":
        _give_back(ctx, event.record)


def _give_back(ctx: Context, gone: CheckIn) -> None:
    """Let a goal stand as it did before a check-in that was taken back, unless a newer one has set it since."""
    goal = gone.goal
    newest = _newest(goal)
    if newest is not None and (newest.on, newest.pk) > (gone.on, gone.pk):
        return
    data: dict[str, Any] = {}
    if gone.value is not None and gone.value == goal.current:
        data["current"] = newest.value if newest is not None and newest.value is not None else _held_before(gone)
    if gone.status and gone.status == goal.status:
        data |= {"status": newest.status} if newest is not None and newest.status else {"status_mode": Goal.Mode.AUTO}
    override = newest.progress_override if newest is not None and gone.progress_override is not None else None
    _set(ctx, goal, data, override)


def _newest(goal: Goal) -> CheckIn | None:
    return CheckIn.objects.filter(goal=goal, deleted_at__isnull=True).order_by("-on", "-id").first()


def _held_before(gone: CheckIn) -> Any:
    """Return the current value that a check-in replaced in its goal, as the ledger has it; None where it tells of none."""
    lines = Change.objects.filter(
        record_type="goal", record_id=gone.goal_id, at__gte=gone.created_at, changes__has_key="current"
    )
    moves = (changes["current"] for changes in lines.order_by("pk").values_list("changes", flat=True))
    return next((old for old, new in moves if new is not None and Decimal(new) == gone.value), None)


def _set(ctx: Context, goal: Goal, data: dict[str, Any], override: Any) -> None:
    if goal.progress_mode != Goal.ProgressMode.VALUE:
        data.pop("current", None)
    by_hand = override is not None and goal.progress_mode == Goal.ProgressMode.MANUAL
    if by_hand:
        Goal.objects.filter(pk=goal.pk).update(progress_pct=override)
    if data or by_hand:
        records.update(ctx, registry.get("goal"), goal.pk, data)
