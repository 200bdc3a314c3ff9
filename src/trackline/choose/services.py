"""What writes in the C section mean: plays, their steps, playbooks, assignments."""

from __future__ import annotations

from typing import Any

from trackline.accounts.settings import setting
from trackline.choose import moving, starting
from trackline.choose.models import Play, Step
from trackline.choose.rules import checks, states, templates
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.moves import check_move, status_before

Links = dict[str, list[int]]


def prepare_play(ctx: Context, play: Any, changed: set[str], _links: Links) -> None:
    """Default and limit the due date (CHO-02); hold to the status machine (CHO-03)."""
    if play._state.adding:
        starting.prepare(play)
    elif "anchor_on" in changed:
        moving.prepare(play, changed)
    if play.horizon is None and play.playbook_id is None:
        raise Invalid.fields({"horizon": "30, 60 or 90 days are needed, or a playbook."})
    if not play.title.strip():
        raise Invalid.fields({"title": "Needed, but empty."})
    _limit_due(play, changed)
    before = status_before(play) if "status" in changed else None
    if before and before != play.status:
        _move(ctx, play, before)
    play.done_on = (play.done_on or ctx.today) if play.status == "done" else None


def after_play(ctx: Context, play: Any, _changed: set[str], created: bool) -> None:
    """Make the dated steps of a play that starts from a playbook; move the open ones with its anchor date."""
    if created:
        starting.make_steps(ctx, play)
    else:
        moving.follow(ctx, play)


def prepare_playbook(_ctx: Context, playbook: Any, changed: set[str], _links: Links) -> None:
    """Check that every step of a playbook can become a step of a play."""
    if "steps" not in changed:
        return
    found = templates.read(playbook.steps)
    if found.errors:
        raise Invalid("The steps of the playbook are not valid.", found.errors)
    playbook.steps = found.steps


def prepare_step(ctx: Context, step: Any, _changed: set[str], _links: Links) -> None:
    """Date a step that is done; place a new one last; refuse a check that nothing can answer."""
    if step.condition and (wrong := checks.problem(step.condition)):
        raise Invalid.fields({"condition": wrong})
    step.done_on = (step.done_on or ctx.today) if step.status == "done" else None
    if step.condition and step.status == "done" and step.checked_on is None:
        # Done once, by the records or by hand: opened again it stays open.
        step.checked_on = ctx.today
    if step._state.adding and not step.position:
        step.position = Step.objects.filter(play_id=step.play_id, deleted_at__isnull=True).count()


def prepare_assignment(ctx: Context, assignment: Any, changed: set[str], _links: Links) -> None:
    """Date an assignment that is completed."""
    if assignment._state.adding:
        assignment.assigned_on = assignment.assigned_on or ctx.today
    if assignment.status == "completed":
        assignment.completed_on = assignment.completed_on or ctx.today
    elif "status" in changed:
        assignment.completed_on = None


def add_step_states(ctx: Context, items: list[dict[str, Any]]) -> None:
    """Add `state` (RNW-07) to steps."""
    for item in items:
        made = item["created_at"].date()
        item["state"] = states.step_state(item["due_on"], item["status"], ctx.today, made)


def _limit_due(play: Any, changed: set[str]) -> None:
    if play.horizon is not None:
        last = states.last_due(play.start_on, play.horizon)
        if play.due_on is None or ("due_on" not in changed and {"horizon", "start_on"} & changed):
            play.due_on = last
        if play.due_on > last:
            raise Invalid.fields({"due_on": f"A {play.horizon}-day play ends on {last} at the latest."})
    if play.due_on and play.due_on < play.start_on:
        raise Invalid.fields({"due_on": "The due date must not lie before the start."})


def _move(ctx: Context, play: Any, before: str) -> None:
    check_move("A play", before, play.status, states.ALLOWED, dict(Play.Status.choices))
    days = setting("play.reopen_days")
    if before == "done" and play.done_on and not states.reopen_allowed(play.done_on, ctx.today, days):
        raise Refused(f"A play can be reopened within {days} days of being done.")
    if play.status == "blocked" and not play.blocked_reason.strip():
        raise Refused("Say what blocks the play.", [{"loc": ["blocked_reason"], "msg": "What blocks it is needed."}])
    if play.status == "cancelled":
        play.cancel_reason = play.cancel_reason.strip() or ctx.note.strip()
        if not play.cancel_reason:
            raise Refused("Say why the play is cancelled.", [{"loc": ["cancel_reason"], "msg": "A reason is needed."}])
