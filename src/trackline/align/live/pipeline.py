"""Inputs of pipeline value and forecast: open routes in the account's currency, and the target they stand against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Account
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.live import Batch, Collected
from trackline.accounts.rulebook.sources import lacking, origin
from trackline.align.models import Route
from trackline.align.rules.forecast import distribution
from trackline.align.rules.gate import OPEN
from trackline.track.newest import newest_reading

ALIVE = Q(deleted_at__isnull=True)
TARGET = "target"
"""The input that a metric feeds."""


@dataclass(frozen=True)
class OpenRoute:
    """An open route with its value in the account's currency; None without a value or a rate."""

    id: int
    title: str
    state: str
    probability: Decimal | None
    value: Decimal | None
    own_value: Decimal | None
    currency: str
    since: date | None

    def told(self, on: date) -> dict[str, Any]:
        """Say that an input came from this route, and from which amount where it was converted."""
        found = origin("route", self.id, self.title, self.since, on)
        if self.value is not None and self.value != self.own_value:
            found |= {"amount": self.own_value, "currency": self.currency}
        return found

    @property
    def lacks(self) -> list[str]:
        """What its value cannot be told without."""
        if self.own_value is None:
            return ["value"]
        return [] if self.value is not None else [f"exchange rate of {self.currency}"]


def collect_pipeline(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Return the open routes of each account with their values in its currency, in four queries for both collectors.

    A route without a value, or in a currency without a rate, has none and is named in `missing`.
    """
    found = {}
    for pk, routes in _open_routes(ids, on, batch).items():
        given = [{"value": one.value, "probability": one.probability, "state": one.state} for one in routes]
        found[pk] = Collected({"routes": given}, {"routes": [one.told(on) for one in routes]})
        found[pk].missing = [_missing("routes", one, one.lacks) for one in routes if one.lacks]
    return found


def collect_forecast(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Return the open routes of each account as deals, with the target they stand against."""
    found = {}
    for pk, routes in _open_routes(ids, on, batch).items():
        given = [{"value": one.value, "probability": one.probability} for one in routes]
        one = found[pk] = Collected({"deals": given}, {"deals": [route.told(on) for route in routes]})
        for route in routes:
            lacks = [*route.lacks, *(["probability"] if route.probability is None else [])]
            if lacks:
                one.missing.append(_missing("deals", route, lacks))
        metric, newest = newest_reading(batch, distribution.id, TARGET, pk, on)
        if newest and newest.fresh:
            one.values["target"] = newest.value
            one.sources["target"] = origin("observation", newest.id, "Pipeline target", newest.on, on) | {
                "metric": metric
            }
        else:
            last = newest.on.isoformat() if newest else None
            one.missing.append({"input": "target", "last_on": last, "metric": metric})
    return found


def _missing(name: str, route: OpenRoute, lacks: list[str]) -> dict[str, Any]:
    return lacking(name, "route", route.id, route.title, lacks)


def _open_routes(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, list[OpenRoute]]:
    return batch.once(f"open routes {on}", lambda: _read(ids, on))


def _read(ids: Sequence[int], on: date) -> dict[int, list[OpenRoute]]:
    currencies = dict(Account.objects.filter(pk__in=ids).values_list("pk", "currency"))
    rates = rates_in_force(on)
    found: dict[int, list[OpenRoute]] = {pk: [] for pk in ids}
    rows = Route.objects.filter(ALIVE, account__in=ids, state__in=OPEN).order_by("expected_close_on", "pk")
    for account, pk, title, state, chance, amount, currency, since in rows.values_list(
        "account", "pk", "title", "state", "probability", "value", "currency", "state_since"
    ):
        value = rates.between(amount, currency, currencies.get(account, ""))
        found[account].append(OpenRoute(pk, title, state, chance, value, amount, currency, since))
    return found
