"""What people do about an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.choose.models import Play, Playbook
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch import services
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert() -> Any:
    account = make_account(owner=make_user("katrin"), exec_sponsor=make_user("hanna"))
    return make(
        "alert", account=account, rule="watch.signal.champion_exit", severity="critical", title="Mei Tanaka left"
    )


def fresh(alert: Any) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def test_the_way_of_an_alert(alert: Any) -> None:
    tim = make_user("tim")
    services.acknowledge(as_user(tim), alert.pk, owner=tim.pk, eta_at=NOW + timedelta(hours=4))
    found = fresh(alert)
    assert (found.state, found.owner, found.acknowledged_at, found.eta_at) == (
        "acknowledged", tim, NOW, NOW + timedelta(hours=4)
    )  # fmt: skip
    later = NOW + timedelta(hours=2)
    services.diagnose(system(later), alert.pk, "No deputy")
    assert (fresh(alert).diagnosed_at, fresh(alert).diagnosis) == (later, "No deputy")
    services.escalate(system(later), alert.pk, reason="Renewal at stake")
    assert fresh(alert).escalated_to == alert.account.exec_sponsor
    services.close(system(later), alert.pk, verdict="true_positive", note="Met the successor")
    closed = fresh(alert)
    assert (closed.state, closed.verdict, closed.closed_at) == ("closed", "true_positive", later)
    assert closed.note == "Renewal at stake\nMet the successor"
    with pytest.raises(Refused):
        services.acknowledge(system(), alert.pk)


def test_closing_and_dismissing_need_words(alert: Any) -> None:
    with pytest.raises(Invalid):
        services.close(system(), alert.pk, verdict="unjudged", note="done")
    with pytest.raises(Invalid):
        services.close(system(), alert.pk, verdict="true_positive", note=" ")
    with pytest.raises(Invalid):
        services.dismiss(system(), alert.pk, "")
    services.dismiss(system(), alert.pk, "Our own trainer asked")
    assert (fresh(alert).state, fresh(alert).verdict) == ("dismissed", "false_positive")


def test_a_step_can_be_undone(alert: Any) -> None:
    done = services.dismiss(system(), alert.pk, "By mistake")
    records.undo(system(), done.last_change.pk)
    found = fresh(alert)
    assert (found.state, found.verdict, found.closed_at, found.note) == ("open", "unjudged", None, "")


def test_without_a_playbook_a_play_of_thirty_days_starts(alert: Any) -> None:
    records.update(system(), registry.get("playbook"), Playbook.objects.get(key="champion-loss").pk, {"active": False})
    play = services.start_play(system(), alert.pk)
    assert (play.horizon, play.owner, play.account) == (30, alert.owner or alert.account.owner, alert.account)
    assert list(fresh(alert).plays.all()) == [play]


def test_the_playbook_of_the_signal_starts_with_its_steps(alert: Any) -> None:
    book = Playbook.objects.get(key="champion-loss")
    play = services.start_play(system(), alert.pk)
    assert play.playbook == book
    assert Play.objects.get(pk=play.pk).steps.count() >= 1
    services.dismiss(system(), alert.pk, "Done")
    with pytest.raises(Refused):
        services.start_play(system(), alert.pk)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([], ["evidence"]),
        ({"reading": 5}, ["evidence", "reading"]),
        ({"inputs": [1]}, ["evidence", "inputs"]),
        ({"sources": {}}, ["evidence", "sources"]),
        ({"sources": [{"record_type": "contact"}]}, ["evidence", "sources", "0", "record_id"]),
        ({"sources": [{"record_type": "contact", "record_id": "x"}]}, ["evidence", "sources", "0", "record_id"]),
        ({"sources": [{"record_type": 1, "record_id": 1}]}, ["evidence", "sources", "0", "record_type"]),
        ({"sources": [{"record_type": "note", "record_id": 1, "on": "soon"}]}, ["evidence", "sources", "0", "on"]),
        ({"occurrences": [1]}, ["evidence", "occurrences", "0"]),
        ({"signal": 5}, ["evidence", "signal"]),
    ],
)
def test_evidence_has_a_shape(alert: Any, given: Any, place: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        records.update(system(), registry.get("alert"), alert.pk, {"evidence": given}, parse="json")
    assert [error["loc"] for error in refused.value.errors] == [place]
    assert fresh(alert).evidence == {}


def test_evidence_of_that_shape_is_kept_as_it_is(alert: Any) -> None:
    told = {
        "signal": "SIG-07", "inputs": {"days_ago": [3]}, "details": {"points": [1.5, None]}, "version": "1.0",
        "sources": [{"record_type": "contact", "record_id": 5, "label": "Mei", "on": "2026-01-05", "age_days": 3}],
        "owner_role": "account_owner", "occurrences": ["contact:5"],
    }  # fmt: skip
    records.update(system(), registry.get("alert"), alert.pk, {"evidence": told}, parse="json")
    assert fresh(alert).evidence == told
