"""Rules that run on live data: what a room registers so that a rule is computed for accounts and kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Q

from trackline.accounts.models import Account, Score
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.readings import metrics, readings
from trackline.core.playbook import Rule
from trackline.core.playbook.collected import Collected, Reading
from trackline.core.playbook.columns import Twin
from trackline.core.playbook.feeds import Feeds
from trackline.kit.keys import Keys
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
    "label_of",
    "live_rule",
    "live_rules",
    "register",
]


class Batch:
    """What rules share while they collect for some accounts: each read happens once, when it is first asked for."""

    def __init__(
        self,
        ids: Iterable[int],
        days: Sequence[date],
        rules: Sequence[LiveRule],
        changes: FeedChanges | None = None,
    ) -> None:
        """Read the living ones of the accounts for days in order, the last of which is today.

        `changes` tries other feeds than those that are kept.
        """
        self.days, self.today, self.rules = days, days[-1], rules
        self.tiers: dict[int, int | None] = dict(
            Account.objects.filter(ALIVE, pk__in=Keys(ids)).values_list("pk", "tier")
        )
        self._ids = Keys(self.tiers)
        self._held: dict[str, Any] = {} if changes is None else {"feeds": changes}

    @property
    def ids(self) -> list[int]:
        """The accounts."""
        return self._ids

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

    def _read(self) -> Mapping[int, Mapping[str, Sequence[Reading]]]:
        reach = max((max(live.reach_days, self.changes.oldest) for live in self.rules), default=0)
        since = self.days[0] - timedelta(days=reach)
        return readings(self.ids, self._metrics, since, self.today)

    @property
    def _metrics(self) -> Mapping[int, tuple[str, str]]:
        return self.once(
            "metrics", lambda: metrics(frozenset[str]().union(*(self.changes.read_by(live) for live in self.rules)))
        )

    @property
    def changes(self) -> FeedChanges:
        """What administrators changed of the feeds."""
        return self.once("feeds", FeedChanges.load)

    def feeds(self, live: LiveRule, on: date) -> Feeds:
        """Return what feeds a rule on a day."""
        return self.changes.of(live.rule.id, live.feeds, on)


Collect = Callable[[Sequence[int], date, Batch], Mapping[int, Collected]]


@dataclass(frozen=True)
class LiveRule:
    """A rule on live data.

    `collect` returns the inputs of accounts on a day in a constant number of queries; `feeds` says which readings and records
    those are, `touches` whether a write changes them. Observations of what feeds it, and of `metrics` beside, are told apart by
    the engine, `reach_days` back. `past` says that it can be computed for earlier days too, from observations alone.
    `judged` names the inputs behind each part, where words and parts do not tell by themselves. `twin` finds value and band of
    many accounts at once.
    """

    rule: Rule
    collect: Collect
    feeds: Feeds
    touches: Callable[[WriteEvent], bool] = field(default=lambda event: False)
    metrics: frozenset[str] = frozenset()
    presets: tuple[str, ...] = ("",)
    past: bool = False
    reach_days: int = 400
    judged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    twin: Twin | None = None


_live: dict[str, LiveRule] = {}


def register(live: LiveRule) -> None:
    """Add a rule to those that run on live data."""
    _live[live.rule.id] = live


def live_rules() -> list[LiveRule]:
    """Return the rules that run on live data, by id."""
    return [_live[key] for key in sorted(_live)]


def label_of(rule_id: str, name: str) -> str:
    """Return the label of an input of a rule."""
    live = _live.get(rule_id)
    feed = live.feeds.inputs.get(name) if live else None
    return feed.label if feed else name.replace("_pct", "").replace("_", " ").capitalize()


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
