"""Rules that run on live data: what a room registers so that a rule is computed for accounts and kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Q

from trackline.accounts.models import Account, Metric, Observation, Score
from trackline.core.playbook import Rule
from trackline.core.playbook.collected import Collected, Reading
from trackline.kit.records.services import WriteEvent

T = TypeVar("T")
ALIVE = Q(deleted_at__isnull=True)

__all__ = [
    "Batch",
    "Collected",
    "Follower",
    "LiveRule",
    "Reading",
    "follow",
    "followers",
    "live_rule",
    "live_rules",
    "register",
]


class Batch:
    """What rules share while they collect for some accounts: each read happens once, when it is first asked for."""

    def __init__(self, ids: Iterable[int], days: Sequence[date], rules: Sequence[LiveRule]) -> None:
        """Read the living ones of the accounts for days in order, the last of which is today."""
        self.days, self.today, self.rules = days, days[-1], rules
        self.tiers: dict[int, int | None] = dict(
            Account.objects.filter(ALIVE, pk__in=list(ids)).values_list("pk", "tier")
        )
        self._held: dict[str, Any] = {}

    @property
    def ids(self) -> list[int]:
        """The accounts."""
        return list(self.tiers)

    def once(self, key: str, read: Callable[[], T]) -> T:
        """Return what `read` returns; under the same key it is called once for the batch."""
        if key not in self._held:
            self._held[key] = read()
        found: T = self._held[key]
        return found

    @property
    def rhythms(self) -> Mapping[str, str]:
        """How often each metric of the rules is read, by its key."""
        return dict(self._metrics.values())

    @property
    def readings(self) -> Mapping[int, Mapping[str, Sequence[Reading]]]:
        """Readings of each account by metric key, oldest first, as far back as the rules look."""
        return self.once("readings", self._read)

    @property
    def _metrics(self) -> Mapping[int, tuple[str, str]]:
        wanted = frozenset[str]().union(*(live.metrics for live in self.rules))
        return self.once("metrics", lambda: _metrics(wanted))

    def _read(self) -> dict[int, dict[str, list[Reading]]]:
        found: dict[int, dict[str, list[Reading]]] = {}
        reach = max((live.reach_days for live in self.rules), default=0)
        rows = Observation.objects.filter(
            ALIVE,
            account__in=self.ids,
            metric__in=list(self._metrics),
            on__range=(self.days[0] - timedelta(days=reach), self.today),
        )
        columns = rows.order_by("on").values_list("account_id", "metric_id", "on", "pk", "value")
        for account, metric, on, pk, value in columns:
            key = self._metrics[metric][0]
            found.setdefault(account, {}).setdefault(key, []).append(Reading(on, pk, value))
        return found


def _metrics(keys: Iterable[str]) -> dict[int, tuple[str, str]]:
    rows = Metric.objects.filter(ALIVE, key__in=list(keys), account__isnull=True)
    return {pk: (key, rhythm) for pk, key, rhythm in rows.values_list("pk", "key", "refresh")}


Collect = Callable[[Sequence[int], date, Batch], Mapping[int, Collected]]


@dataclass(frozen=True)
class LiveRule:
    """A rule on live data.

    `collect` returns the inputs of accounts on a day in a constant number of queries; `touches` tells whether a write
    changes them. Observations of `metrics` are told apart by the engine, `reach_days` back. `past` says that it can be
    computed for earlier days too, from observations alone.
    """

    rule: Rule
    collect: Collect
    touches: Callable[[WriteEvent], bool] = field(default=lambda event: False)
    metrics: frozenset[str] = frozenset()
    presets: tuple[str, ...] = ("",)
    past: bool = False
    reach_days: int = 400


_live: dict[str, LiveRule] = {}


def register(live: LiveRule) -> None:
    """Add a rule to those that run on live data."""
    _live[live.rule.id] = live


def live_rules() -> list[LiveRule]:
    """Return the rules that run on live data, by id."""
    return [_live[key] for key in sorted(_live)]


def live_rule(rule_id: str) -> LiveRule | None:
    """Return a rule that runs on live data, or None."""
    return _live.get(rule_id)


Follower = Callable[[Mapping[tuple[int, str, str], Score], Batch], None]
followers: list[tuple[frozenset[str], Follower]] = []


def follow(rule_ids: Iterable[str], follower: Follower) -> None:
    """Have a function called with the newest scores by (account, rule, preset) whenever one of the rules was computed.

    It is called once for each batch of accounts, in the transaction that keeps the scores.
    """
    followers.append((frozenset(rule_ids), follower))
