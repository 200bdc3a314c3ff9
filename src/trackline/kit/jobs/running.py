"""Jobs that are due are taken, run and noted: one worker at a time does a job, a failed one is tried again, a lost one is taken up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, models
from django.utils import timezone

from trackline.kit.jobs.models import Job, JobRun
from trackline.kit.jobs.registry import JOBS, PeriodicJob, Stop, Stopped

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=5)
"""So long a job is another worker's after its last sign of life."""
SIGN_EVERY_S = 60.0
KEEP_RUNS = 100
"""So many runs of a job are kept."""
SAID_MOST = 2000


def settle(now: datetime) -> None:
    """Give each registered job a row, due at its next time; what is no job any more goes."""
    held = set(Job.objects.values_list("name", flat=True))
    Job.objects.filter(name__in=held - JOBS.keys()).delete()
    new = [Job(name=name, next_at=job.next_after(now)) for name, job in JOBS.items() if name not in held]
    Job.objects.bulk_create(new, ignore_conflicts=True)


def bring_forward(row: Job, now: datetime) -> None:
    """Have a job done as soon as a worker looks."""
    Job.objects.filter(pk=row.pk).update(next_at=now, failures=0)


def run_due(now: datetime, holder: str, stop: Stop, *, only: str = "") -> Iterator[JobRun]:
    """Run what is due, or the job named `only` whether due or not; yields each run when it ended."""
    settle(now)
    for name, job in JOBS.items():
        if (only and name != only) or job.ready():
            continue
        row = _take(name, now, holder, due=not only)
        if row is not None:
            yield _run(job, row, now, stop)


def _take(name: str, now: datetime, holder: str, *, due: bool) -> Job | None:
    """Take a job for this worker in one statement, so that two never have it."""
    free = models.Q(held_until=None) | models.Q(held_until__lt=now)
    rows = Job.objects.filter(free, name=name)
    if due:
        rows = rows.filter(next_at__lte=now)
    if not rows.update(holder=holder, held_until=now + HOLD):
        return None
    row = Job.objects.get(name=name)
    row.runs.filter(state=JobRun.State.RUNNING).update(state=JobRun.State.LOST, ended_at=now)
    return row


def _run(job: PeriodicJob, row: Job, now: datetime, stop: Stop) -> JobRun:
    run = JobRun.objects.create(job=row, started_at=now)
    with _signs_of_life(row.pk):
        try:
            run.said, run.state = job.run(now, stop), JobRun.State.DONE
        except Stopped:
            run.said, run.state = "It goes on where it was.", JobRun.State.STOPPED
        except Exception as problem:  # whatever a job raises is told, and the others go on
            logger.exception("job %s failed", job.name)
            run.said, run.state = f"{type(problem).__name__}: {problem}", JobRun.State.FAILED
    run.said, run.ended_at = run.said[:SAID_MOST], timezone.now()
    run.save()
    _let_go(job, row, run)
    return run


def _let_go(job: PeriodicJob, row: Job, run: JobRun) -> None:
    ended = run.ended_at or run.started_at
    row.holder, row.held_until = "", None
    if run.state == JobRun.State.STOPPED:
        row.next_at = ended
    elif run.state == JobRun.State.FAILED and row.failures < len(job.retries):
        row.next_at, row.failures = ended + job.retries[row.failures], row.failures + 1
    else:
        row.next_at = job.next_after(ended)
        row.failures = row.failures if run.state == JobRun.State.FAILED else 0
    row.save()
    kept = row.runs.order_by("-started_at", "-pk").values_list("pk", flat=True)[:KEEP_RUNS]
    row.runs.exclude(pk__in=list(kept)).delete()


@contextmanager
def _signs_of_life(pk: int) -> Iterator[None]:
    """Say every minute that the job is still at work, from a thread of its own; a busy database is asked again."""
    ended = threading.Event()

    def sign() -> None:
        while not ended.wait(SIGN_EVERY_S):
            try:
                Job.objects.filter(pk=pk).update(held_until=timezone.now() + HOLD)
            except DatabaseError:
                logger.warning("a job could not say that it is at work; it says so again")
        connection.close()

    thread = threading.Thread(target=sign, name="sign-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=SIGN_EVERY_S)
