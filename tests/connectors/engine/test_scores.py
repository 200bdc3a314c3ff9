"""An import brings the scores of the accounts it touched up to date, once, at its end; so does taking it back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from tests.connectors.support import import_files, write
from tests.factories import NOW, as_user, make, make_account, make_model, make_user, system
from trackline.accounts import upkeep
from trackline.accounts.models import Account, Score, ScoreChange
from trackline.accounts.rulebook import book as whole_book
from trackline.accounts.rulebook import listening, pending, refresh
from trackline.accounts.services.observations import record_observations
from trackline.book.models import ScoringRun, Standing
from trackline.connectors import services
from trackline.connectors.engine import run as engine
from trackline.connectors.engine.run import SCORING
from trackline.connectors.models import ImportRun
from trackline.delivery.upkeep import refreshing
from trackline.watch import engine as watch_engine
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db

USAGE = {"active_seat_pct": 95, "core_features_used": 4, "nps_rating": 9, "tickets_open": 0, "targets_met_pct": 95}
RELATIONSHIP = {
    "benefit_realization": 20, "engagement_pct": 20, "escalation_index": 20, "response_latency_hours": 90, "nps": -50,
}  # fmt: skip


def shown(account: Account) -> tuple[Any, Any]:
    account.refresh_from_db()
    return account.health["preset"], account.health["band"]


def test_a_tier_from_a_file_chooses_another_headline(tmp_path: Path, home: Path) -> None:
    account, ada = make_account("Acme", tier=2), make_user("ada", role="admin")
    rows = [
        {"account": str(account.pk), "metric": key, "on": NOW.date().isoformat(), "value": value}
        for key, value in (USAGE | RELATIONSHIP).items()
    ]
    record_observations(system(), rows)
    assert shown(account) == ("usage", "green")
    write(tmp_path, "accounts.csv", "Account ID,Account Name,Tier\n1,Acme,1\n")
    import_files(tmp_path, ctx=as_user(ada))
    account.refresh_from_db()
    assert account.tier == 1
    assert shown(account) == ("relationship", "red")
    services.undo_import(as_user(ada), ImportRun.objects.latest("pk").pk)
    assert shown(account) == ("usage", "green")


def test_champions_from_a_file_reach_the_score_with_cause_and_person(tmp_path: Path, home: Path) -> None:
    account, ada = make_account("Acme"), make_user("ada", role="admin")
    unit = make("business_unit", account=account, name="Graz")
    values = {"benefit_realization": 95, "engagement_pct": 95, "escalation_index": 0, "response_latency_hours": 4}
    day = NOW.date().isoformat()
    rows = [{"account": str(account.pk), "metric": key, "on": day, "value": value} for key, value in values.items()]
    rows += [
        {"account": str(account.pk), "metric": key, "on": day, "value": value}
        for key, value in {"nps": 60, "csat": 5, "share_of_voice_pct": 50}.items()
    ]
    record_observations(system(), rows)
    for name in ("Jana Reis", "Emil Falk"):
        make("contact", account=account, name=name, buying_role="", business_unit=unit)
    headings = "Full Name,Company,Business Unit,Buying Role\n"
    write(tmp_path, "contacts.csv", f"{headings}Jana Reis,Acme,Graz,champion\nEmil Falk,Acme,Graz,champion\n")
    import_files(tmp_path, ctx=as_user(ada))
    change = ScoreChange.objects.filter(account=account, rule="track.health.relationship").latest("pk")
    assert (change.from_band, change.to_band) == ("amber", "green")
    assert (change.cause["kind"], change.by) == ("record", ada)


def test_scoring_tells_how_far_it_is(tmp_path: Path, home: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = write(tmp_path, "accounts.csv", "Account Name,Tier\nAcme,1\nBolt,2\n")
    for _ in range(2):
        services.import_paths(system(), [path], progress=lambda *at: told.append(at))
    assert [at for at in told if at[0] == SCORING] == [(SCORING, 0, 2), (SCORING, 2, 2)], "again changes nothing"


class Killed(BaseException):
    """The program ends where it stands."""


def test_scores_that_a_killed_import_left_are_computed_by_whoever_comes_next(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = as_user(make_user("ada", role="admin"))
    path = write(tmp_path, "accounts.csv", "Account Name,Tier\nAcme,1\nBolt,2\nCord,3\n")
    monkeypatch.setattr(pending, "CHUNK", 1)
    compute, done = pending.refresh_scores, []

    def die_at_the_second(ids: list[int], *args: Any, **more: Any) -> None:
        if done:
            raise Killed
        done.append(compute(ids, *args, **more))

    monkeypatch.setattr(pending, "refresh_scores", die_at_the_second)
    with pytest.raises(Killed):
        import_files(path, ctx=ada)
    assert (pending.count(), Score.objects.values("account").distinct().count()) == (2, 1)
    monkeypatch.setattr(pending, "refresh_scores", compute)
    again = import_files(path, ctx=ada)
    assert (again.changes, again.scores_pending, pending.count()) == (0, 0, 0)
    assert Score.objects.values("account").distinct().count() == 3
    assert {bool(health) for health in Account.objects.values_list("health", flat=True)} == {True}
    assert set(ScoreChange.objects.values_list("by", flat=True)) == {ada.actor.user_id}


def test_a_file_that_fails_leaves_nothing_to_compute(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_run: Any, _unit: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(engine._Run, "_mark", refuse)
    result = import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"))
    assert (len(result.failed), Account.objects.count(), pending.count()) == (1, 0, 0)


def test_a_database_that_fails_while_scoring_leaves_the_files_and_says_so(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(pending, "refresh_scores", fail)
    result = import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\nBolt\n"))
    assert (Account.objects.count(), result.scores_pending, result.ok) == (2, 2, True)


def test_records_written_one_by_one_are_scored_once_at_the_end(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account("Acme")
    calls = []
    compute = refresh.refresh_scores
    for module in (pending, listening):
        monkeypatch.setattr(
            module, "refresh_scores", lambda ids, *args, **more: (calls.append(list(ids)), compute(ids, *args, **more))
        )
    day = NOW.date().isoformat()
    rows = "".join(f"Acme,{key},{day},{value}\n" for key, value in USAGE.items())
    path = write(tmp_path, "observations.csv", f"Account,Metric,Date,Value\n{rows}")
    result = import_files(path, told={"type": "observation"})
    assert (result.rejected, result.created) == ([], {"observations": len(USAGE)})
    assert calls == [[account.pk]]
    assert shown(account) == ("usage", "green")


def book(folder: Path) -> Path:
    """Three accounts: a champion left one, the deal of another is open, the last has nobody."""
    write(folder, "accounts.csv", "Account ID,Account Name\n1,Acme\n2,Bolt\n3,Cord\n")
    left, lately = (NOW - timedelta(days=9)).date(), (NOW - timedelta(days=3)).date()
    write(
        folder, "contacts.csv",
        "Full Name,Company,Buying Role,Status,Status On,Last Touch\n"
        f"Ann Lee,Acme,champion,departed,{left},\nBo Day,Bolt,,,,{lately}\n",
    )  # fmt: skip
    return folder


def raised() -> list[tuple[str, str]]:
    rows = Alert.objects.filter(deleted_at=None).order_by("account__name", "rule")
    return [(alert.account.name, alert.rule.rpartition(".")[2]) for alert in rows.select_related("account")]


RAISED = [("Acme", "champion_exit"), ("Bolt", "single_thread")]


def test_an_import_ends_with_every_signal_of_its_accounts(tmp_path: Path, home: Path) -> None:
    import_files(book(tmp_path))
    assert raised() == RAISED
    risks = Score.objects.filter(rule="watch.churn_risk").order_by("account__name").values_list("value", flat=True)
    assert [bool(risk) for risk in risks] == [True, True, False]
    import_files(tmp_path)
    assert raised() == RAISED, "again raises nothing"


def kept() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every column of the scores but their ids, and what stands on the accounts."""
    scores = [{**row, "id": None} for row in Score.objects.order_by("account", "rule", "preset", "on").values()]
    return scores, list(Account.objects.order_by("pk").values("pk", "health", "completeness", "completeness_on"))


def test_a_refresh_finds_the_scores_of_an_import_to_the_last_digit(tmp_path: Path, home: Path) -> None:
    rows = "".join(
        f"Deal {at},{name},{stage},{chance},{1000.37 * at},{(NOW + timedelta(days=30 * at)).date()}\n"
        for at, (name, stage, chance) in enumerate(
            [("Acme", "Proposal", 35), ("Acme", "Negotiation", 65), ("Bolt", "Qualification", 15), ("Acme", "", 5)], 1
        )
    )
    write(book(tmp_path), "deals.csv", f"Deal Name,Company,Deal Stage,Probability,Amount,Close Date\n{rows}")
    result = import_files(tmp_path)
    assert result.created["routes"] >= 3
    imported = kept()
    assert len(imported[0]) > 20
    Score.objects.all().delete()
    Account.objects.update(health={}, completeness={}, completeness_on=None)
    refreshing.refresh_book(system(), whole_book.begin(NOW.date(), NOW))
    assert kept() == imported


def test_signals_look_at_an_imported_book_once(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account("Acme")
    looked: list[list[int]] = []
    look = watch_engine.people.sights
    monkeypatch.setattr(
        watch_engine.people, "sights", lambda seen, days: (looked.append(list(seen.ids)), look(seen, days))[1]
    )
    days = [(NOW - timedelta(days=back)).date() for back in (40, 30, 20, 10)]
    rows = "".join(f"Acme,nps,{day},{value}\n" for day, value in zip(days, (60, 61, 62, 30), strict=True))
    path = write(tmp_path, "observations.csv", f"Account,Metric,Date,Value\n{rows}")
    result = import_files(path, told={"type": "observation"})
    assert (result.rejected, result.created) == ([], {"observations": 4})
    assert [ids for ids in looked if ids] == [[account.pk]]
    assert raised() == [("Acme", "nps_drop")]


def test_signals_that_a_killed_import_left_are_run_by_whoever_comes_next(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, chunks = upkeep.keep_after, []

    def die_at_the_second(ctx: Any, ids: Any) -> None:
        if chunks:
            raise Killed
        chunks.append(keep(ctx, ids))

    monkeypatch.setattr(pending, "CHUNK", 1)
    monkeypatch.setattr(upkeep, "keep_after", die_at_the_second)
    with pytest.raises(Killed):
        import_files(book(tmp_path))
    assert (raised(), pending.count()) == ([], 2), "Cord, whom the second file did not touch, comes first"
    monkeypatch.setattr(upkeep, "keep_after", keep)
    pending.settle_all(NOW, NOW.date())
    assert (raised(), pending.count()) == (RAISED, 0)


def test_taking_an_import_back_takes_the_alerts_along_that_nobody_has_taken_up(tmp_path: Path, home: Path) -> None:
    ada = as_user(make_user("ada", role="admin"))
    there = make_account("Bolt")
    make("contact", account=there, name="Old Hand", buying_role="champion", status="departed", status_on=NOW.date())
    assert raised() == [("Bolt", "champion_exit")]
    import_files(book(tmp_path), ctx=ada)
    assert raised() == [RAISED[0], ("Bolt", "champion_exit"), ("Bolt", "single_thread")]
    undone = services.undo_import(ada, ImportRun.objects.latest("pk").pk)
    assert raised() == [("Bolt", "champion_exit")], "what was there before stays"
    assert undone.removed["alerts"] == 2
    assert Score.objects.get(account=there, rule="watch.churn_risk").value < 100


def test_the_book_is_ranked_when_an_import_ends_and_when_it_is_taken_back(tmp_path: Path, home: Path) -> None:
    feeds = [{"kind": "field", "name": "arr"}]
    arr = {"key": "arr", "label": "ARR", "group": "ARR", "weight": 100, "direction": "up", "feeds": feeds}
    make_model(name="By revenue", from_on=None, criteria=[arr])
    make_account("Old", arr=150)
    write(tmp_path, "accounts.csv", "Account ID,Account Name,ARR\n1,Acme,300\n2,Bolt,200\n3,Cato,100\n")
    result = import_files(tmp_path)

    def ranked() -> list[str]:
        rows = Standing.objects.filter(run=ScoringRun.objects.latest("pk"), account__deleted_at=None)
        return list(rows.order_by("rank").values_list("account__name", flat=True))

    assert ranked() == ["Acme", "Bolt", "Old", "Cato"]
    services.undo_import(system(), result.run or 0)
    assert ranked() == ["Old"]
    assert ScoringRun.objects.latest("pk").scored == 1
