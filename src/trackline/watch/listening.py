"""Runs signals on the writes that touch their triggers; all of them where an account is computed as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from trackline.accounts import upkeep
from trackline.accounts.gathering import is_gathered
from trackline.accounts.models import Metric, Score
from trackline.accounts.rulebook.live import Batch, follow
from trackline.accounts.services import observations as bulk
from trackline.core.scales import UNKNOWN
from trackline.kit.policy import Context, system_context
from trackline.kit.records import services
from trackline.track.health import RULES as HEALTH
from trackline.watch.engine import watch_accounts
from trackline.watch.evidence import entries, people, series, surveys
from trackline.watch.models import Alert
from trackline.watch.rules.definitions import definitions

TOUCHES = {
    "contact": (*people.RULES, entries.RHYTHM),
    "interaction": (people.THREAD, people.TOUCH, entries.RHYTHM),
    "meeting": (entries.REVIEW, entries.OVERDUE, entries.CANCELS, entries.RHYTHM),
    "competitor_sighting": (entries.EVALUATION,),
    "survey_case": surveys.RULES,
    "observation": (series.USAGE, series.NPS, series.CHART),
}
"""Signals by the type of record whose writes may fire them."""
TAGGED = ("note", "issue")


def listen() -> None:
    """Subscribe to writes of records, to readings in bulk, and to health; be part of the upkeep of accounts."""
    services.subscribers.append(_on_write)
    bulk.listeners.append(_on_readings)
    follow([rule.id for rule in HEALTH.values()], _on_health)
    upkeep.after_scores(watch_accounts)


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    if event.account_id is None:
        return
    rules: tuple[str, ...] = TOUCHES.get(event.rtype.name, ())
    if event.rtype.name in TAGGED and (event.action != "update" or event.changed & {"tags", "on", "opened_on"}):
        tags = set(event.record.tags or ())
        signals = definitions(ctx.today).values()
        # A tag that was taken away may end what it told.
        rules = tuple(one.rule for one in signals if one.tags and (event.action != "create" or tags & set(one.tags)))
    if rules and not is_gathered(event.account_id):
        watch_accounts(ctx, [event.account_id], rules)


def _on_readings(ctx: Context, pairs: set[tuple[int, int]]) -> None:
    if Metric.objects.filter(pk__in={metric for _, metric in pairs}).exists():
        watch_accounts(ctx, sorted({account for account, _ in pairs}), TOUCHES["observation"])


def _on_health(computed: Mapping[tuple[int, str, str], Score], batch: Batch) -> None:
    now = timezone.now()
    ctx = system_context(now)
    if batch.today != ctx.today:
        return  # a score of another day is history
    rules = (series.FALL, series.RED)
    health = {rule.id for rule in HEALTH.values()}
    known = {account for (account, rule, _), score in computed.items() if rule in health and score.band != UNKNOWN}
    held = Alert.objects.filter(account__in=batch.ids, rule__in=rules, holds=True, deleted_at=None)
    watch_accounts(ctx, sorted(known.union(held.values_list("account_id", flat=True))), rules)
