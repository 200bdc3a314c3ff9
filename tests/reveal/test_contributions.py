"""Accounts that contribute to an objective, taken together (REV-06, REV-08)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, make, make_account, make_cast, system
from trackline.accounts.access import actor_of
from trackline.kit.policy import Context
from trackline.reveal.contributions import contributions
from trackline.reveal.rules.progress import roll_up

TODAY = NOW.date()


def test_goals_together_are_the_simple_mean_and_the_worst_status() -> None:
    found = roll_up([("on_track", Decimal(50)), ("at_risk", Decimal(75)), ("on_track", Decimal(35))])
    assert (round(found.progress_pct or 0, 1), found.worst) == (Decimal("53.3"), "at_risk")


def test_closed_goals_and_those_without_a_reading_are_counted_and_left_out() -> None:
    found = roll_up([("achieved", Decimal(100)), ("not_started", None), ("on_track", Decimal(40))])
    assert (found.active, found.closed, found.unread, found.progress_pct) == (2, 1, 1, 40)
    assert found.worst == "not_started"
    assert roll_up([]).progress_pct is None
    assert roll_up([]).worst == ""


@pytest.fixture
def cast(db: None) -> Cast:
    """People of a book whose accounts are seen by their teams."""
    return make_cast()


def test_an_objective_lists_the_goals_of_all_accounts_in_scope(cast: Cast) -> None:
    objective = make("objective", title="Three outcomes")
    other = make_account("Zeta Works")
    for account, current, status in ((cast.account, 5, None), (cast.account, 8, "cancelled"), (other, 10, None)):
        make(
            "goal", account=account, title=f"Goal {current}", baseline=0, target=20, current=current,
            start_on=TODAY - timedelta(days=50), due_on=TODAY + timedelta(days=50), objectives=[objective.pk],
            **({"status": status} if status else {}),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        found = contributions(system(), objective.pk)
    assert len(asked) == 1
    assert [(one.account.name, one.total.progress_pct, len(one.goals)) for one in found.accounts] == [
        (cast.account.name, 25, 1),
        ("Zeta Works", 50, 1),
    ]
    assert (found.total.progress_pct, found.total.worst) == (Decimal("37.5"), "at_risk")
    mine = contributions(Context(actor_of(cast.owner), NOW, via="web"), objective.pk)
    assert [one.account.name for one in mine.accounts] == [cast.account.name]
    assert contributions(Context(actor_of(cast.outsider), NOW, via="web"), objective.pk).accounts == []
