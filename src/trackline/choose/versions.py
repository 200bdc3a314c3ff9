"""Versions of a playbook out of the ledger: the steps of an earlier one, and what differs since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trackline.choose.models import Play, Playbook
from trackline.choose.rules.difference import StepDifference, difference
from trackline.kit.history.models import Change

KEPT = 20
"""So many versions are told of, newest first."""


@dataclass(frozen=True)
class Version:
    """A write that changed the steps: the version it made, when, by whom, and what it changed."""

    number: int
    at: datetime
    by: str
    differs: Sequence[StepDifference]


def versions(playbook: Playbook) -> list[Version]:
    """Return the writes that changed the steps of a playbook, newest first, in one query."""
    found = []
    for change in _changes(playbook.pk).order_by("-version")[:KEPT]:
        before, after = change.changes["steps"]
        by = change.actor.name if change.actor else "Trackline"
        found.append(Version(change.version, change.at, by, difference(before or [], after or [])))
    return found


def steps_at(playbook: Playbook, version: int) -> list[dict[str, Any]]:
    """Return the steps of a playbook as they stood at a version."""
    later = _changes(playbook.pk).filter(version__gt=version).order_by("version").first()
    found: list[dict[str, Any]] = later.changes["steps"][0] or [] if later else playbook.steps
    return found


def since_start(play: Play) -> list[StepDifference]:
    """Return what the playbook of a play says otherwise by now than when the play was started."""
    if play.playbook is None or play.playbook_version is None or play.playbook_version == play.playbook.version:
        return []
    return difference(steps_at(play.playbook, play.playbook_version), play.playbook.steps)


def _changes(pk: int) -> Any:
    rows = Change.objects.filter(record_type="playbook", record_id=pk, changes__has_key="steps")
    return rows.select_related("actor")
