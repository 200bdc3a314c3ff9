"""Keeps scores in step with the writes that touch their inputs."""

from __future__ import annotations

from trackline.accounts.gathering import is_gathered
from trackline.accounts.models import Metric, RuleOverride
from trackline.accounts.rulebook.carried import carried_rule
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.ledger import Cause
from trackline.accounts.rulebook.live import LiveRule, live_rules
from trackline.accounts.rulebook.pending import settle
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.rulebook.watched import watched_rule
from trackline.accounts.services import observations as bulk
from trackline.kit.policy import Context
from trackline.kit.records import services


def listen() -> None:
    """Subscribe to writes of records and of observations in bulk."""
    services.subscribers.append(_on_write)
    bulk.listeners.append(_on_readings)


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    if event.account_id is None or (event.rtype.is_account and event.action == "delete"):
        return
    by_tier = _adjusted_by_tier() if event.rtype.is_account and "tier" in event.changed else frozenset()
    # A new account is whole, and says of each score what is missing; one that was deleted missed what days change.
    appears = event.rtype.is_account and event.action in ("create", "restore", "merge")
    rules = live_rules() if appears else _touched(event, by_tier)
    if rules and not is_gathered(event.account_id):
        settle(ctx.now, ctx.today, accounts=[event.account_id])
        refresh_scores(
            [event.account_id], ctx.today, rules=rules, cause=_cause(event), by=ctx.actor.user_id, at=ctx.now
        )
    for rule_id in by_tier:
        if carried := carried_rule(rule_id):
            carried.renew(ctx, [event.account_id])
        if watched := watched_rule(rule_id):
            watched.run(ctx, [event.account_id])


def _touched(event: services.WriteEvent, by_tier: frozenset[str]) -> list[LiveRule]:
    if event.rtype.name == "observation":
        key = Metric.objects.filter(pk=event.record.metric_id).values_list("key", flat=True).first()
        changes = FeedChanges.load()
        return [live for live in live_rules() if key in changes.metrics_of(live) or live.touches(event)]
    return [live for live in live_rules() if live.touches(event) or live.rule.id in by_tier]


def _adjusted_by_tier() -> frozenset[str]:
    """Rules whose figures differ by tier, so that an account that moves is judged by others."""
    rows = RuleOverride.objects.filter(scope=RuleOverride.Scope.TIER)
    return frozenset(rows.values_list("rule", flat=True))


def _cause(event: services.WriteEvent) -> Cause:
    change = getattr(event.record, "last_change", None)
    kind = "observation" if event.rtype.name == "observation" else "record"
    label = str(event.record)
    if kind == "observation":
        label = f"{event.record.metric.name}: {label}"
    if event.action != "update":
        label = f"{label} ({'new' if event.action == 'create' else event.action + 'd'})"
    return Cause(kind, event.rtype.name, event.record.pk, label[:200], change.pk if change else None)


def _on_readings(ctx: Context, pairs: set[tuple[int, int]]) -> None:
    """Take note of readings that were written in bulk: each rule for the accounts that got a reading it uses."""
    keys = dict(Metric.objects.filter(pk__in={metric for _, metric in pairs}).values_list("pk", "key"))
    by_rules: dict[tuple[str, ...], set[int]] = {}
    rules, changes = {live.rule.id: live for live in live_rules()}, FeedChanges.load()
    feeding = {key: changes.metrics_of(live) for key, live in rules.items()}
    got: dict[int, set[str]] = {}
    for account, metric in pairs:
        got.setdefault(account, set()).add(keys.get(metric, ""))
    for account, found in got.items():
        fed = tuple(key for key, metrics in feeding.items() if metrics & found)
        if fed:
            by_rules.setdefault(fed, set()).add(account)
    for fed, accounts in by_rules.items():
        chosen = [rules[key] for key in fed]
        refresh_scores(sorted(accounts), ctx.today, rules=chosen, by=ctx.actor.user_id, at=ctx.now)
