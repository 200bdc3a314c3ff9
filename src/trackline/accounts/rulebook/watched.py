"""Rules that raise alerts: what a room registers so that adjusted figures and other feeds reach them, and the preview tells
which would fire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook.feeds import Feeds
from trackline.kit.policy import Context


@dataclass(frozen=True)
class Sighting:
    """What a signal looks at on an account, in words, and whether it fires; `subject` tells one from another."""

    account_id: int
    subject: str
    says: str
    fires: bool


Side = tuple[Overrides, FeedChanges]


@dataclass(frozen=True)
class WatchedRule:
    """A rule that raises alerts.

    `look` says what it sees on accounts on a day under figures and feeds of each side, in a constant number of queries; `run`
    brings the alerts of accounts in step, and returns how many it raised and how many it found over.
    """

    rule_id: str
    feeds: Feeds
    look: Callable[[Sequence[int], date, Sequence[Side]], Iterable[Iterable[Sighting]]]
    run: Callable[[Context, Sequence[int]], tuple[int, int]]


_watched: dict[str, WatchedRule] = {}


def register_watched(found: WatchedRule) -> None:
    """Add a rule to those that raise alerts."""
    _watched[found.rule_id] = found


def watched_rule(rule_id: str) -> WatchedRule | None:
    """Return a rule that raises alerts, or None."""
    return _watched.get(rule_id)
