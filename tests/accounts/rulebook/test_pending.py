"""What a change leaves to be computed is noted with it, computed in chunks, and never forgotten or done twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.rulebook.test_refresh import TODAY, USAGE, WORKED, feed
from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, PendingScore, Recomputation, RuleOverride, Score, ScoreChange
from trackline.accounts.rulebook import adjusting, pending
from trackline.accounts.rulebook.adjusting import Target, draft, effect_of, rule_named, save
from trackline.accounts.rulebook.ledger import Occasion
from trackline.accounts.rulebook.live import live_rules
from trackline.accounts.rulebook.rewiring import change_feeds
from trackline.accounts.services.audit import RULE
from trackline.kit.policy import Context
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

RULE_USAGE = rule_named(USAGE)
LOWER = {"bands": {"green": 60}}


@pytest.fixture
def admin() -> Context:
    return as_user(make_user("ada", role="admin"))


@pytest.fixture
def book() -> list[Account]:
    """Five accounts, all amber at 67.5."""
    accounts = [make_account(f"Account {number}", tier=1 + number % 2) for number in range(5)]
    for account in accounts:
        feed(account, **WORKED)
    return accounts


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scores at a time, so that five accounts are many; a saved version computes none by itself."""
    monkeypatch.setattr(pending, "CHUNK", 2)
    monkeypatch.setattr(adjusting, "settle", lambda *args, **more: 0)


def bands() -> list[str]:
    newest = Score.objects.filter(rule=USAGE, on=TODAY).order_by("account")
    return [score.band for score in newest]


def lines() -> int:
    return ScoreChange.objects.filter(rule=USAGE, cause__kind="parameters").count()


def test_a_saved_version_is_brought_in_step_by_step(admin: Context, book: list[Account]) -> None:
    told = effect_of(draft(RULE_USAGE, Target(), LOWER, from_on=TODAY, today=TODAY), admin)
    row = save(admin, RULE_USAGE, Target(), LOWER, reason="Lower")
    assert (bands(), row.effect) == (["amber"] * 5, None)
    progress = pending.progress_of(USAGE, TODAY)
    assert progress
    assert (progress.label, progress.done, progress.left, progress.done_pct) == (
        f"{RULE_USAGE.title} v1: Lower",
        0,
        5,
        0,
    )
    assert pending.settle(NOW, TODAY, most=2) == 2
    assert bands() == ["green"] * 2 + ["amber"] * 3
    progress = pending.progress_of(USAGE, TODAY)
    assert progress
    assert (progress.done, progress.done_pct) == (2, 40)
    done: list[int] = []
    assert pending.settle_all(NOW, TODAY, done.append) == 3
    assert done == [2, 1]
    assert bands() == ["green"] * 5
    row.refresh_from_db()
    assert row.effect == told.summary
    assert row.effect["bands"] == [{"from": "amber", "to": "green", "count": 5}]
    assert pending.progress_of(USAGE, TODAY) is None
    for line in ScoreChange.objects.filter(rule=USAGE, cause__kind="parameters"):
        assert (line.cause["record_type"], line.cause["record_id"], line.by) == (RULE, str(row.pk), row.created_by)


def test_work_that_is_stopped_goes_on_and_nothing_is_done_twice(
    admin: Context, book: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = save(admin, RULE_USAGE, Target(), LOWER, reason="Lower")
    assert pending.settle(NOW, TODAY, most=2) == 2
    with monkeypatch.context() as patch:
        patch.setattr(pending, "_finish", lambda now: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pending.settle(NOW, TODAY, most=2)
    assert (bands().count("green"), pending.count(), lines()) == (2, 3, 2)
    pending.settle_all(NOW, TODAY)
    row.refresh_from_db()
    assert (bands(), pending.count(), lines(), row.effect["changed"]) == (["green"] * 5, 0, 5, 5)
    assert Recomputation.objects.get().finished_at == NOW


def test_a_write_on_a_pending_account_first_takes_in_what_is_pending(admin: Context, book: list[Account]) -> None:
    save(admin, RULE_USAGE, Target(), LOWER, reason="Lower")
    make("observation", account=book[3], metric="nps_rating", on=TODAY, value=9)
    line = ScoreChange.objects.filter(account=book[3], rule=USAGE).latest("pk")
    assert (line.cause["record_type"], line.to_band) == (RULE, "green")
    assert [one["path"] for one in line.difference["parameters"]] == ["bands.green"]
    assert "relationship" in {one["key"] for one in line.difference["parts"]}
    assert not PendingScore.objects.filter(account=book[3]).exists()
    assert pending.count() == 4


def test_a_second_version_takes_over_what_the_first_left(admin: Context, book: list[Account]) -> None:
    first = save(admin, RULE_USAGE, Target(), LOWER, reason="Lower")
    pending.settle(NOW, TODAY, most=2)
    second = save(admin, RULE_USAGE, Target(), {"bands": {"green": 90}}, reason="Higher")
    assert pending.count() == 5
    pending.settle_all(NOW, TODAY)
    first.refresh_from_db()
    second.refresh_from_db()
    assert bands() == ["amber"] * 5
    assert first.effect["changed"] == 2
    assert second.effect["bands"] == [{"from": "green", "to": "amber", "count": 2}]
    assert not Recomputation.objects.filter(finished_at=None).exists()


def test_only_the_accounts_of_a_tier_are_pending(admin: Context, book: list[Account]) -> None:
    save(admin, RULE_USAGE, Target("tier", 2), LOWER, reason="Lower")
    assert set(PendingScore.objects.values_list("account", flat=True)) == {book[1].pk, book[3].pk}


def test_a_version_of_a_day_to_come_takes_effect_on_its_day(admin: Context, book: list[Account]) -> None:
    day = TODAY + timedelta(days=2)
    row = save(admin, RULE_USAGE, Target(), LOWER, reason="Lower", from_on=day)
    assert pending.begin(day - timedelta(days=1)) == 0
    assert pending.progress_of(USAGE, day - timedelta(days=1)) is None
    assert pending.count() == 0
    waiting = pending.progress_of(USAGE, day)
    assert waiting
    assert (waiting.accounts, waiting.done_pct) == (0, 0)
    assert pending.begin(day) == 1
    assert pending.begin(day) == 0
    pending.settle_all(NOW + timedelta(days=2), day)
    assert set(Score.objects.filter(rule=USAGE, on=day).values_list("band", flat=True)) == {"green"}
    row.refresh_from_db()
    assert row.effect["changed"] == 5
    assert lines() == 5


def test_other_feeds_are_brought_in_the_same_way(
    admin: Context, book: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trackline.accounts.rulebook.rewiring.settle", lambda *args: 0)
    change_feeds(admin, USAGE, {"max_age_days": {"weekly": 1}})
    assert (pending.count(), Recomputation.objects.get().rule) == (5, USAGE)
    pending.settle_all(NOW, TODAY)
    assert pending.count() == 0


def test_goals_are_brought_in_and_counted(admin: Context) -> None:
    account = make_account()
    dates = {"start_on": TODAY - timedelta(days=50), "due_on": TODAY + timedelta(days=50)}
    goal = make("goal", account=account, title="Scrap", baseline=0, target=100, current=42, **dates)
    row = save(admin, rule_named("reveal.goal.progress"), Target(), {"at_risk_gap": -5}, reason="Stricter")
    goal.refresh_from_db()
    assert goal.status == "on_track"
    pending.settle_all(NOW, TODAY)
    goal.refresh_from_db()
    row.refresh_from_db()
    assert goal.status == "at_risk"
    told = {"record_type": "goal", "records": 1, "accounts": 1, "changed": 1, "tiers": 0}
    assert row.effect == told | {"bands": [{"from": "green", "to": "amber", "count": 1}]}


def test_several_rules_of_several_accounts_are_one_cause(book: list[Account]) -> None:
    rules = [USAGE, "accounts.stakeholders.coverage"]
    made = pending.mark([one.pk for one in book], rules, Occasion(NOW), on=TODAY)
    assert (made.rule, made.accounts, pending.count()) == ("", 5, 10)
    assert pending.settle_all(NOW, TODAY) == 10
    made.refresh_from_db()
    assert made.finished_at


def test_a_rule_that_is_gone_and_an_account_that_was_deleted_hold_up_nothing(book: list[Account]) -> None:
    services.delete(system(), registry.get("account"), book[0].pk)
    pending.mark([book[0].pk, book[1].pk], ["track.health.gone", USAGE], Occasion(NOW), on=TODAY)
    pending.settle_all(NOW, TODAY)
    assert pending.count() == 0


def test_queries_do_not_grow_with_the_accounts_of_a_step(admin: Context, book: list[Account]) -> None:
    save(admin, RULE_USAGE, Target(), LOWER, reason="Lower")
    counts = []
    for most in (1, 4):
        with CaptureQueriesContext(connection) as seen:
            pending.settle(NOW, TODAY, most=most)
        counts.append(len(seen))
    # The first step keeps the parameters of the version, the last closes its cause.
    assert abs(counts[0] - counts[1]) <= 3


def test_saving_writes_version_and_note_together(
    admin: Context, book: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adjusting, "mark_book", lambda *args, **more: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        save(replace(admin), RULE_USAGE, Target(), LOWER, reason="Lower")
    assert not RuleOverride.objects.exists()


def test_a_new_account_is_computed_with_its_own_write() -> None:
    make_account("Warm", tier=1)
    with CaptureQueriesContext(connection) as few:
        account = make_account("Fresh", tier=1)
    assert {live.rule.id for live in live_rules()} == set(
        Score.objects.filter(account=account).values_list("rule", flat=True)
    )
    account.refresh_from_db()
    assert (account.health["band"], account.completeness["total"] > 0, pending.count()) == ("unknown", True, 0)
    for number in range(6):
        make("contact", account=account, name=f"Person {number}")
    with CaptureQueriesContext(connection) as many:
        make_account("Another", tier=1)
    assert len(many) == len(few), "whatever the book holds"
    assert len(few) <= 90, "each rule that runs on live data asks two or three"


def test_an_account_that_comes_back_is_computed_anew() -> None:
    account = make_account("Gone")
    services.delete(system(), registry.get("account"), account.pk)
    Score.objects.all().delete()
    services.restore(system(), registry.get("account"), account.pk)
    assert Score.objects.filter(account=account).count() == len(live_rules())
