"""The worker on the command line, and the jobs it does in a book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from tests.factories import Cast, make, make_cast, system
from trackline.accounts.services.book import change_setting
from trackline.delivery import jobs
from trackline.kickoff.models import Meeting
from trackline.kickoff.services import schedule_meetings
from trackline.kit.jobs import JOBS
from trackline.kit.jobs.models import Job
from trackline.workspace.letters import Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """One account and the people around it."""
    return make_cast()


def test_jobs_are_listed_and_done_on_demand(cast: Cast, shell: Shell) -> None:
    listed = {row["name"]: row for row in shell("worker", "--list", "--json").json}
    assert list(listed) == ["scores", "meetings", "refresh", "letter"]
    assert listed["letter"]["reason"].startswith("No mail server")
    assert shell("worker", "--once").out == "Nothing was due.\n"
    done = shell("worker", "--run", "refresh", "--json")
    assert (done.code, done.json[0]["state"]) == (0, "done")
    assert done.json[0]["said"].startswith("Accounts computed: 1;")
    assert "Nightly refresh" in shell("worker", "--list").out


def test_wrong_use_is_told(cast: Cast, shell: Shell) -> None:
    assert shell("worker", "--once", "--list").code == 2
    wrong = shell("worker", "--run", "lunch")
    assert wrong.code == 1
    assert "The jobs are scores, meetings, refresh, letter." in wrong.err
    assert "No mail server" in shell("worker", "--run", "letter").err


def test_a_failing_job_ends_with_1_and_the_check_names_it(
    cast: Cast, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise OSError("no room left")

    monkeypatch.setattr(jobs, "keep_ahead", broken)
    assert shell("worker", "--run", "meetings").code == 1
    checks = {one["found"]: one for one in shell("check", "--json").json["checks"] if one["name"] == "Jobs"}
    assert checks["Meetings ahead failed: OSError: no room left"]["failed"]


def test_the_check_tells_that_nobody_works(cast: Cast, shell: Shell) -> None:
    shell("worker", "--run", "scores")
    Job.objects.filter(name="refresh").update(next_at=timezone.now() - timedelta(hours=2))
    found = [one["found"] for one in shell("check", "--json").json["checks"] if one["name"] == "Jobs"]
    assert found == ["due and done by nobody: Nightly refresh"]


def test_meetings_stay_set_a_year_ahead(cast: Cast) -> None:
    cadence = make(
        "cadence",
        account=cast.account.pk,
        name="Sync",
        type="ops_pulse",
        frequency="weekly",
        anchor_on=timezone.localdate(),
    )
    ad_hoc = make(
        "cadence",
        account=cast.account.pk,
        name="Now and then",
        type="ops_pulse",
        frequency="weekly",
        anchor_on=timezone.localdate(),
    )
    schedule_meetings(system(timezone.now()), cadence.pk, until=timezone.localdate() + timedelta(days=30))
    removed = Meeting.objects.filter(cadence=cadence).order_by("at")[2]
    Meeting.objects.filter(pk=removed.pk).update(deleted_at=timezone.now())
    assert int(jobs.meetings(timezone.now(), lambda: None).rpartition(" ")[2]) >= 46
    there = Meeting.objects.filter(cadence=cadence, deleted_at__isnull=True)
    assert there.latest("at").at.date() >= timezone.localdate() + timedelta(days=355)
    assert not there.filter(at=removed.at).exists()
    assert not Meeting.objects.filter(cadence=ad_hoc).exists()
    assert jobs.meetings(timezone.now(), lambda: None) == "Meetings set: 0"


def test_rhythms_follow_the_clock_of_the_book(cast: Cast) -> None:
    jobs.register_all()
    after = JOBS["refresh"].next_after
    # 02:00 in Berlin is 01:00 UTC in winter, 00:00 in summer.
    assert after(datetime(2026, 11, 23, 0, 59, tzinfo=UTC)) == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert after(datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert after(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == datetime(2026, 7, 2, 0, tzinfo=UTC)
    # The clock goes back on 25 October 2026.
    assert after(datetime(2026, 10, 24, 12, 0, tzinfo=UTC)) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    letter = JOBS["letter"].next_after
    assert letter(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == datetime(2026, 11, 30, 6, tzinfo=UTC)
    change_setting(system(timezone.now()), "digest.weekday", 5)
    assert letter(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == datetime(2026, 11, 27, 6, tzinfo=UTC)


def test_letters_that_could_not_be_sent_fail_the_job(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [Sent("ada", "sent"), Sent("ben", "failed", "Your week", "refused"), Sent("cem", "nothing")]
    monkeypatch.setattr(jobs, "send_all", lambda _now: iter(sent))
    with pytest.raises(OSError, match="1 could not be sent, 1 were"):
        jobs.letters(timezone.now(), lambda: None)
    del sent[1]
    assert jobs.letters(timezone.now(), lambda: None) == "Letters sent: 1; people with nothing to be told: 1"
