"""Administrators choose which metric feeds which input of a rule, and how old a reading may be, from a day on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from trackline.accounts.models import Metric, Setting
from trackline.accounts.rulebook.fed import shipped_feeds
from trackline.accounts.rulebook.feeding import SETTING, FeedChanges
from trackline.accounts.rulebook.ledger import Cause, Occasion
from trackline.accounts.rulebook.pending import mark_book, settle
from trackline.accounts.rulebook.preview import Preview, preview_feeds
from trackline.accounts.services.book import change_setting, setting_listeners
from trackline.core.playbook import rulebook
from trackline.core.playbook.feeds import Age, Feed, Feeds
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound

MOST_DAYS = 1100
"""No reading older than three years says anything about today."""
MOST_METRICS = 8
"""So many metrics may be tried in order."""

Fault = tuple[str, str]
"""Where, dotted, and what is wrong."""


def fed_rule(rule_id: str) -> Feeds:
    """Return what feeds a rule on accounts, as shipped. Raises `NotFound` for one that runs on none."""
    feeds = shipped_feeds(rule_id)
    if feeds is None:
        raise NotFound(f"There is no rule {rule_id[:80]} that runs on accounts.")
    return feeds


def change_feeds(
    ctx: Context, rule_id: str, changes: Mapping[str, Any], *, from_on: date | None = None, reason: str = ""
) -> Feeds:
    """Replace what was changed of a rule's feeds; empty changes go back to the default. Returns the feeds in force then.

    Scores follow from that day on, as after another version of figures. Raises `Invalid` with the place of each fault.
    """
    ctx.require(ADMIN)
    since = from_on or ctx.today
    known = checked_feeds(rule_id, changes, since, ctx.today)
    kept = known.having(rule_id, {name: value for name, value in changes.items() if value}, since)
    change_setting(replace(ctx, note=reason) if reason else ctx, SETTING, kept.on(since), valid_from=since)
    return kept.of(rule_id, fed_rule(rule_id), since)


def effect_of_feeds(
    ctx: Context,
    rule_id: str,
    changes: Mapping[str, Any],
    *,
    from_on: date | None = None,
    after: int = 0,
    seconds: float | None = None,
) -> Preview:
    """Return what other feeds would do to the book; stores nothing. Raises `Invalid` as `change_feeds` does."""
    ctx.require(ADMIN)
    since = from_on or ctx.today
    checked_feeds(rule_id, changes, since, ctx.today)
    return preview_feeds(rulebook().get(rule_id), changes, ctx.today, from_on=since, after=after, seconds=seconds)


def checked_feeds(rule_id: str, changes: Mapping[str, Any], since: date, today: date) -> FeedChanges:
    """Return what is changed so far, where the changes fit. Raises `Invalid` with the place of each fault."""
    feeds = fed_rule(rule_id)
    known = FeedChanges.load()
    faults = [*_faults(feeds, changes), *_day_faults(known, since, today)]
    if faults:
        raise Invalid(
            "; ".join(f"{where}: {what}" for where, what in faults),
            [{"loc": where.split("."), "msg": what} for where, what in faults],
        )
    return known


def listen() -> None:
    """Have scores follow every change of the feeds, also one that is taken back."""
    setting_listeners[SETTING] = _on_change


def _on_change(ctx: Context, row: Setting, before: Any) -> None:
    """Note each rule whose feeds are others now as to be computed on every account."""
    for rule_id in sorted({*before, *row.value}):
        feeds = shipped_feeds(rule_id)
        was, now = (held.get(rule_id, {}).get("inputs", {}) for held in (before, row.value))
        if feeds is None or before.get(rule_id) == row.value.get(rule_id):
            continue
        named = [name for name in {**was, **now} if was.get(name) != now.get(name) and name in feeds.inputs]
        what = ", ".join(feeds.inputs[name].label for name in named) or rulebook().get(rule_id).title
        cause = Cause("parameters", "setting", row.pk, f"What feeds {what} was changed")
        mark_book(rule_id, Occasion(ctx.now, cause, ctx.actor.user_id), on=row.valid_from, today=ctx.today)
    settle(ctx.now, ctx.today)


def feeds_json(feeds: Feeds) -> dict[str, Any]:
    """Return feeds as JSON has them: each input with its sources in order, each age with who says so."""
    return {
        "inputs": [
            {
                "name": feed.name,
                "label": feed.label,
                "adjusted": feed.adjusted,
                "fixed": feed.is_fixed,
                "sources": [
                    {
                        "kind": one.kind,
                        "metrics": list(one.metrics),
                        "max_age_days": _age(one.max_age) if one.max_age else None,
                        "records": one.says or None,
                    }
                    for one in feed.sources
                ],
            }
            for feed in feeds.inputs.values()
        ],
        "max_age_days": {rhythm: _age(age) for rhythm, age in feeds.ages.items()},
    }


def _age(age: Age) -> dict[str, Any]:
    return {"value": age.days, "origin": age.origin, "source": age.source, "why": age.why}


def _day_faults(known: FeedChanges, since: date, today: date) -> Iterator[Fault]:
    if since < today:
        yield "from_on", "Today or a later day is expected; what was in force before stays as it was."
    later = [day for day, _ in known.versions if day > since]
    if later:
        yield "from_on", f"Another change begins on {later[-1]}; this one must not begin before it."


def _faults(feeds: Feeds, changes: Mapping[str, Any]) -> Iterator[Fault]:
    inputs, ages = changes.get("inputs") or {}, changes.get("max_age_days") or {}
    for where, value in (("inputs", inputs), ("max_age_days", ages)):
        if not isinstance(value, Mapping):
            yield where, "An object is expected."
            return
    named = {key for one in inputs.values() if isinstance(one, Mapping) for key in _texts(one.get("metrics"))}
    known = set(
        Metric.objects.filter(key__in=named, account__isnull=True, deleted_at__isnull=True).values_list(
            "key", flat=True
        )
    )
    for name, change in inputs.items():
        yield from _input_faults(f"inputs.{name}", name, change, feeds, known)
    for rhythm, days in ages.items():
        if rhythm not in feeds.ages:
            yield f"max_age_days.{rhythm}", f"One of {', '.join(feeds.ages)} is expected."
        elif not _fits(days):
            yield f"max_age_days.{rhythm}", f"A number of days from 1 to {MOST_DAYS} is expected."


def _input_faults(where: str, name: str, change: Any, feeds: Feeds, known: set[str]) -> Iterator[Fault]:
    if name not in feeds.inputs:
        yield where, f"There is no such input. One of {', '.join(feeds.inputs)} is expected."
        return
    if not isinstance(change, Mapping) or not change or set(change) - {"metrics", "max_age_days"}:
        yield where, "An object with metrics, max_age_days or both is expected."
        return
    feed = feeds.inputs[name]
    if feed.is_fixed:
        yield where, "Records feed this input; there is nothing to choose."
        return
    if "max_age_days" in change and not _fits(change["max_age_days"]):
        yield f"{where}.max_age_days", f"A number of days from 1 to {MOST_DAYS} is expected."
    if "metrics" not in change:
        return
    yield from _metric_faults(f"{where}.metrics", _texts(change["metrics"]), feed, known)


def _metric_faults(where: str, metrics: list[str], feed: Feed, known: set[str]) -> Iterator[Fault]:
    if not feed.takes and not feed.several:
        yield where, "Records feed this input; only how old they may be can be chosen."
    elif feed.several and not 1 <= len(metrics) <= MOST_METRICS:
        yield where, f"1 to {MOST_METRICS} keys of metrics are expected, tried in order."
    elif feed.takes and len(metrics) not in feed.takes:
        words = " or ".join(map(str, sorted(feed.takes)))
        yield (
            where,
            f"{words} {'key' if words == '1' else 'keys'} of metrics {'is' if words == '1' else 'are'} expected.",
        )
    for key in metrics:
        if key not in known:
            yield where, f"There is no metric {key[:80]}."


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _fits(days: Any) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS
