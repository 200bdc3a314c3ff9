"""A card that is moved to another column of the board gets its date (CHO-02, CHO-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOW, make, make_account, system
from trackline.choose.dating import to_column
from trackline.choose.rules import schedule
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


@pytest.mark.parametrize("column", ["30", "60", "90", "later"])
def test_a_step_goes_where_it_is_put(column: str) -> None:
    play = make("play", account=make_account(), title="Win a sponsor", horizon=30)
    step = make("step", play=play, title="Call", due_on=TODAY + timedelta(days=45))
    moved = to_column(system(), "step", step.pk, column)
    assert schedule.bucket(moved.due_on, TODAY) == column
    assert (moved.version == step.version) is (column == "60"), "where it stands already nothing is written"


def test_a_play_gets_the_horizon_that_its_new_date_needs_and_one_undo_takes_both_back() -> None:
    play = make("play", account=make_account(), title="Win a sponsor", horizon=30)
    moved = to_column(system(), "play", play.pk, "60")
    assert (moved.horizon, schedule.bucket(moved.due_on, TODAY)) == (60, "60")
    services.undo(system(), moved.last_change.pk)
    play.refresh_from_db()
    assert (play.horizon, play.due_on) == (30, TODAY + timedelta(days=30))


def test_a_play_is_not_dated_past_ninety_days_from_its_start() -> None:
    play = make("play", account=make_account(), title="Win a sponsor", horizon=90)
    with pytest.raises(Refused, match="ninety days after its start"):
        to_column(system(), "play", play.pk, "later")


def test_a_play_from_a_playbook_goes_anywhere() -> None:
    book = make("playbook", title="Short", steps=[{"title": "Call", "offset_days": -10}])
    play = make("play", account=make_account(), playbook=book)
    assert schedule.bucket(to_column(system(), "play", play.pk, "later").due_on, TODAY) == "later"


def test_other_columns_and_records_are_refused() -> None:
    play = make("play", account=make_account(), title="Win a sponsor", horizon=30)
    with pytest.raises(Invalid):
        to_column(system(), "play", play.pk, "120")
    with pytest.raises(NotFound):
        to_column(system(), "play", 987654, "30")
