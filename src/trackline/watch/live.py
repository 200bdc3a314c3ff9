"""Inputs of the room's rules out of alerts, and the signals of the room in the rulebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from trackline.accounts.models import Account, Contact, Observation
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.rulebook.watched import WatchedRule, register_watched
from trackline.kickoff.models import Meeting
from trackline.kit.policy import Context
from trackline.kit.records.services import WriteEvent
from trackline.track.models import Interaction, Issue, Note
from trackline.watch.engine import look, watch_accounts
from trackline.watch.models import Alert
from trackline.watch.rules.churn import churn_risk
from trackline.watch.rules.feeds import feeds
from trackline.watch.services import SETTLED

ALIVE = Q(deleted_at__isnull=True)
LOOKED_AT = (Contact, Observation, Interaction, Issue, Note, Meeting)
"""What signals look at."""


def collect_churn_risk(ids: Sequence[int], on: date, _batch: Batch) -> Mapping[int, Collected]:
    """Return the severities of the alerts open on each account, in two queries; without any the list is empty.

    On an account of which nothing is known no signal can see anything: the input is missing there, not empty.
    """
    found = {pk: Collected({"open_signals": []}, {"open_signals": []}) for pk in ids}
    for pk in set(ids) - _seen(ids):
        found[pk] = Collected(missing=[{"input": "open_signals", "last_on": None, "metric": None}])
    rows = Alert.objects.filter(ALIVE, account__in=ids).exclude(state__in=SETTLED)
    for pk, alert, title, rule, severity, fired_at in rows.order_by("account", "-fired_at", "pk").values_list(
        "account", "pk", "title", "rule", "severity", "fired_at"
    ):
        if found[pk].missing:  # told by somebody, of an account of which nothing else is known
            found[pk] = Collected({"open_signals": []}, {"open_signals": []})
        found[pk].values["open_signals"].append(severity)
        found[pk].sources["open_signals"].append(
            origin("alert", alert, title or rule, timezone.localdate(fired_at), on)
        )
    return found


def _seen(ids: Sequence[int]) -> set[int]:
    """Return the accounts on which a signal has something to look at: a person, a reading, an entry or a meeting."""
    something = Q()
    for model in LOOKED_AT:
        something |= Q(Exists(model.objects.filter(ALIVE, account=OuterRef("pk"))))
    return set(Account.objects.filter(something, pk__in=ids).values_list("pk", flat=True))


def _moves(event: WriteEvent) -> bool:
    """Whether a write moves the index: an alert, or the first thing that signals can look at."""
    if event.rtype.name == "alert":
        return True
    # Readings come by the thousand, and with them the refresh of the book.
    return event.action == "create" and event.rtype.model in LOOKED_AT and event.rtype.model is not Observation


def register_all() -> None:
    """Have the rules of this room computed on live data, and adjusted signals look at the book anew."""
    for rule_id, fed in feeds().items():
        if rule_id == churn_risk.id:
            register(LiveRule(churn_risk, collect_churn_risk, fed, _moves))
        else:
            register_watched(WatchedRule(rule_id, fed, partial(look, rule_id), partial(_run, rule_id)))


def _run(rule_id: str, ctx: Context, ids: Sequence[int]) -> tuple[int, int]:
    found = watch_accounts(ctx, ids, [rule_id])
    return found.fired + found.repeated, found.cleared
