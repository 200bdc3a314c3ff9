"""Meetings as they are prepared, run and followed up; calendars; rhythms that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.services import change_setting
from trackline.kickoff import calendars, services
from trackline.kickoff.models import Action, Cadence, Meeting
from trackline.kickoff.sitting import carried_into, sitting
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
MEETING = registry.get("meeting")
SOON = NOW + timedelta(days=1)
SITE = "https://book.example"


@pytest.fixture
def cast() -> Cast:
    """Everybody around one account."""
    return make_cast()


@pytest.fixture
def review(cast: Cast) -> Any:
    buyer = make(
        "contact", account=cast.account, name="Sabine Keller", buying_role="economic_buyer", is_exec_sponsor=True
    )
    make("contact", account=cast.account, name="Anja Brueckner")
    records.update(system(), registry.get("account"), cast.account.pk, {"exec_sponsor": cast.admin.pk})
    return make("meeting", account=cast.account, title="Review", review="qbr", at=SOON, attendees=[cast.owner.pk, cast.admin.pk],
                contacts=[buyer.pk])  # fmt: skip


def test_who_comes_without_an_invitation_is_invited(review: Any, cast: Cast) -> None:
    services.take_part(system(), review.pk, "us", cast.teammate.pk, "present", True)
    assert set(review.attendees.all()) == {cast.owner, cast.admin, cast.teammate}
    assert list(review.present.all()) == [cast.teammate]
    services.take_part(system(), review.pk, "us", cast.teammate.pk, "present", False)
    assert not review.present.exists()


def test_a_review_is_confirmed_once_sponsors_and_buyer_are(review: Any, cast: Cast) -> None:
    found = sitting(system(), review.pk)
    assert found.kind == "review" and found.should_move
    assert found.known.missing_seats == ["our sponsor", "their sponsor", "economic buyer"]
    services.take_part(system(), review.pk, "us", cast.admin.pk, "confirmed", True)
    services.take_part(system(), review.pk, "customer", review.contacts.get().pk, "confirmed", True)
    found = sitting(system(), review.pk)
    assert not found.known.missing_seats and not found.should_move
    assert next(one.done for one in found.prepared if one.item.key == "sponsors")


def test_an_executive_review_is_held_back_on_its_page_and_in_the_api(review: Any, cast: Cast, client: Client) -> None:
    eve = {"review": "ebr", "at": timezone.now() + timedelta(hours=4)}
    records.update(system(), registry.get("meeting"), review.pk, eve)
    for who in (cast.owner, cast.teammate, cast.facilitator):
        client.force_login(who)
        assert "Hold this executive review back" in client.get(f"/meetings/{review.pk}").content.decode()
    client.force_login(cast.outsider)
    assert client.get(f"/meetings/{review.pk}").status_code == 404
    found = Api(cast.owner).get(f"/meetings/{review.pk}/preparation").json()
    assert found["holding_back"] == ["frozen", "asks", "so_what", "contingencies", "milestone_plan"]
    for key in found["holding_back"]:
        services.tick(system(), review.pk, key, True)
    assert Api(cast.owner).get(f"/meetings/{review.pk}/preparation").json()["holding_back"] == []
    records.update(system(), registry.get("meeting"), review.pk, {"prepared": [], "status": "rescheduled"})
    assert Api(cast.owner).get(f"/meetings/{review.pk}/preparation").json()["holding_back"] == []


def test_an_agenda_from_a_preset_gives_the_meeting_its_length(review: Any) -> None:
    services.set_agenda(system(), review.pk, "qbr_001")
    review.refresh_from_db()
    assert review.duration_min == 60 and review.agenda.startswith("5 min Welcome")
    assert sitting(system(), review.pk).minutes == 60
    with pytest.raises(Invalid):
        services.set_agenda(system(), review.pk, "nothing")


def test_lines_become_actions_and_decisions(review: Any, cast: Cast) -> None:
    made = services.capture(system(), review.pk, "action", f"Send the summary @{cast.owner.username} by +1w")
    assert (made.title, made.owner, made.due_on, made.origin) == (
        "Send the summary", cast.owner, NOW.date() + timedelta(days=7), "meeting",
    )  # fmt: skip
    theirs = services.capture(system(), review.pk, "action", "Name a controller @keller")
    assert (theirs.side, theirs.client_owner.name, theirs.owner) == ("customer", "Sabine Keller", None)
    decided = services.capture(system(), review.pk, "decision", "Second line goes ahead")
    assert (decided.meeting_id, decided.status) == (review.pk, "open")
    with pytest.raises(Invalid, match="Nobody here is called"):
        services.capture(system(), review.pk, "action", "Send it @nobody")
    with pytest.raises(Invalid):
        services.capture(system(), review.pk, "action", "   ")


def test_a_review_seeks_three_decisions_at_most(review: Any) -> None:
    for number in range(3):
        make("decision", account=review.account, meeting=review, title=f"Decision {number}")
    with pytest.raises(Invalid, match="at most 3"):
        make("decision", account=review.account, meeting=review, title="One more")
    first = review.decisions.first()
    records.update(system(), registry.get("decision"), first.pk, {"status": "decided"})
    make("decision", account=review.account, meeting=review, title="One more")


def test_the_summary_waits_for_owners_and_dates(review: Any, cast: Cast) -> None:
    loose = make("action", account=review.account, meeting=review, title="Prove the figures", owner=None)
    with pytest.raises(Invalid, match="Prove the figures"):
        records.update(system(), MEETING, review.pk, {"summary_sent_at": NOW})
    records.update(system(), registry.get("action"), loose.pk, {"owner": cast.owner.pk, "due_on": NOW.date()})
    records.update(system(), MEETING, review.pk, {"summary_sent_at": NOW})
    review.refresh_from_db()
    assert review.summary_sent_at == NOW


def test_what_a_held_review_brought(review: Any, cast: Cast) -> None:
    Meeting.objects.filter(pk=review.pk).update(at=NOW - timedelta(hours=2))
    records.update(system(), MEETING, review.pk, {"status": "held"})
    assert sitting(system(), review.pk).effectiveness.value is None
    assert sitting(system(), review.pk).qualified is None
    services.take_part(system(), review.pk, "customer", review.contacts.get().pk, "present", True)
    make("action", account=review.account, meeting=review, title="Ours", owner=cast.owner, due_on=NOW.date())
    found = sitting(system(), review.pk)
    assert found.effectiveness.value == 30 and found.qualified
    services.take_part(system(), review.pk, "us", cast.admin.pk, "present", True)
    services.tick(system(), review.pk, "next_step", True)
    make("action", account=review.account, meeting=review, title="Theirs", side="customer", due_on=NOW.date(), owner=None,
         client_owner=review.contacts.get())  # fmt: skip
    assert sitting(system(), review.pk).effectiveness.value == 100


def test_open_actions_are_carried_into_the_next_meeting(cast: Cast) -> None:
    cadence = make(
        "cadence", name="Rhythm", type="other", account=cast.account, frequency="weekly", anchor_on=NOW.date()
    )
    before = make("meeting", account=cast.account, cadence=cadence, at=NOW - timedelta(days=7))
    other = make("meeting", account=cast.account, at=NOW - timedelta(days=7), title="Elsewhere")
    after = make("meeting", account=cast.account, cadence=cadence, at=NOW + timedelta(days=7))
    carried = make("action", account=cast.account, meeting=before, title="Carried")
    make("action", account=cast.account, meeting=before, title="Done", status="done")
    make("action", account=cast.account, meeting=other, title="Of another cadence")
    assert list(carried_into(after)) == [carried]
    assert not carried_into(before).exists()


def test_a_rhythm_keeps_its_hour_through_summer_and_winter(cast: Cast) -> None:
    cadence = make("cadence", name="Rhythm", type="other", account=cast.account, frequency="monthly", anchor_on=date(2026, 12, 1), at_time=time(9, 30),
                   time_zone="America/New_York")  # fmt: skip
    made = services.schedule_meetings(system(), cadence.pk, until=date(2027, 7, 31))
    moments = [meeting.at.astimezone(UTC) for meeting in made]
    hours = {(at.month, at.hour, at.minute) for at in moments}
    assert {(12, 14, 30), (7, 13, 30)} <= hours
    with pytest.raises(Invalid, match="time zone"):
        records.update(system(), registry.get("cadence"), cadence.pk, {"time_zone": "Berlin"})


def test_a_meeting_moved_by_a_few_days_is_not_set_again(cast: Cast) -> None:
    cadence = make(
        "cadence",
        name="Rhythm",
        type="other",
        account=cast.account,
        frequency="monthly",
        anchor_on=NOW.date() + timedelta(days=3),
    )
    first, *rest = services.schedule_meetings(system(), cadence.pk)
    records.update(system(), MEETING, first.pk, {"at": first.at + timedelta(days=4)})
    assert services.schedule_meetings(system(), cadence.pk) == []
    assert len(rest) in (11, 12)


def test_another_rhythm_moves_only_what_nobody_has_worked_on(cast: Cast) -> None:
    cadence = make(
        "cadence",
        name="Rhythm",
        type="other",
        account=cast.account,
        frequency="weekly",
        anchor_on=NOW.date() + timedelta(days=1),
        at_time=time(9),
    )
    made = services.schedule_meetings(system(), cadence.pk)
    kept = made[1]
    records.update(system(), MEETING, kept.pk, {"agenda": "10 min Board"})
    records.update(system(), registry.get("cadence"), cadence.pk, {"at_time": "11:00", "frequency": "quarterly"})
    ctx = system().batched()
    gone, came = services.follow_rhythm(ctx, cadence.pk)
    # The one worked on stands near the first quarter's, which is not set beside it.
    assert (gone, came) == (len(made) - 1, 3)
    left = Meeting.objects.filter(cadence=cadence, deleted_at__isnull=True)
    assert left.count() == 4 and kept in left
    assert services.follow_rhythm(system(), cadence.pk) == (0, 0)


def test_a_day_off_moves_a_meeting_where_the_book_says_so(cast: Cast) -> None:
    change_setting(system(), "book.holidays", "DE-BY")
    cadence = make(
        "cadence", name="Rhythm", type="other", account=cast.account, frequency="annual", anchor_on=date(2026, 12, 25)
    )
    (plain,) = services.schedule_meetings(system(), cadence.pk, until=date(2026, 12, 31))
    assert plain.at.date() == date(2026, 12, 25)
    records.delete(system(), MEETING, plain.pk)
    change_setting(system(), "rhythm.shift_weekend", True)
    (moved,) = services.schedule_meetings(system(), cadence.pk, until=date(2026, 12, 31))
    assert moved.at.date() == date(2026, 12, 24)
    for wrong in ("Atlantis", "DE-XX"):
        with pytest.raises(Invalid, match="There is no calendar"):
            change_setting(system(), "book.holidays", wrong)
    with pytest.raises(Invalid, match="not a day"):
        change_setting(system(), "book.days_off", "2026-13-01")


def test_the_cadences_of_a_tier_are_kicked_off_once(cast: Cast) -> None:
    account = make_account("Fresh", owner=cast.owner, tier=2)
    make("cadence", name="Rhythm", account=account, type="client_checkin", frequency="monthly")
    made = services.kick_off_defaults(system(), account)
    assert [(one.type, one.frequency, one.chair) for one in made] == [
        ("internal_sync", "bi_weekly", cast.owner), ("qbr", "semiannual", cast.owner),
    ]  # fmt: skip
    assert Cadence.objects.filter(account=account).count() == 3
    with pytest.raises(Refused):
        services.kick_off_defaults(system(), account)


def events(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def test_a_feed_holds_the_meetings_of_its_person_until_it_is_void(review: Any, cast: Cast) -> None:
    make("meeting", account=cast.account, title="Without the owner", at=SOON)
    ctx = as_user(cast.owner)
    assert calendars.feed_address(ctx) == ""
    calendars.turn_on(ctx)
    token = calendars.feed_address(ctx).removeprefix("/calendar/").removesuffix(".ics")
    (event,) = events(calendars.read_feed(token, NOW, SITE))
    assert event["dtstart"].dt == SOON and str(event["url"]) == f"{SITE}/meetings/{review.pk}"
    records.update(system(), MEETING, review.pk, {"status": "cancelled_by_us"})
    (event,) = events(calendars.read_feed(token, NOW, SITE))
    assert event["status"] == "CANCELLED" and event["sequence"] == 2
    whole = calendars.feed_address(ctx, cast.account.pk).removeprefix("/calendar/").removesuffix(".ics")
    assert len(events(calendars.read_feed(whole, NOW, SITE))) == 2
    calendars.turn_on(ctx)
    for void in (token, whole, token + "x", signing.dumps([cast.owner.pk, 0, 1], salt="other")):
        with pytest.raises(NotFound):
            calendars.read_feed(void, NOW, SITE)


def test_a_feed_shows_what_its_person_may_see_when_it_is_read(review: Any, cast: Cast) -> None:
    ctx = as_user(cast.outsider)
    calendars.turn_on(ctx)
    token = calendars.feed_address(ctx, cast.account.pk).removeprefix("/calendar/").removesuffix(".ics")
    with pytest.raises(NotFound):
        calendars.read_feed(token, NOW, SITE)
    gone = make_user("gone")
    calendars.turn_on(as_user(gone))
    token = calendars.feed_address(as_user(gone)).removeprefix("/calendar/").removesuffix(".ics")
    assert events(calendars.read_feed(token, NOW, SITE)) == []
    type(gone).objects.filter(pk=gone.pk).update(active=False)
    with pytest.raises(NotFound):
        calendars.read_feed(token, NOW, SITE)


def test_queries_of_a_meeting_do_not_grow(review: Any, cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        make("action", account=review.account, meeting=review, title=f"Action {number}", owner=cast.owner)
    with django_assert_max_num_queries(16):
        found = sitting(system(), review.pk)
        assert len(found.actions) == 12 and found.readiness is not None
    assert Action.objects.count() == 12
    assert isinstance(found.end, datetime)
