"""Starting playbooks, what the records meet, and moving the anchor date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, make, make_account, make_user, system
from trackline.choose import checking, moving, starting
from trackline.choose.models import Play, Playbook, Step
from trackline.kit.problems import Invalid
from trackline.kit.records import bulk, services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
IN_100 = TODAY + timedelta(days=100)


def book(key: str) -> Playbook:
    return Playbook.objects.get(key=key)


def start(key: str, account: Any, **more: Any) -> Play:
    found: Play = make("play", account=account, playbook=book(key), **more)
    return found


def steps(play: Play) -> dict[str, Step]:
    return {step.key: step for step in play.steps.filter(deleted_at=None).order_by("position")}


def test_the_shipped_playbooks_are_there_and_stay_as_people_leave_them() -> None:
    from trackline.choose import defaults

    assert Playbook.objects.alive().count() == 14
    services.update(system(), registry.get("playbook"), book("save").pk, {"title": "Rescue"})
    services.delete(system(), registry.get("playbook"), book("up-sell").pk)
    defaults.ensure()
    assert book("save").title == "Rescue"
    assert Playbook.objects.alive().count() == 13


def test_a_renewal_100_days_away() -> None:
    owner, sponsor = make_user("katrin"), make_user("hans")
    account = make_account(owner=owner, exec_sponsor=sponsor, renewal_date=IN_100)
    cycle = make("renewal_cycle", account=account, renewal_date=IN_100)
    legal = make_user("lena")
    play = start("kam_180", account, anchor_on=IN_100, owner=owner, owners={"legal": str(legal.pk)}, left_out=["T-15"])
    found = steps(play)
    assert (play.horizon, play.renewal, play.playbook_version) == (None, cycle, book("kam_180").version)
    assert play.due_on == IN_100 + timedelta(days=14)
    assert len(found) == 13
    assert found["T-75"].due_on == TODAY + timedelta(days=25)
    assert (found["T-75"].owner, found["T-90"].owner, found["T-180"].owner) == (sponsor, legal, owner)
    assert (found["T-15"].status, found["T-15"].evidence) == ("skipped", "Left out at the start.")
    rows = [{"created_at": step.created_at, "due_on": step.due_on, "status": step.status} for step in found.values()]
    from trackline.choose.services import add_step_states

    add_step_states(system(), rows)
    assert [row["state"] for row in rows[:4]] == ["due", "due", "due", "due"], (
        "what began late is due, never late (RNW-04)"
    )


def test_a_plan_says_what_speaks_against_its_days() -> None:
    account = make_account(renewal_date=IN_100)
    found = starting.plan(book("kam_180"), account, TODAY, anchor_on=IN_100)
    by_key = {one.key: one for one in found.steps}
    assert by_key["T-180"].conflicts == ["past"]
    assert "past" not in by_key["T-100"].conflicts
    weekends = [one.key for one in found.steps if one.due_on and one.due_on.weekday() >= 5]
    assert weekends == [one.key for one in found.steps if "weekend" in one.conflicts]
    assert found.past == 3
    assert [(one.role, one.named) for one in found.roles][:2] == [
        ("account_manager", False),
        ("customer_success", False),
    ]
    assert Play.objects.count() == 0


def test_dates_that_an_anchor_may_be_taken_from() -> None:
    account = make_account(renewal_date=IN_100)
    assert [one.label for one in starting.anchors(book("am_90"), account, TODAY)] == ["renewal date of the account"]
    make("contract", account=account, ref="MSA", end_on=IN_100 + timedelta(days=1), notice_days=60)
    cycle = make("renewal_cycle", account=account, renewal_date=IN_100)
    found = starting.anchors(book("am_90"), account, TODAY)
    assert [one.label for one in found] == ["renewal at hand", "end of MSA", "notice on MSA"]
    assert (found[0].renewal, found[2].on) == (cycle.pk, IN_100 - timedelta(days=59))
    workshop = starting.anchors(book("innovation-workshop"), account, TODAY)
    assert [one.on for one in workshop] == [TODAY + timedelta(days=42), TODAY]
    make("meeting", account=account, at=NOW + timedelta(days=7), review="qbr", title="Q4")
    assert [one.label for one in starting.anchors(book("review-preparation"), account, TODAY)] == ["Q4"]


def test_what_the_records_meet_is_done_at_the_start_and_later_by_itself() -> None:
    account = make_account()
    for name, level in (("A", "c_suite"), ("B", "director")):
        make("contact", account=account, name=name, seniority=level)
    play = start("multi-thread", account)
    found = steps(play)
    assert found["levels"].status == "open"
    answers = checking.answers(list(play.steps.select_related("play")), TODAY)
    assert answers[found["levels"].pk].says == "1 level missing; has C-suite, director."
    assert found["chart"].pk not in answers
    make("contact", account=account, name="C", seniority="manager")
    found = steps(play)
    assert (found["levels"].status, found["levels"].done_on) == ("done", TODAY)
    assert found["levels"].evidence == "3 levels: C-suite, director, manager."
    again = start("multi-thread", account)
    assert steps(again)["levels"].status == "done"


def test_who_opens_a_step_again_keeps_it_open() -> None:
    account = make_account()
    play = start("multi-thread", account)
    for level in ("c_suite", "vp", "director"):
        make("contact", account=account, name=level, seniority=level)
    step = steps(play)["levels"]
    assert step.status == "done"
    services.update(system(), registry.get("step"), step.pk, {"status": "open"})
    make("contact", account=account, name="D", seniority="manager")
    assert steps(play)["levels"].status == "open"


def test_meetings_and_actions_answer_too() -> None:
    account = make_account()
    play = start("save", account)
    make(
        "action",
        account=account,
        title="Second engineer on nights",
        due_on=TODAY + timedelta(days=9),
        owner=make_user("m"),
    )
    assert steps(play)["root-cause"].status == "done"
    sponsor = make("contact", account=account, name="Keller", is_exec_sponsor=True)
    assert steps(play)["executive"].status == "open"
    make("interaction", account=account, on=TODAY, kind="call", contacts=[sponsor.pk])
    assert steps(play)["executive"].evidence.startswith("1 conversation with their sponsor")


def test_another_account_meets_nothing() -> None:
    play = start("multi-thread", make_account("A"))
    other = make_account("B")
    for level in ("c_suite", "vp", "director"):
        make("contact", account=other, name=level, seniority=level)
    assert steps(play)["levels"].status == "open"


def test_queries_of_answers_do_not_grow() -> None:
    plays = [start("onboarding", make_account(f"Account {n}")) for n in range(3)]

    def count(some: list[Play]) -> int:
        rows = list(Step.objects.filter(play__in=some).select_related("play"))
        with CaptureQueriesContext(
            connection,
        ) as found:
            checking.answers(rows, TODAY)
        return len(found)

    assert count(plays[:1]) == count(plays)


@pytest.mark.parametrize(
    "given, field",
    [
        ({"owners": {"legal": "999999"}}, "owners"),
        ({"owners": {"legal": "x"}}, "owners"),
        ({"left_out": ["T-1"]}, "left_out"),
        ({"owners": ["x"]}, "owners"),
        ({"left_out": {"a": 1}}, "left_out"),
    ],
)
def test_what_a_start_refuses(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as problem:
        start("am_90", make_account(), anchor_on=IN_100, **given)
    assert problem.value.errors[0]["loc"] == [field]


def test_moving_the_anchor_moves_open_steps_and_one_undo_takes_it_back() -> None:
    account = make_account()
    play = start("am_90", account, anchor_on=IN_100)
    before = {key: step.due_on for key, step in steps(play).items()}
    services.update(system(), registry.get("step"), steps(play)["T-90"].pk, {"status": "done"})
    services.update(system(), registry.get("step"), steps(play)["T-60"].pk, {"due_on": TODAY + timedelta(days=33)})
    seen = moving.preview(system(), play.pk, IN_100 + timedelta(days=14))
    assert (seen.days, len(seen.steps), seen.stay) == (14, 3, 1)
    moved = moving.move(system(), play.pk, IN_100 + timedelta(days=14))
    after = {key: step.due_on for key, step in steps(play).items()}
    assert after["T-90"] == before["T-90"], "what is done stays"
    assert after["T-60"] == TODAY + timedelta(days=47), "a day set by hand moves along"
    assert after["T-7"] == before["T-7"] + timedelta(days=14)
    assert moved.due_on == play.due_on + timedelta(days=14)
    bulk.undo_batch(system(), moved.last_change.batch)
    play.refresh_from_db()
    assert play.anchor_on == IN_100
    assert {key: step.due_on for key, step in steps(play).items()} == before | {"T-60": TODAY + timedelta(days=33)}


def test_a_plain_change_of_the_anchor_moves_steps_in_one_batch_too() -> None:
    play = start("am_90", make_account(), anchor_on=IN_100)
    first = steps(play)["T-7"].due_on
    changed = services.update(system(), registry.get("play"), play.pk, {"anchor_on": IN_100 - timedelta(days=7)})
    assert steps(play)["T-7"].due_on == first - timedelta(days=7)
    bulk.undo_batch(system(), changed.last_change.batch)
    assert steps(play)["T-7"].due_on == first


def test_a_play_offers_to_follow_its_renewal() -> None:
    account = make_account(renewal_date=IN_100)
    cycle = make("renewal_cycle", account=account, renewal_date=IN_100)
    play = start("am_90", account, anchor_on=IN_100, renewal=cycle)
    start("am_120", account, anchor_on=IN_100 - timedelta(days=60))
    start("onboarding", account)
    assert moving.offered([account.pk]) == []
    services.update(system(), registry.get("renewal_cycle"), cycle.pk, {"renewal_date": IN_100 + timedelta(days=30)})
    assert moving.offered([account.pk]) == [play]
    moving.move(system(), play.pk, IN_100 + timedelta(days=30))
    assert moving.offered([account.pk]) == []


def test_a_started_play_keeps_its_steps_when_the_playbook_changes() -> None:
    play = start("am_90", make_account(), anchor_on=IN_100)
    found = book("am_90")
    services.update(system(), registry.get("playbook"), found.pk, {"steps": found.steps[:1]})
    assert len(steps(play)) == 4
    assert play.playbook_version == 1
    assert date.fromisoformat(str(steps(play)["T-90"].due_on)) == IN_100 - timedelta(days=90)
