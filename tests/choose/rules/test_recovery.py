"""States of a recovery out of its steps (SAVE-08), and which accounts lack one (HLT-16)."""

from __future__ import annotations

from datetime import date

import pytest

from trackline.choose.rules import recovery
from trackline.choose.rules.shipped import shipped


@pytest.mark.parametrize(
    "done, state",
    [
        ((), "open"),
        (("triage",), "triaged"),
        (("triage", "executive"), "exec_engaged"),
        (("triage", "executive", "root-cause"), "root_cause_done"),
        (("triage", "executive", "root-cause", "plan", "weekly"), "recovering"),
        (("triage", "root-cause", "plan"), "triaged"),
        (("plan",), "open"),
    ],
)
def test_a_step_that_was_jumped_holds_the_recovery_back(done: tuple[str, ...], state: str) -> None:
    assert recovery.recovery("save", "in_progress", done).state == state


def test_a_recovery_ends_restored_or_lost() -> None:
    assert recovery.recovery("save", "done", ()).state == "restored"
    assert recovery.recovery("save", "cancelled", ("triage",)).label == "Lost"


def test_the_way_names_steps_that_the_playbooks_have() -> None:
    steps = {one.key: {step["key"] for step in one.steps} for one in shipped()}
    for playbook in recovery.PLAYBOOKS:
        named = {station.step for station in recovery.recovery(playbook, "planned", ()).stations}
        assert named <= steps[playbook]


@pytest.mark.parametrize(
    "band, has, needs",
    [("red", False, True), ("amber", False, True), ("red", True, False), ("green", False, False), (None, False, False)],
)
def test_who_needs_a_plan(band: str | None, has: bool, needs: bool) -> None:
    assert recovery.needs_plan(band, has) is needs


def test_in_time() -> None:
    day = date(2025, 5, 15)
    assert recovery.in_time(day, day) is True
    assert recovery.in_time(day, date(2025, 5, 16)) is False
    assert recovery.in_time(day, None) is None
