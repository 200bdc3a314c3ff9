"""How each job stands: when it is due next, how its runs went, whether somebody does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from trackline.kit.jobs.models import Job, JobRun
from trackline.kit.jobs.registry import JOBS, PeriodicJob
from trackline.kit.jobs.running import settle

LATE_AFTER = timedelta(hours=1)
"""A job that is due for so long is done by nobody."""


@dataclass(frozen=True)
class Standing:
    """A job as it stands: `reason` tells why it cannot run here, `late` that it is due and no worker does it."""

    job: PeriodicJob
    row: Job
    rhythm: str
    reason: str
    late: bool
    runs: Sequence[JobRun]
    """The newest first, at most five."""

    @property
    def last(self) -> JobRun | None:
        """The newest run."""
        return self.runs[0] if self.runs else None

    @property
    def failing(self) -> bool:
        """Whether its newest run failed."""
        return self.last is not None and self.last.state == JobRun.State.FAILED

    @property
    def running(self) -> bool:
        """Whether a worker is at it."""
        return bool(self.row.holder)

    @property
    def words_next(self) -> str:
        """When it is due, in words."""
        if self.reason:
            return self.reason
        if self.running:
            return "at work"
        return f"{timezone.localtime(self.row.next_at):%Y-%m-%d %H:%M}{', nobody does it' if self.late else ''}"

    @property
    def words_last(self) -> str:
        """How it went last, in words."""
        if self.last is None:
            return "never"
        at = timezone.localtime(self.last.started_at)
        return f"{at:%Y-%m-%d %H:%M} {self.last.get_state_display().lower()}: {self.last.said}"

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON has it."""
        runs = [
            {"started_at": run.started_at, "ended_at": run.ended_at, "state": run.state, "said": run.said}
            for run in self.runs
        ]
        return {
            "name": self.job.name,
            "title": self.job.title,
            "rhythm": self.rhythm,
            "next_at": self.row.next_at,
            "running": self.running,
            "late": self.late,
            "reason": self.reason or None,
            "runs": runs,
        }


def standing(now: datetime) -> list[Standing]:
    """Return how the jobs stand."""
    settle(now)
    rows = {row.name: row for row in Job.objects.prefetch_related("runs")}
    found = []
    for name, job in JOBS.items():
        row, reason = rows[name], job.ready()
        runs = sorted(row.runs.all(), key=lambda run: (run.started_at, run.pk), reverse=True)[:5]
        held = row.held_until is not None and row.held_until >= now
        late = not reason and not held and row.next_at < now - LATE_AFTER
        found.append(Standing(job, row, job.rhythm(), reason, late, runs))
    return found
