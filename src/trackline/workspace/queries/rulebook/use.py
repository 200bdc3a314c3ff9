"""Where a rule is at work: on which accounts, with which results, and on which pages it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from trackline.accounts.models import Score
from trackline.accounts.rulebook.carried import carried_rule
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.playbook import Rule
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.services import SETTLED

FRESH_DAYS = 8
"""A score is written anew at least once a week; an older one is stale. Source: HLT-04."""
BANDS = ("green", "amber", "red")

OVERVIEW = ("Overview of each account", "")
FORECAST = ("Forecast and readiness of each account", "")
CONTACTS = ("Contacts of each account", "")

SHOWN_ON: Mapping[str, tuple[tuple[str, str], ...]] = {
    "track.health.": (("Accounts", "/accounts"), ("Today", "/"), OVERVIEW),
    "track.survey.rhi": (("Health and journey of each account", ""),),
    "reveal.goal.progress": (("Goals of each account", ""),),
    "reveal.value.": (("Value of each account", ""),),
    "align.expansion.": (FORECAST, OVERVIEW),
    "align.pipeline.": (FORECAST, OVERVIEW),
    "align.forecast.": (FORECAST,),
    "align.renewal.": (("Contracts and renewals of each account", ""),),
    "accounts.stakeholders.": (CONTACTS,),
    "accounts.stakeholders.coverage": (CONTACTS, OVERVIEW),
    "accounts.stakeholders.touch": (("Today", "/"), CONTACTS),
    "watch.signal.": (("Alerts", "/alerts"), ("Today", "/"), ("Each account", "")),
    "watch.alert.": (("Alerts", "/alerts"),),
    "watch.churn_risk": (("Issues and risks of each account", ""), OVERVIEW),
    "kickoff.execution.": (("Execution of each account", ""),),
    "book.": (("Book", "/book"),),
}
"""Pages that show a rule's results, by the beginning of its id; the longest one counts."""


@dataclass(frozen=True)
class Use:
    """`counts` holds how many accounts have which colour; `without` how many have too little data for a value."""

    live: bool
    accounts: int
    without: int
    provisional: int
    counts: Sequence[tuple[str, int]]
    pages: Sequence[tuple[str, str]]
    carried_by: str = ""
    """The records that carry its result, as their kind is called."""
    signal: bool = False
    """Whether it raises alerts; `alerts` counts those open, `accounts` the accounts that have one."""
    alerts: int = 0


def pages_of(rule_id: str) -> Sequence[tuple[str, str]]:
    """Return the label and address of each page that shows a rule's results; those of one account have no address."""
    found = [key for key in SHOWN_ON if rule_id.startswith(key)]
    return SHOWN_ON[max(found, key=len)] if found else ()


def use_of(ctx: Context, rule: Rule) -> Use:
    """Return where a rule is at work among the accounts in scope; one query for a rule on live data or a signal, else none."""
    pages = pages_of(rule.id)
    if watched_rule(rule.id):
        there = Alert.objects.filter(ctx.actor.account_q("account"), deleted_at=None, account__deleted_at=None)
        on = list(there.filter(rule=rule.id).exclude(state__in=SETTLED).values_list("account_id", flat=True))
        return Use(False, len(set(on)), 0, 0, (), pages, signal=True, alerts=len(on))
    live = live_rule(rule.id)
    if live is None:
        carried = carried_rule(rule.id)
        return Use(False, 0, 0, 0, (), pages, registry.get(carried.record_type).label.lower() if carried else "")
    rows = Score.objects.filter(
        ctx.actor.account_q("account"),
        rule=rule.id,
        preset=live.presets[0],
        on__gt=ctx.today - timedelta(days=FRESH_DAYS),
        account__deleted_at__isnull=True,
    )
    columns = rows.order_by("on").values_list("account_id", "band", "value", "text", "coverage_pct")
    newest = {account: (band, value, text, coverage) for account, band, value, text, coverage in columns}
    counts = Counter(band or "" for band, _value, _text, _coverage in newest.values())
    return Use(
        live=True,
        accounts=len(newest),
        without=sum(value is None and not text for _band, value, text, _coverage in newest.values()),
        provisional=sum(value is not None and coverage < 100 for _band, value, _text, coverage in newest.values()),
        counts=[(band, counts[band]) for band in BANDS if counts[band]],
        pages=pages,
    )
