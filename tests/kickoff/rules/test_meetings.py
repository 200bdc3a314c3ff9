"""Agendas, preparation, lines typed in a meeting, how rhythms are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackline.core.workdays import Workdays
from trackline.kickoff.rules import agendas, notes, preparation, rhythm
from trackline.kickoff.rules.defaults import cadences_of
from trackline.kit.records.values import parse_day

PLAIN = Workdays()
AT = datetime(2026, 3, 19, 14, 0, tzinfo=UTC)
NOTHING = preparation.Known(False, False, 0, False, ("our sponsor", "economic buyer"))
ALL = preparation.Known(True, True, 2, True, ())
TODAY = date(2026, 11, 26)
PEOPLE = (
    notes.person(1, "us", "Katrin Vogel", "katrin-vogel"),
    notes.person(2, "us", "Mei Lindgren"),
    notes.person(3, "customer", "Sabine Keller"),
    notes.person(4, "customer", "Katrin Ohm"),
)


def test_every_preset_reads_back_as_it_was_written() -> None:
    for preset in agendas.shipped():
        points = agendas.points(preset.text)
        assert [(point.minutes, point.says) for point in points] == [(b.minutes, b.says) for b in preset.blocks]
        assert points[-1].begins + (points[-1].minutes or 0) == preset.minutes
    assert next(one.minutes for one in agendas.shipped() if one.key == "qbr_001") == 60


def test_an_agenda_longer_than_its_slot_says_so() -> None:
    text = "30 min Value\n31 min Plan\nopen point"
    assert agendas.warnings(text, 60, review=False, decision_maker=None) == [
        "The agenda takes 61 minutes, the meeting has 60."
    ]
    assert agendas.warnings(text, 61, review=False, decision_maker=None) == []


def test_a_review_that_opens_with_tickets() -> None:
    said = agendas.warnings("15 min Support tickets\n60 min Value", 90, review=True, decision_maker=False)
    assert said == ["It opens with tickets; begin with the customer's business.", "Nobody who decides is invited."]
    twenty_percent = agendas.warnings("40 min Value\n10 min Tickets", 60, review=True, decision_maker=True)
    assert twenty_percent == []
    more = agendas.warnings("39 min Value\n10 min Tickets", 60, review=True, decision_maker=True)
    assert more == ["Tickets take 10 of 49 minutes; a review spends at most 20 % on them."]


def test_dates_of_a_review_are_those_of_the_worked_example() -> None:
    found = {one.item.key: one.due for one in preparation.prepared("review", AT, AT, (), NOTHING, PLAIN)}
    assert found["sponsors"].date() == date(2026, 2, 17)
    assert found["health"].date() == date(2026, 3, 5)
    assert found["frozen"].date() == found["agenda"].date() == date(2026, 3, 12)
    assert found["rehearsal"] == datetime(2026, 3, 17, 14, 0, tzinfo=UTC)
    assert found["pre_read"] == datetime(2026, 3, 18, 14, 0, tzinfo=UTC)


def test_what_records_show_counts_and_so_does_a_tick() -> None:
    before = AT - timedelta(days=10)
    nothing = preparation.prepared("review", AT, before, (), NOTHING, PLAIN)
    shown = preparation.prepared("review", AT, before, ("health",), ALL, PLAIN)
    assert preparation.readiness_pct(nothing) == 0
    assert {one.item.key for one in shown if one.done} == {"sponsors", "agenda", "asks", "pre_read", "scribe", "health"}
    assert {one.item.key for one in nothing if one.late} == {"sponsors", "issues", "health"}
    every = [one.item.key for one in nothing]
    assert preparation.readiness_pct(preparation.prepared("review", AT, before, every, NOTHING, PLAIN)) == 100
    assert preparation.readiness_pct([]) is None
    assert not any(one.late for one in preparation.prepared("review", AT, AT, (), NOTHING, PLAIN))


def test_every_readiness_question_of_a_review_is_asked_before_it() -> None:
    found = {one.item.key: one for one in preparation.prepared("review", AT, AT, ("so_what",), NOTHING, PLAIN)}
    assert {"asks", "frozen", "so_what", "contingencies", "milestone_plan"} <= set(found)
    assert found["so_what"].done and not found["contingencies"].done
    assert found["contingencies"].due == AT - timedelta(hours=48)


def test_one_open_question_holds_an_executive_review_back() -> None:
    questions = ["frozen", "asks", "so_what", "contingencies", "milestone_plan"]
    eve = AT - timedelta(hours=1)

    def holding(review: str, now: datetime, ticks: list[str]) -> list[str]:
        found = preparation.prepared("review", AT, now, ticks, NOTHING, PLAIN)
        return [one.item.key for one in preparation.holding_back(review, found)]

    assert sorted(holding("ebr", eve, [])) == sorted(questions)
    assert holding("qbr", eve, []) == []
    for key in questions:
        assert holding("ebr", eve, [one for one in questions if one != key]) == [key]
    assert holding("ebr", eve, questions) == []
    assert holding("ebr", AT - timedelta(hours=48), ["frozen"]) == []
    assert holding("ebr", AT - timedelta(hours=48) + timedelta(minutes=1), ["frozen"]) == [
        "asks",
        "so_what",
        "contingencies",
    ]
    assert holding("ebr", AT, []) == [], "it has begun"


@pytest.mark.parametrize(("sought", "stands"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_review_seeks_one_to_three_decisions(sought: int, stands: bool) -> None:
    known = preparation.Known(True, True, sought, True, ())
    found = preparation.prepared("review", AT, AT, (), known, PLAIN)
    assert next(one.done for one in found if one.item.key == "asks") is stands


def test_a_review_without_its_buyer_should_move_from_two_business_days_before() -> None:
    monday = datetime(2026, 3, 23, 9, 0, tzinfo=UTC)
    assert not preparation.should_move(monday, datetime(2026, 3, 18, 23, 0, tzinfo=UTC), NOTHING, PLAIN)
    assert preparation.should_move(monday, datetime(2026, 3, 19, 0, 0, tzinfo=UTC), NOTHING, PLAIN)
    assert not preparation.should_move(monday, datetime(2026, 3, 19, 0, 0, tzinfo=UTC), ALL, PLAIN)
    assert not preparation.should_move(monday, monday, NOTHING, PLAIN)


def test_summaries_are_due_by_the_kind_of_meeting() -> None:
    assert preparation.summary_due("customer", "exec_sponsor", AT) == AT + timedelta(hours=1)
    assert preparation.summary_due("own", "internal_sync", AT) == AT + timedelta(hours=2)
    assert preparation.summary_due("customer", "other", AT) == AT + timedelta(hours=24)
    assert preparation.summary_due("review", "qbr", AT).date() == AT.date()


@pytest.mark.parametrize(
    ("typed", "text", "owner", "due"),
    [
        ("Send the value summary @mei by fri", "Send the value summary", 2, date(2026, 11, 27)),
        ("Send it by 12 Dec @keller", "Send it", 3, date(2026, 12, 12)),
        ("@sabine.keller signs by +2w", "signs", 3, date(2026, 12, 10)),
        ("Check tickets by thu", "Check tickets", None, date(2026, 12, 3)),
        ("Check tickets by tomorrow", "Check tickets", None, date(2026, 11, 27)),
        ("Check by 2027-01-05", "Check", None, date(2027, 1, 5)),
        ("Stand by me", "Stand by me", None, None),
        ("Write to ops@example.com", "Write to ops@example.com", None, None),
    ],
)
def test_a_typed_line(typed: str, text: str, owner: int | None, due: date | None) -> None:
    found = notes.read(typed, PEOPLE, TODAY, parse_day)
    assert (found.text, [one.key for one in found.people], found.due) == (text, [owner] if owner else [], due)


def test_a_name_that_two_people_have_is_not_guessed() -> None:
    found = notes.read("Call @katrin", PEOPLE, TODAY, parse_day)
    assert found.called == "katrin" and [one.key for one in found.people] == [1, 4]
    assert found.text == "Call @katrin"
    assert [one.key for one in notes.read("Call @katrin-vogel", PEOPLE, TODAY, parse_day).people] == [1]


@given(st.text(max_size=60))
def test_no_line_breaks_the_reader(typed: str) -> None:
    assert notes.read(typed, PEOPLE, TODAY, parse_day).text is not None


@pytest.mark.parametrize(
    ("frequency", "days"), [("weekly", 10), ("bi_weekly", 21), ("monthly", 46), ("quarterly", 138), ("ad_hoc", None)]
)
def test_how_old_the_last_meeting_may_be(frequency: str, days: int | None) -> None:
    assert rhythm.overdue_days(frequency, Decimal("1.5")) == days


def test_a_day_off_gives_way_to_the_business_day_before_it() -> None:
    calendar = Workdays({date(2026, 12, 25)})
    days = list(
        rhythm.sittings("monthly", date(2026, 10, 25), date(2026, 10, 25), date(2026, 12, 31), calendar, shift=True)
    )
    assert days == [date(2026, 11, 25), date(2026, 12, 24)]
    plain = list(rhythm.sittings("monthly", date(2026, 10, 25), date(2026, 10, 25), date(2026, 12, 31), calendar))
    assert plain == [date(2026, 10, 25), date(2026, 11, 25), date(2026, 12, 25)]
    daily = list(rhythm.sittings("daily", date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 28), calendar))
    assert daily == [date(2026, 12, 24), date(2026, 12, 28)]


def test_each_tier_starts_with_its_cadences() -> None:
    assert [(one.type, one.frequency) for one in cadences_of(2)] == [
        ("internal_sync", "bi_weekly"), ("client_checkin", "monthly"), ("qbr", "semiannual"),
    ]  # fmt: skip
    assert len(cadences_of(1)) == 4 and cadences_of(None) == []
