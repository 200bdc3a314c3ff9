"""Plays and steps: due dates, states, playbooks (CHO-02, CHO-03, RNW-07)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.choose.rules import states
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

PLAY = registry.get("play")
TODAY = NOW.date()


def make_play(**more: Any) -> Any:
    return make("play", **({"account": make_account(), "title": "Book ROI workshop", "horizon": 30} | more))


@pytest.mark.parametrize(("horizon", "due"), [(30, "2025-04-02"), (60, "2025-05-02"), (90, "2025-06-01")])
def test_due_follows_the_horizon(horizon: int, due: str) -> None:
    assert make_play(start_on=date(2025, 3, 3), horizon=horizon).due_on == date.fromisoformat(due)


def test_due_may_be_earlier_not_later() -> None:
    last = TODAY + timedelta(days=30)
    assert make_play(due_on=last).due_on == last
    with pytest.raises(Invalid, match="at the latest"):
        make_play(due_on=last + timedelta(days=1), account=make_account("B"))


def test_a_play_needs_a_horizon_or_a_playbook() -> None:
    with pytest.raises(Invalid, match="playbook"):
        make_play(horizon=None)


@pytest.mark.parametrize("days,allowed", [(7, True), (8, False)])
def test_reopening_within_seven_days(days: int, allowed: bool) -> None:
    play = make_play()
    services.update(system(), PLAY, play.pk, {"status": "in_progress"})
    done = services.update(system(), PLAY, play.pk, {"status": "done"})
    assert done.done_on == TODAY
    later = system(NOW + timedelta(days=days))
    if allowed:
        assert services.update(later, PLAY, play.pk, {"status": "in_progress"}).done_on is None
    else:
        with pytest.raises(Refused, match="within 7 days"):
            services.update(later, PLAY, play.pk, {"status": "in_progress"})


def test_blocking_and_cancelling_need_words() -> None:
    play = make_play()
    for status, field in (("blocked", "blocked_reason"), ("cancelled", "cancel_reason")):
        with pytest.raises(Refused) as problem:
            services.update(system(), PLAY, play.pk, {"status": status})
        assert problem.value.errors[0]["loc"] == [field]
    assert services.update(system(), PLAY, play.pk, {"status": "blocked", "blocked_reason": "No budget"}).status


def test_done_from_planned_is_not_a_move() -> None:
    with pytest.raises(Refused, match="cannot go from Planned to Done"):
        services.update(system(), PLAY, make_play().pk, {"status": "done"})


def test_a_playbook_makes_dated_steps() -> None:
    book = make(
        "playbook",
        key="renewal",
        title="Renewal",
        steps=[
            {"key": "T-30", "title": "Send proposal", "offset_days": 30},
            {"key": "T+14", "title": "Thank", "offset_days": -14},
        ],
    )
    anchor = date(2027, 3, 31)
    play = make_play(horizon=None, title="", playbook=book, anchor_on=anchor)
    assert play.title == "Renewal"
    assert [(step.key, step.due_on) for step in play.steps.order_by("position")] == [
        ("T-30", date(2027, 3, 1)),
        ("T+14", date(2027, 4, 14)),
    ]


@pytest.mark.parametrize(
    ("due", "status", "expected"),
    [
        (TODAY, "open", "due"),
        (TODAY + timedelta(days=7), "open", "due"),
        (TODAY + timedelta(days=8), "open", "pending"),
        (TODAY - timedelta(days=1), "open", "late"),
        (TODAY - timedelta(days=40), "open", "due"),
        (TODAY - timedelta(days=1), "done", "done"),
        (None, "open", "pending"),
    ],
)
def test_state_of_a_step(due: date | None, status: str, expected: str) -> None:
    assert states.step_state(due, status, TODAY, TODAY - timedelta(days=30)) == expected


def test_a_playbook_whose_steps_cannot_start_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        make("playbook", title="Onboarding", steps=[{"title": "Kick-off", "offset_days": 0}, {"offset_days": 30}])
    assert [error["loc"] for error in refused.value.errors] == [["steps", 1, "title"]]


def test_a_playbook_needs_a_title_only() -> None:
    book = make("playbook", title="Hand-over", steps=[{"title": "Kick-off", "offset_days": -7}])
    play = make("play", account=make_account(), playbook=book, start_on=date(2027, 1, 4))
    assert book.key == "hand-over"
    assert list(play.steps.values_list("key", "title", "due_on")) == [("T+7", "Kick-off", date(2027, 1, 11))]
