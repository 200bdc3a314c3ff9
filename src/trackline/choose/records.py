"""Record types and section of C: Choose the Line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.completeness import Check, Section, register_section
from trackline.accounts.settings import setting
from trackline.choose import queries, services
from trackline.choose.models import Assignment, Play, Playbook, Step
from trackline.choose.rules import completeness
from trackline.kit.policy import ADMIN
from trackline.kit.records.keys import key_from
from trackline.kit.records.own import Own
from trackline.kit.records.types import RecordType, caller, register, today


def _checks(facts: Mapping[str, Any]) -> list[Check]:
    return [Check(*row) for row in completeness.checks(facts)]


register_section(
    Section(
        "choose", "C", "Choose the Line", "What do we do in the next 30, 60 and 90 days?",
        queries.completeness_facts, _checks,
    )
)  # fmt: skip

register(
    RecordType(
        name="assignment",
        model=Assignment,
        section="choose",
        account="",
        parent="",
        fixed=(),
        fields=("title", "learner", "provider", "status", "assigned_on", "due_on", "completed_on", "url"),
        search=("title", "provider"),
        order="due_on",
        columns=("title", "learner", "status", "due_on"),
        icon="graduation-cap",
        about="Learning tasks that a play depends on.",
        own=Own("learner", ("status", "completed_on"), lambda: bool(setting("perm.own_progress"))),
        defaults={"learner": caller},
        prepare=services.prepare_assignment,
    ),
    RecordType(
        name="playbook",
        model=Playbook,
        section="book",
        account="",
        parent="",
        fixed=(),
        fields=("key", "title", "description", "anchor", "counts_from", "steps", "source", "active"),
        search=("title", "key"),
        order="title",
        columns=("title", "anchor", "active"),
        icon="book-open",
        about="Templates of steps; starting one makes a play.",
        write_permission=ADMIN,
        intake=key_from(Playbook, "title", otherwise="playbook"),
        completed=("key",),
        prepare=services.prepare_playbook,
        lookup="key",
    ),
    RecordType(
        name="play",
        model=Play,
        section="choose",
        fields=(
            "account", "title", "description", "horizon", "playbook", "anchor_on", "status", "owner", "start_on",
            "due_on", "blocked_reason", "cancel_reason", "success_criterion", "renewal", "goal", "routes", "assignments",
            "owners", "left_out",
        ),
        read_only=("done_on", "playbook_version"),
        fixed=("account", "playbook", "owners", "left_out"),
        search=("title", "description", "success_criterion"),
        order="due_on",
        columns=("title", "horizon", "status", "due_on", "owner", "routes"),
        quick=("title", "horizon", "owner", "due_on", "success_criterion", "routes", "goal", "assignments"),
        icon="play",
        about="Efforts of 30, 60 or 90 days with an owner and a due date.",
        defaults={"owner": caller, "start_on": today},
        prepare=services.prepare_play,
        after=services.after_play,
    ),
    RecordType(
        name="step",
        model=Step,
        section="choose",
        account="play__account",
        parent="play",
        fixed=("play",),
        fields=(
            "play", "key", "title", "description", "offset_days", "due_on", "status", "owner", "owner_role", "condition",
            "evidence", "position",
        ),
        read_only=("done_on", "checked_on"),
        search=("title",),
        order="due_on,position",
        columns=("title", "due_on", "status", "owner"),
        quick=("title", "due_on", "owner"),
        icon="square-check",
        about="Dated parts of a play.",
        defaults={"owner": caller},
        prepare=services.prepare_step,
        extra=services.add_step_states,
        extra_schema={
            "state": {
                "type": "string",
                "enum": ["pending", "due", "late", "done", "skipped"],
                "readOnly": True,
                "description": "Where the step stands against its due date.",
                "example": "pending",
            }
        },
    ),
)  # fmt: skip
