"""What became of the alerts of the sample book: signals saw them over the days before, their owners answered most of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from trackline.kit.history.models import Change
from trackline.kit.policy import PERMISSIONS, Actor, Context
from trackline.watch import services
from trackline.watch.models import Alert

MOMENTS = ("fired_at", "last_seen_at", "ack_due_at", "diagnose_due_at", "created_at", "updated_at")


def tell(now: datetime, accounts: Mapping[int, str], told: Sequence[Mapping[str, Any]]) -> None:
    """Put each alert back to when its entry of `told` says, then have its owner answer it as far as the entry goes.

    `accounts` are local names by id. Hours count from when the alert fired.
    """
    pairs = [(alert, _entry(alert, accounts, told)) for alert in Alert.objects.select_related("owner").order_by("pk")]
    for alert, entry in pairs:
        back = timedelta(hours=entry.get("ago", 0))
        for moment in MOMENTS:
            setattr(alert, moment, getattr(alert, moment) - back)
        Change.objects.filter(record_type="alert", record_id=alert.pk).update(at=now - back)
    Alert.objects.bulk_update([alert for alert, _ in pairs], MOMENTS)
    for alert, entry in pairs:
        if "acknowledged" in entry:
            services.acknowledge(_owner(alert, entry["acknowledged"]), alert.pk)
        if "diagnosed" in entry:
            services.diagnose(_owner(alert, entry["diagnosed"]), alert.pk, entry["says"])


def _entry(alert: Alert, accounts: Mapping[int, str], told: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    signal, account = alert.rule.rpartition(".")[2], accounts.get(alert.account_id)
    fits = (one for one in told if one["signal"] == signal and one.get("account", account) == account)
    return next(fits, {})


def _owner(alert: Alert, hours: float) -> Context:
    assert alert.owner
    actor = Actor(alert.owner_id, alert.owner.username, frozenset(PERMISSIONS))
    return Context(actor, via="web", now=alert.fired_at + timedelta(hours=hours))
