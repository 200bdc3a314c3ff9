"""Inputs of the readiness for expansion: five conditions out of value, people, log, routes and the renewal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Min, Q

from trackline.accounts.models import Account, Contact
from trackline.accounts.rulebook.live import Batch, Collected
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.rules.stakeholder_map import is_active
from trackline.align.models import OPEN_CYCLES, Route
from trackline.align.rules.expansion import readiness
from trackline.align.rules.gate import OPEN
from trackline.align.rules.live_inputs import wiring
from trackline.reveal.models import ValueOutcome
from trackline.track.models import Note
from trackline.track.newest import Newest, newest_reading

ALIVE = Q(deleted_at__isnull=True)
RATING = "champion_rating"
"""The input that a metric feeds."""
Told = dict[str, Any]


@dataclass
class _Facts:
    """What the records of one account say."""

    returns: list[Told] = field(default_factory=list)
    rating: Newest | None = None
    rating_metric: str = ""
    champions: list[tuple[bool | None, Told]] = field(default_factory=list)
    buyer_knows: list[Told] = field(default_factory=list)
    uses: list[Told] = field(default_factory=list)
    renewal: tuple[date, Told] | None = None


def collect_readiness(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Return the five conditions of each account with the records that say so, in five queries."""
    facts: dict[int, _Facts] = defaultdict(_Facts)
    _read_value(facts, ids, on)
    _read_champions(facts, ids, on)
    _read_log(facts, ids, on)
    _read_renewals(facts, ids, on)
    for pk in ids:
        facts[pk].rating_metric, facts[pk].rating = newest_reading(batch, readiness.id, RATING, pk, on)
    return {pk: _collected(facts[pk], on) for pk in ids}


def _read_value(facts: Mapping[int, _Facts], ids: Sequence[int], on: date) -> None:
    wired = wiring()
    since = on - timedelta(days=max(wired.roi_days, wired.buyer_days))
    rows = ValueOutcome.objects.filter(ALIVE, account__in=ids, verified_on__range=(since, on)).order_by("-verified_on")
    for pk, outcome, title, money, day, role in rows.values_list(
        "account", "pk", "title", "money", "verified_on", "verified_by__buying_role"
    ):
        told, age = origin("value_outcome", outcome, title, day, on), (on - day).days
        if money and age <= wired.roi_days:
            facts[pk].returns.append(told)
        if role == "economic_buyer" and age <= wired.buyer_days:
            facts[pk].buyer_knows.append(told)


def _read_champions(facts: Mapping[int, _Facts], ids: Sequence[int], on: date) -> None:
    rows = Contact.objects.filter(ALIVE, account__in=ids, status="active", buying_role="champion")
    for pk, contact, name, touched in rows.order_by(F("last_touch_on").desc(nulls_last=True), "pk").values_list(
        "account", "pk", "name", "last_touch_on"
    ):
        facts[pk].champions.append((is_active(touched, on), origin("contact", contact, name, touched, on)))


def _read_log(facts: Mapping[int, _Facts], ids: Sequence[int], on: date) -> None:
    wired = wiring()
    since = on - timedelta(days=max(wired.buyer_days, wired.use_days))
    notes = Note.objects.filter(ALIVE, account__in=ids, on__range=(since, on)).exclude(tags=[])
    for pk, note, title, day, tags in notes.order_by("-on", "-pk").values_list("account", "pk", "title", "on", "tags"):
        told, age = origin("note", note, title, day, on), (on - day).days
        if set(tags).intersection(wired.buyer_tags) and age <= wired.buyer_days:
            facts[pk].buyer_knows.append(told)
        if set(tags).intersection(wired.use_tags) and age <= wired.use_days:
            facts[pk].uses.append(told)
    routes = Route.objects.filter(ALIVE, account__in=ids, state__in=OPEN, type__in=wired.use_routes)
    for pk, route, title, day in (
        routes.exclude(trigger_event="").order_by("pk").values_list("account", "pk", "title", "state_since")
    ):
        facts[pk].uses.append(origin("route", route, title, day, on))


def _read_renewals(facts: Mapping[int, _Facts], ids: Sequence[int], on: date) -> None:
    open_cycles = Q(renewal_cycles__deleted_at__isnull=True, renewal_cycles__state__in=OPEN_CYCLES)
    rows = Account.objects.filter(pk__in=ids).annotate(cycle_on=Min("renewal_cycles__renewal_date", filter=open_cycles))
    for pk, name, renewal_date, cycle_on in rows.values_list("pk", "name", "renewal_date", "cycle_on"):
        day = renewal_date or cycle_on
        if day is not None:
            facts[pk].renewal = (day, origin("account", pk, name, None, on) | {"on": day.isoformat(), "age_days": 0})


def _collected(facts: _Facts, on: date) -> Collected:
    one = Collected()
    one.values["roi_documented"] = bool(facts.returns)
    one.sources["roi_documented"] = facts.returns
    _add_champion(one, facts, on)
    # Silence is no evidence that he does not know; a log without a mention is one that there was none.
    one.values["economic_buyer_aware"] = True if facts.buyer_knows else None
    one.sources["economic_buyer_aware"] = facts.buyer_knows
    if not facts.buyer_knows:
        one.missing.append({"input": "economic_buyer_aware", "last_on": None})
    one.values["new_use_case"] = bool(facts.uses)
    one.sources["new_use_case"] = facts.uses
    if facts.renewal:
        day, told = facts.renewal
        one.values["days_to_renewal"], one.sources["days_to_renewal"] = (day - on).days, told
    else:
        one.missing.append({"input": "days_to_renewal", "last_on": None})
    return one


def _add_champion(one: Collected, facts: _Facts, on: date) -> None:
    rating, metric = facts.rating, facts.rating_metric
    if rating and rating.fresh:
        one.values["champion_rating"] = rating.value
        told = origin("observation", rating.id, "Champion rating", rating.on, on)
        one.sources["champion_rating"] = told | {"metric": metric}
    else:
        last = rating.on.isoformat() if rating else None
        one.missing.append({"input": "champion_rating", "last_on": last, "metric": metric})
    seen = [active for active, _ in facts.champions]
    active = True if True in seen else None if None in seen else False
    one.values["champion_active"] = active
    one.sources["champion_active"] = [told for _, told in facts.champions]
    if active is None:
        one.missing.append({"input": "champion_active", "last_on": None})
