"""`trackline alerts`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from tests.factories import make, make_account, make_user
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def alerts() -> dict[str, Any]:
    """A grave alert in time, a small one that is late, and one that is closed."""
    account = make_account(owner=make_user("katrin"))
    other = make_account("Halberg Energie", owner=make_user("tim"))
    hour = timedelta(hours=1)
    late = timezone.now() - hour
    return {
        "small": make("alert", account=account, title="Small", rule="small", severity="info", ack_due_at=late),
        "grave": make(
            "alert", account=other, title="Grave", rule="grave", severity="critical", ack_due_at=late + 2 * hour
        ),
        "closed": make("alert", account=account, title="Over", rule="over", state="closed"),
    }


def titles(shell: Shell, *more: str) -> list[str]:
    return [one["title"] for one in shell("alerts", "list", "--json", *more).json["items"]]


def test_the_gravest_come_first_and_options_narrow(shell: Shell, alerts: dict[str, Any]) -> None:
    assert titles(shell) == ["Grave", "Small"]
    assert titles(shell, "--severity", "info") == ["Small"]
    assert titles(shell, "--owner", "tim") == ["Grave"]
    assert titles(shell, "--late") == ["Small"]
    assert titles(shell, "--settled") == ["Over"]
    assert titles(shell, "--account", alerts["grave"].account.key) == ["Grave"]
    told = shell("alerts", "list").out
    assert "acknowledge, 60\u00a0min late" in told
    assert told.index("Grave") < told.index("Small")


def test_an_alert_is_answered(shell: Shell, alerts: dict[str, Any]) -> None:
    pk = str(alerts["grave"].pk)
    assert "Grave: acknowledged." in shell("alerts", "acknowledge", pk, "--owner", "katrin").out
    assert Alert.objects.get(pk=pk).owner.username == "katrin"
    done = shell("alerts", "close", pk, "--verdict", "true_positive", "--note", "Met her", "--json").json
    assert (done["state"], done["verdict"], done["note"]) == ("closed", "true_positive", "Met her")
    assert "Small: dismissed." in shell("alerts", "dismiss", str(alerts["small"].pk), "--reason", "Noise").out
    assert "No alert." in shell("alerts", "list").out


def test_what_cannot_be_done_is_refused(shell: Shell, alerts: dict[str, Any]) -> None:
    assert shell("alerts", "acknowledge", str(alerts["closed"].pk)).code == 1
    assert shell("alerts", "acknowledge", "999999").code == 1
    assert shell("alerts", "close", "1", "--verdict", "maybe", "--note", "x").code == 2
