"""Jobs are done once at their time, tried again where they fail, taken up where a worker was lost, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from trackline.kit.jobs import JOBS, PeriodicJob, Stop, Stopped, register
from trackline.kit.jobs.models import Job, JobRun
from trackline.kit.jobs.queries import standing
from trackline.kit.jobs.running import HOLD, KEEP_RUNS, bring_forward, run_due, settle

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def never() -> None:
    """Nobody asks to stop."""


class Work:
    """A job that does as it is told, and counts."""

    def __init__(self) -> None:
        self.done, self.trouble, self.reason = 0, "", ""

    def __call__(self, now: datetime, stop: Stop) -> str:
        stop()
        if self.trouble:
            raise ValueError(self.trouble)
        self.done += 1
        return f"{self.done} done"


@pytest.fixture
def work() -> Iterator[Work]:
    """The only job: due every day."""
    held, made = dict(JOBS), Work()
    JOBS.clear()
    register(PeriodicJob("work", "Work", "", lambda at: at + DAY, lambda: "daily", made, ready=lambda: made.reason))
    yield made
    JOBS.clear()
    JOBS.update(held)


def runs(now: datetime, holder: str = "a", only: str = "") -> list[str]:
    return [run.state for run in run_due(now, holder, never, only=only)]


def test_a_job_is_done_when_it_is_due_and_not_before(work: Work) -> None:
    assert runs(NOW) == []
    assert runs(NOW + DAY - timedelta(seconds=1)) == []
    assert runs(NOW + DAY) == ["done"]
    assert (work.done, JobRun.objects.get().said) == (1, "1 done")
    assert runs(NOW + DAY) == []


def test_what_another_worker_holds_is_left_alone_until_it_gives_no_sign(work: Work) -> None:
    settle(NOW)
    row = Job.objects.get()
    JobRun.objects.create(job=row, started_at=NOW)
    Job.objects.update(next_at=NOW, holder="b", held_until=NOW + HOLD)
    assert runs(NOW + HOLD) == []
    assert runs(NOW + HOLD + timedelta(seconds=1)) == ["done"]
    assert list(JobRun.objects.order_by("pk").values_list("state", flat=True)) == ["lost", "done"]


def test_a_failure_is_told_and_tried_again_later_and_later(work: Work) -> None:
    settle(NOW)
    work.trouble = "the disk is full"
    at = NOW + DAY
    for wait in JOBS["work"].retries:
        assert runs(at) == ["failed"]
        row = Job.objects.get()
        ended = JobRun.objects.latest("pk").ended_at
        assert ended is not None
        assert row.next_at - ended == wait
        at = row.next_at
    assert runs(at) == ["failed"]
    assert Job.objects.get().next_at - JobRun.objects.latest("pk").ended_at == DAY
    assert JobRun.objects.latest("pk").said == "ValueError: the disk is full"
    assert standing(NOW)[0].failing
    work.trouble = ""
    assert runs(Job.objects.get().next_at) == ["done"]
    assert Job.objects.get().failures == 0


def test_who_is_asked_to_stop_goes_on_at_once_next_time(work: Work) -> None:
    def stop() -> None:
        raise Stopped

    settle(NOW - DAY)
    assert [run.state for run in run_due(NOW, "a", stop)] == ["stopped"]
    row = Job.objects.get()
    assert (row.holder, row.held_until) == ("", None)
    assert runs(row.next_at) == ["done"]


def test_one_job_is_done_on_demand(work: Work) -> None:
    assert runs(NOW, only="work") == ["done"]
    assert runs(NOW, only="other") == []
    bring_forward(Job.objects.get(), NOW)
    assert runs(NOW) == ["done"]


def test_what_cannot_run_here_is_left_out_with_its_reason(work: Work) -> None:
    settle(NOW - DAY * 2)
    work.reason = "No mail server is set."
    assert runs(NOW) == []
    found = standing(NOW)[0]
    assert (found.words_next, found.late) == ("No mail server is set.", False)
    work.reason = ""
    assert standing(NOW)[0].late


def test_jobs_that_are_gone_go_and_runs_are_kept_up_to_a_number(work: Work) -> None:
    Job.objects.create(name="gone", next_at=NOW)
    for _ in range(KEEP_RUNS + 3):
        runs(NOW, only="work")
    assert list(Job.objects.values_list("name", flat=True)) == ["work"]
    assert JobRun.objects.count() == KEEP_RUNS
