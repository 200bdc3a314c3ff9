"""Where the recovery of an account stands, out of the steps of its save plan. Pure. Source: SAVE-08, SAVE-09, HLT-16."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

PLAYBOOKS = ("save", "relationship-recovery")
"""Playbooks whose plays recover an account."""

SAVE_STATES: tuple[tuple[str, str, str], ...] = (
    ("triage", "triaged", "Triaged"),
    ("executive", "exec_engaged", "Executives engaged"),
    ("root-cause", "root_cause_done", "Root cause known"),
    ("plan", "recovering", "Recovering"),
)
"""Step of the save plan, the state that it leads to, and how that is called; in their order."""
SPRINT_STATES: tuple[tuple[str, str, str], ...] = (
    ("cause", "triaged", "Cause named"),
    ("listen", "exec_engaged", "Heard"),
    ("workshop", "root_cause_done", "Root cause known"),
    ("plan", "recovering", "Recovering"),
)


@dataclass(frozen=True)
class Station:
    """A state on the way: whether it is reached, and the step that leads to it."""

    step: str
    key: str
    label: str
    reached: bool


@dataclass(frozen=True)
class Recovery:
    """Where a recovery stands: `open`, `triaged` … `recovering`, `restored` or `lost`, with the stations on the way."""

    state: str
    label: str
    stations: tuple[Station, ...]


def recovery(playbook: str, status: str, done: Collection[str]) -> Recovery:
    """Return the state of a recovery by the steps that are done, in their order: a step that was jumped holds it back.

    A play that is done is `restored`, one that is cancelled `lost`.
    """
    way = SAVE_STATES if playbook == "save" else SPRINT_STATES
    stations, state, label, unbroken = [], "open", "Open", True
    for step, key, name in way:
        unbroken = unbroken and step in done
        if unbroken:
            state, label = key, name
        stations.append(Station(step, key, name, unbroken))
    if status == "done":
        state, label = "restored", "Restored"
    elif status == "cancelled":
        state, label = "lost", "Lost"
    return Recovery(state, label, tuple(stations))


def needs_plan(band: str | None, has_plan: bool) -> bool:
    """Tell whether an account lacks the recovery plan that every amber or red one has. Source: HLT-16."""
    return band in ("amber", "red") and not has_plan


def in_time(due_on: date | None, done_on: date | None) -> bool | None:
    """Tell whether a step was done by its day; None while that is open. Source: SAVE-09."""
    return None if due_on is None or done_on is None else done_on <= due_on
