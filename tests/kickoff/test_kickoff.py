"""Rhythms and meetings (KCK-02, KCK-04, CNV-04)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, make, make_account, make_user, system
from trackline.kickoff.rules import rhythm
from trackline.kickoff.services import schedule_meetings
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

MEETING = registry.get("meeting")


def days(frequency: str, anchor: str, until: str) -> list[str]:
    first = date.fromisoformat(anchor)
    return [day.isoformat() for day in rhythm.occurrences(frequency, first, first, date.fromisoformat(until))]


def test_monthly_keeps_the_anchor_day() -> None:
    assert days("monthly", "2025-01-31", "2025-05-31") == [
        "2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31",
    ]  # fmt: skip


def test_quarterly_from_the_end_of_january() -> None:
    assert days("quarterly", "2025-01-31", "2025-10-31") == ["2025-01-31", "2025-04-30", "2025-07-31", "2025-10-31"]


def test_daily_leaves_out_weekends() -> None:
    assert days("daily", "2026-11-20", "2026-11-24") == ["2026-11-20", "2026-11-23", "2026-11-24"]


def test_ad_hoc_never_meets() -> None:
    assert days("ad_hoc", "2026-01-01", "2027-01-01") == []


@given(
    st.sampled_from([*rhythm.DAYS, *rhythm.MONTHS, "daily"]),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(-400, 1200),
    st.integers(0, 400),
)
def test_a_window_shows_just_what_the_whole_rhythm_has_in_it(
    frequency: str, anchor: date, offset: int, length: int
) -> None:
    start = anchor + timedelta(days=offset)
    end = start + timedelta(days=length)
    whole = [day for day in rhythm.occurrences(frequency, anchor, anchor, end) if day >= start]
    assert list(rhythm.occurrences(frequency, anchor, start, end)) == whole


@pytest.mark.django_db
def test_scheduling_sets_what_is_missing_and_nothing_twice() -> None:
    user = make_user("katrin")
    account = make_account()
    contact = make("contact", account=account, name="Sabine")
    cadence = make(
        "cadence", account=account, name="Weekly sync", type="client_checkin", frequency="weekly",
        anchor_on=NOW.date(), at_time=time(9, 30), participants=[user.pk], client_participants=[contact.pk],
    )  # fmt: skip
    made = schedule_meetings(system(), cadence.pk, until=NOW.date() + timedelta(days=21))
    assert [meeting.at.date() for meeting in made] == [NOW.date() + timedelta(days=7 * week) for week in range(4)]
    assert list(made[0].attendees.all()) == [user]
    assert list(made[0].contacts.all()) == [contact]
    assert schedule_meetings(system(), cadence.pk, until=NOW.date() + timedelta(days=21)) == []


@pytest.mark.django_db
def test_a_cadence_without_rhythm_is_not_scheduled() -> None:
    cadence = make("cadence", account=make_account(), name="A", type="other", frequency="ad_hoc")
    with pytest.raises(Refused):
        schedule_meetings(system(), cadence.pk)


@pytest.mark.django_db
def test_a_meeting_ahead_was_not_held() -> None:
    account = make_account()
    meeting = make("meeting", account=account, title="Review", at=NOW + timedelta(days=1))
    with pytest.raises(Invalid, match="future"):
        services.update(system(), MEETING, meeting.pk, {"status": "held"})
    held = services.update(system(NOW + timedelta(days=2)), MEETING, meeting.pk, {"status": "held"})
    assert held.held_at == held.at
    with pytest.raises(Refused):
        services.update(system(), MEETING, meeting.pk, {"status": "no_show"})
