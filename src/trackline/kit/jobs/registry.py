"""The periodic jobs that there are; rooms' work is put together and registered by delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


class Stopped(Exception):
    """The worker is asked to end; the job goes on where it was when the next one starts."""


Stop = Callable[[], None]
"""What a job calls between two pieces of its work; raises `Stopped`."""


@dataclass(frozen=True)
class PeriodicJob:
    """Work with a rhythm. `run` is given the instant and `Stop`, does what is due, and says in a few words what it did."""

    name: str
    title: str
    about: str
    """What it does, for people."""
    next_after: Callable[[datetime], datetime]
    """The first time it is due after an instant."""
    rhythm: Callable[[], str]
    """When that is, in words."""
    run: Callable[[datetime, Stop], str]
    retries: tuple[timedelta, ...] = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
    """How long it waits after each failure in a row; then it waits for its next time."""
    ready: Callable[[], str] = lambda: ""
    """Why it cannot run here, "" where it can: it is then left out, and the reason told."""


JOBS: dict[str, PeriodicJob] = {}


def register(job: PeriodicJob) -> None:
    """Have the worker do a job at its times."""
    JOBS[job.name] = job
