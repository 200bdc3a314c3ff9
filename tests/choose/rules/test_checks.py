"""What the records answer about steps, and what is refused as a check."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from trackline.choose.rules.checks import answer, counts_since, problem
from trackline.choose.rules.conditions import CONDITIONS, Seen
from trackline.choose.rules.shipped import in_force, shipped

SINCE, ON = date(2026, 11, 1), date(2026, 11, 23)


def person(pk: int, **more: Any) -> dict[str, Any]:
    given = {
        "id": pk, "label": f"Person {pk}", "level": "director", "role": "", "sponsor": False, "sentiment": "neutral",
        "influence": 3, "owned": True, "since": SINCE,
    }  # fmt: skip
    return given | more


def seen(**rows: list[dict[str, Any]]) -> Seen:
    return Seen(rows, SINCE, ON)


def test_new_contacts_count_from_the_day_of_the_start_and_by_level() -> None:
    check = {"name": "new_contacts", "least": 2, "levels": ["c_suite"]}
    people = [person(1, level="c_suite"), person(2, level="c_suite", since=SINCE - timedelta(days=1)), person(3)]
    found = answer(check, seen(contacts=people))
    assert (found.met, found.found, found.wanted) == (False, 1, 2)
    assert found.says == "1 new contact in C-suite missing; has Person 1."
    more = answer(check, seen(contacts=[*people, person(4, level="c_suite")]))
    assert more.met
    assert more.says == "2 new contacts in C-suite: Person 1, Person 4."


def test_without_facts_all_is_missing() -> None:
    assert answer({"name": "levels_covered", "least": 3}, seen()).says == "3 levels missing; has none."
    assert answer({"name": "issues_owned"}, seen()).met, "what must not be there is not there"


def test_what_must_not_be_there_is_named() -> None:
    people = [person(1, influence=4, owned=False), person(2, influence=3, owned=False)]
    found = answer({"name": "contacts_owned"}, seen(contacts=people))
    assert not found.met
    assert found.says == "1 influential contact without an owner of ours: Person 1."


@pytest.mark.parametrize("days, met", [(365, True), (366, False)])
def test_verified_value_ages(days: int, met: bool) -> None:
    outcomes = [{"label": "Scrap halved", "on": ON - timedelta(days=days)}]
    assert answer({"name": "value_verified", "within_days": 365}, seen(outcomes=outcomes)).met is met


@pytest.mark.parametrize("role, kind, met", [("economic_buyer", "call", True), ("champion", "call", False)])
def test_contact_counts_with_whom_it_asks_for(role: str, kind: str, met: bool) -> None:
    touches = [{"on": SINCE, "kind": kind, "people": [1], "label": "Call"}]
    found = answer(
        {"name": "contact_made", "roles": ["economic_buyer"]}, seen(contacts=[person(1, role=role)], touches=touches)
    )
    assert found.met is met


def test_contact_before_the_start_does_not_count() -> None:
    touches = [{"on": SINCE - timedelta(days=1), "kind": "call", "people": [1], "label": "Call"}]
    assert not answer({"name": "sponsor_contact"}, seen(contacts=[person(1, sponsor=True)], touches=touches)).met


@pytest.mark.parametrize(
    "band, lowest, met",
    [("green", "green", True), ("amber", "green", False), ("amber", "amber", True), ("unknown", "red", False)],
)
def test_health(band: str, lowest: str, met: bool) -> None:
    assert answer({"name": "health_at_least", "band": lowest}, seen(health=[{"band": band, "label": band}])).met is met


def test_a_won_route_counts_once_it_was_won_since_the_start() -> None:
    route = {"label": "Line 5", "type": "cross_sell", "state": "won", "closed": SINCE}
    check = {"name": "route_won", "types": ["cross_sell", "new_unit"]}
    assert answer(check, seen(routes=[route])).met
    assert not answer(check, seen(routes=[route | {"closed": SINCE - timedelta(days=1)}])).met
    assert not answer(check, seen(routes=[route | {"type": "renewal"}])).met


def test_only_the_next_review_is_looked_at() -> None:
    first = {
        "label": "QBR",
        "on": ON,
        "status": "scheduled",
        "review": True,
        "agenda": False,
        "pre_read": False,
        "roles": ["economic_buyer"],
        "sponsor": True,
    }
    later = first | {"on": ON + timedelta(days=90), "agenda": True}
    check = {"name": "review_agenda"}
    assert not answer(check, seen(meetings=[later, first])).met
    assert answer(check, seen(meetings=[later])).met
    attended = {"name": "review_attended_by", "roles": ["economic_buyer"], "sponsor": True}
    assert answer(attended, seen(meetings=[first])).met
    assert not answer(attended, seen(meetings=[first | {"sponsor": False}])).met


@pytest.mark.parametrize(
    "check, wrong",
    [
        ("new_contacts", "A check like"),
        ({"name": "magic"}, "One of"),
        ({"least": 2}, "One of"),
        ({"name": "new_contacts", "least": 0}, "whole number"),
        ({"name": "new_contacts", "least": True}, "whole number"),
        ({"name": "new_contacts", "levels": "c_suite"}, "list of words"),
        ({"name": "new_contacts", "band": "green"}, "takes no band"),
        ({"name": "issues_owned", "least": 1}, "takes no least"),
        ({"name": "health_at_least", "band": "blue"}, "one of red, amber, green"),
        ({"name": "new_contacts", "least": 2, "levels": ["c_suite"]}, ""),
    ],
)
def test_a_check_that_nothing_can_answer_is_refused(check: Any, wrong: str) -> None:
    found = problem(check)
    assert wrong in found if wrong else found == ""


def test_every_condition_answers_on_no_facts() -> None:
    for name, condition in CONDITIONS.items():
        found = answer({"name": name}, seen())
        assert found.met is condition.none
        assert found.says.endswith(".")


def test_what_is_shipped() -> None:
    books = {one.key: one for one in shipped()}
    assert set(books) == {
        "am_90", "am_120", "sam_180", "kam_180", "review-preparation", "save", "relationship-recovery", "cross-sell",
        "up-sell", "onboarding", "multi-thread", "champion-loss", "executive-sponsor-start", "innovation-workshop",
    }  # fmt: skip
    offsets = {
        key: [step["offset_days"] for step in books[key].steps] for key in ("am_90", "am_120", "sam_180", "kam_180")
    }
    assert offsets == {
        "am_90": [90, 60, 30, 7], "am_120": [120, 90, 60, 30, 7], "sam_180": [180, 150, 120, 90, 60, 30, 0],
        "kam_180": [180, 150, 120, 100, 90, 75, 60, 45, 30, 15, 7, 0, -14],
    }  # fmt: skip
    assert in_force(date(2024, 12, 31)) == ()
    assert len(in_force(ON)) == len(books)


def test_a_step_may_count_only_what_is_near_its_own_day() -> None:
    due = ON + timedelta(days=60)
    check = {"name": "meeting_held", "near": 14}
    assert counts_since(check, SINCE, due) == due - timedelta(days=14)
    assert counts_since(check, SINCE, SINCE) == SINCE, "never before the play began"
    assert counts_since({"name": "meeting_held"}, SINCE, due) == SINCE
    reading = [{"metric": "nps", "on": ON - timedelta(days=5), "label": "r"}]
    early = Seen({"readings": reading}, due - timedelta(days=14), ON)
    asked = {"name": "reading", "metric": "nps", "within_days": 30}
    assert answer(asked, early).met
    assert not answer(asked | {"near": 14}, early).met
