"""`trackline worker`."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from types import FrameType

import click
from django.db import close_old_connections
from django.utils import timezone

from trackline.delivery.jobs import register_all
from trackline.kit.jobs import JOBS, Stopped
from trackline.kit.jobs.models import JobRun
from trackline.kit.jobs.queries import Standing, standing
from trackline.kit.jobs.running import run_due

from .caller import operator
from .failures import Failed
from .output import examples, json_option, note, print_json, print_table

LOOK_EVERY_S = 15.0


@click.command(epilog=examples("trackline worker", "trackline worker --once", "trackline worker --list"))
@click.option("--once", is_flag=True, help="Do what is due, then end; for a timer of the system.")
@click.option("--run", "only", metavar="JOB", help="Do one job now, due or not, then end.")
@click.option("--list", "listed", is_flag=True, help="List the jobs: when each is due, how it went last.")
@json_option
def command(once: bool, only: str | None, listed: bool, as_json: bool) -> None:
    """Do what is due by itself, until Ctrl+C: pending scores, meetings of cadences ahead, the nightly refresh of the whole
    book, the weekly letter.

    Run one beside `trackline serve`; several share the work, and a job is never done twice. A job that fails is tried
    again after a minute, ten minutes and an hour. Asked to end, the worker stops between two pieces of work and goes on there
    when it is started again.
    """
    if once + bool(only) + listed > 1:
        raise click.UsageError("One of --once, --run and --list is expected.")
    operator()
    register_all()
    if only and only not in JOBS:
        raise Failed(f"There is no job {only}. The jobs are {', '.join(JOBS)}.")
    if listed:
        _list(standing(timezone.now()), as_json)
        return
    if only and (reason := JOBS[only].ready()):
        raise Failed(reason)
    ending = _ending()
    stop = _stop_at(ending)
    if once or only:
        done = list(run_due(timezone.now(), _name(), stop, only=only or ""))
        _tell(done, as_json)
        if any(run.state == JobRun.State.FAILED for run in done):
            raise Failed("A job failed; it is tried again.")
        return
    note(f"{len(JOBS)} jobs. Stop with Ctrl+C.")
    while not ending.is_set():
        close_old_connections()
        for run in run_due(timezone.now(), _name(), stop):
            _tell([run], as_json)
        ending.wait(LOOK_EVERY_S)


def _ending() -> threading.Event:
    """An event that Ctrl+C and a service manager set."""
    ending = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    return ending


def _stop_at(ending: threading.Event) -> Callable[[], None]:
    def stop() -> None:
        if ending.is_set():
            raise Stopped

    return stop


def _name() -> str:
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def _tell(done: Sequence[JobRun], as_json: bool) -> None:
    if as_json:
        print_json(
            [{"job": run.job.name, "state": run.state, "said": run.said, "started_at": run.started_at} for run in done]
        )
    elif not done:
        click.echo("Nothing was due.")
    for run in [] if as_json else done:
        local = timezone.localtime(run.started_at)
        click.echo(f"{local:%Y-%m-%d %H:%M}  {JOBS[run.job.name].title}: {run.get_state_display().lower()}. {run.said}")


def _list(found: Sequence[Standing], as_json: bool) -> None:
    if as_json:
        print_json([one.to_json() for one in found])
        return
    rows = [(one.job.name, one.job.title, one.rhythm, one.words_next, one.words_last) for one in found]
    print_table(("Job", "", "Rhythm", "Next", "Last"), rows, "There are no jobs.")
