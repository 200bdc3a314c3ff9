"""Rules of the room on live data: the two health models, and the headline that is made of them (HLT-00)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account, BusinessUnit, Contact, Score
from trackline.accounts.rulebook import queries
from trackline.accounts.rulebook.live import ALIVE, Batch, Collected, LiveRule, follow, live_rule, register
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.settings import setting
from trackline.core.decimals import plain
from trackline.core.playbook.rules import PRESET
from trackline.kit.many import update_columns
from trackline.kit.records.services import WriteEvent
from trackline.track.competition import intrusions_of
from trackline.track.health import BACK_DAYS, JUDGED, RULES, TWINS
from trackline.track.models import Issue
from trackline.track.rules.health_inputs import RELATIONSHIP, collect, headline, reach_days, wiring
from trackline.track.rules.health_relationship import norms_of

SETTLED = (Issue.Status.RESOLVED, Issue.Status.CLOSED)
_PERSON = frozenset({"buying_role", "is_exec_sponsor", "status", "status_on", "business_unit"})
REGULATED = "regulated"
"""The preset of the relationship model for accounts that a tag says are regulated."""
Facts = Mapping[int, dict[str, dict[str, Any]]]


def register_all() -> None:
    """Have the engine compute health, and keep the headline of each account in step with it."""
    feeding = frozenset[str]().union(*(feeds.metrics for feeds in wiring().models.values()))
    for model, rule in RULES.items():
        # Both are computed together, since the headline compares them.
        feeds = wiring().models[model]
        register(
            LiveRule(
                rule, partial(_collect, model), feeds, _touches, feeding, past=True, reach_days=reach_days(feeds),
                judged=JUDGED, twin=TWINS[model],
            )
        )  # fmt: skip
    follow([rule.id for rule in RULES.values()], _store_headlines)


# -- inputs --------------------------------------------------------------------------------------------------------


def _collect(model: str, ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Facts of contacts are not known for the past and count as missing there."""
    facts: Facts = {}
    if model == RELATIONSHIP and on == batch.today:
        facts = batch.once("track.people", lambda: _facts(batch.ids, on))
    readings, rhythms = batch.readings, batch.rhythms
    live = live_rule(RULES[model].id)
    feeds = batch.feeds(live, on) if live else None
    norms = norms_of(on) if model == RELATIONSHIP else None
    start = batch.once("track.fiscal", lambda: int(setting("book.fiscal_year_start_month"))) if norms else 1
    nothing = collect(model, {}, rhythms, {}, on, feeds)
    found = {
        pk: collect(model, readings.get(pk, {}), rhythms, facts.get(pk, {}), on, feeds, norms, start)
        if pk in readings or pk in facts
        else nothing
        for pk in ids
    }
    if model == RELATIONSHIP:
        for pk, told in batch.once("track.regulated", lambda: _regulated(batch.ids, on)).items():
            one = found[pk]
            found[pk] = replace(one, values={**one.values, PRESET: REGULATED}, sources={**one.sources, PRESET: told})
    return found


def _regulated(ids: list[int], today: date) -> Mapping[int, Mapping[str, Any]]:
    """Accounts that a tag says are regulated, so that their trust weighs more; one query."""
    tags = wiring().regulated_tags
    rows = Account.objects.filter(pk__in=ids).exclude(tags=[])
    return {
        pk: origin("account", pk, f"{name}, tag {sorted(tags.intersection(given))[0]}", None, today)
        for pk, name, given in rows.values_list("pk", "name", "tags")
        if tags.intersection(given)
    }


def _facts(ids: list[int], today: date) -> Facts:
    """Champions of each unit, intrusions of competitors, disputes, since when there is no executive sponsor: in six queries."""
    units: dict[int, dict[int, int]] = {}
    for account, unit in BusinessUnit.objects.filter(ALIVE, account__in=ids, active=True).values_list(
        "account_id", "pk"
    ):
        units.setdefault(account, {})[unit] = 0
    champions: dict[int, list[dict[str, Any]]] = {}
    gone: dict[int, tuple[date, int, str]] = {}
    seated: set[int] = set()
    people = Contact.objects.filter(Q(buying_role="champion") | Q(is_exec_sponsor=True), ALIVE, account__in=ids)
    for pk, account, unit_id, role, sponsor, status, on, name in people.order_by("pk").values_list(
        "pk", "account_id", "business_unit_id", "buying_role", "is_exec_sponsor", "status", "status_on", "name"
    ):
        active = status == Contact.Status.ACTIVE
        if role == "champion" and active and unit_id in units.get(account, {}):
            units[account][unit_id] += 1
            champions.setdefault(account, []).append(origin("contact", pk, name, None, today))
        if sponsor and active:
            seated.add(account)
        elif sponsor and on is not None and on <= today:
            gone[account] = max((on, pk, name), gone.get(account, (on, pk, name)))
    facts: dict[int, dict[str, dict[str, Any]]] = {
        account: {
            "champions_per_unit": {
                "value": list(found.values()), "units": list(found), "sources": champions.get(account, [])
            }
        }
        for account, found in units.items()
    }  # fmt: skip
    for account, seen in intrusions_of(ids, today).items():
        facts.setdefault(account, {})["competitive_intrusion"] = seen
    for account, sources in _disputes(ids, today).items():
        facts.setdefault(account, {})["legal_dispute"] = {"value": True, "sources": sources}
    for account, (on, pk, name) in gone.items():
        if account not in seated:
            told = origin("contact", pk, name, on, today)
            facts.setdefault(account, {})["sponsor_exit_days"] = {"value": (today - on).days} | told
    return facts


def _disputes(ids: list[int], today: date) -> Mapping[int, list[dict[str, Any]]]:
    """Issues that a tag says are legal disputes and that nobody closed, by account; one query."""
    tags, found = wiring().dispute_tags, dict[int, list[dict[str, Any]]]()
    rows = Issue.objects.filter(ALIVE, account__in=ids).exclude(status__in=SETTLED).exclude(tags=[])
    for account, pk, title, on, given in rows.order_by("pk").values_list("account", "pk", "title", "opened_on", "tags"):
        if tags.intersection(given):
            found.setdefault(account, []).append(origin("issue", pk, title, on, today))
    return found


def _touches(event: WriteEvent) -> bool:
    name, record = event.rtype.name, event.record
    if name == "contact":
        counts = record.buying_role == "champion" or record.is_exec_sponsor
        return bool(event.changed & _PERSON) if event.action == "update" else counts
    if name == "issue":
        disputed = bool(wiring().dispute_tags.intersection(record.tags or ()))
        return "tags" in event.changed or (disputed and (event.action != "update" or "status" in event.changed))
    if name in ("competitor", "competitor_sighting"):
        return event.action != "update" or bool(event.changed & {"on", "kind"})
    if name == "business_unit":
        return event.action != "update" or "active" in event.changed
    return event.rtype.is_account and event.action == "update" and bool(event.changed & {"tier", "tags"})


# -- headline ------------------------------------------------------------------------------------------------------


def _store_headlines(computed: Mapping[tuple[int, str, str], Score], batch: Batch) -> None:
    """Keep on each account what HLT-00 chooses, with its change in the window; two queries at most."""
    scores = dict(computed)
    ids = [rule.id for rule in RULES.values()]
    lacking = [pk for pk in batch.ids if any((pk, rule_id, "") not in scores for rule_id in ids)]
    if lacking:
        for rule_id in ids:
            scores = queries.latest(lacking, rule_id, on=batch.today) | scores
    before = _before(batch.ids, ids, batch.today)
    told = []
    for pk, tier in batch.tiers.items():
        found = {name: scores.get((pk, rule.id, "")) for name, rule in RULES.items()}
        model = headline(
            tier, {name: (one.value, one.band) if one else (None, "unknown") for name, one in found.items()}
        )
        score = found[model]
        if score is not None:
            told.append((pk, _headline(model, score, before.get((pk, score.rule)), batch.today)))
    update_columns(Account, ("health",), told)


def _before(ids: list[int], rules: list[str], today: date) -> dict[tuple[int, str], Decimal | None]:
    """The score that each account had when the window began."""
    window = today - timedelta(days=wiring().window_days)
    rows = Score.objects.filter(
        account__in=ids, rule__in=rules, preset="", on__range=(window - timedelta(days=BACK_DAYS), window)
    )
    columns = rows.order_by("on").values_list("account_id", "rule", "value")
    return {(pk, rule): value for pk, rule, value in columns}


def _headline(model: str, score: Score, then: Decimal | None, today: date) -> dict[str, Any]:
    return {
        "value": plain(score.value),
        "band": score.band,
        "as_of": today.isoformat(),
        "preset": model,
        "coverage_pct": plain(score.coverage_pct),
        "change": None if score.value is None or then is None else plain(score.value - then),
    }
