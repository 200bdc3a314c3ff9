"""The whole book in chunks: stopped in the middle it goes on, finished it begins anew, and queries do not grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.rulebook.test_refresh import TODAY, WORKED, feed
from tests.factories import NOW, make, make_account
from trackline.accounts.models import RefreshRun, Score
from trackline.accounts.rulebook import book
from trackline.accounts.rulebook.live import live_rules
from trackline.accounts.rulebook.refresh import refresh_scores

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """The process ends."""


def test_a_stopped_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [make_account(f"Account {n}").pk for n in range(5)]
    Score.objects.all().delete()
    monkeypatch.setattr(book, "AT_ONCE", 2)
    seen: list[int] = []

    def work(ids: Sequence[int]) -> None:
        refresh_scores(ids, TODAY, at=NOW)
        seen.extend(ids)
        if len(seen) == 4:
            raise Killed

    with pytest.raises(Killed):
        book.begin(TODAY, NOW).go(work)
    assert set(Score.objects.values_list("account", flat=True)) == set(accounts[:2])
    again = book.begin(TODAY, NOW)
    assert (again.resumed_after, again.total) == (2, 5)
    advanced: list[int] = []
    assert again.go(lambda ids: refresh_scores(ids, TODAY, at=NOW), advanced.append) == 3
    assert advanced == [2, 1]
    again.finish(NOW)
    assert set(Score.objects.values_list("account", flat=True)) == set(accounts)
    assert book.begin(TODAY, NOW).resumed_after == 0


def test_what_was_left_yesterday_is_not_taken_up() -> None:
    make_account()
    run = book.begin(TODAY, NOW)
    run.run.done = 1
    run.run.save()
    assert book.begin(TODAY + timedelta(days=1), NOW).resumed_after == 0
    assert RefreshRun.objects.count() == 1


def test_queries_of_all_rules_do_not_grow_with_the_accounts() -> None:
    accounts = [make_account(f"Account {n}", tier=n % 3 + 1) for n in range(7)]
    for account in accounts:
        feed(account, 1, **WORKED)
        make("contact", account=account, name="C", buying_role="champion", is_exec_sponsor=True)
    counts = []
    for on, some in ((TODAY + timedelta(days=60), accounts[:2]), (TODAY + timedelta(days=60), accounts[2:])):
        with CaptureQueriesContext(connection) as captured:
            refresh_scores([one.pk for one in some], on)
        counts.append(len(captured))
    assert counts[0] >= counts[1]
    assert len(live_rules()) >= 2
