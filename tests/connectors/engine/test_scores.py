"""An import brings the scores of the accounts it touched up to date, once, at its end; so does taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import import_files, write
from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, ScoreChange
from trackline.accounts.services.observations import record_observations
from trackline.connectors import services
from trackline.connectors.engine.run import SCORING
from trackline.connectors.models import ImportRun

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
