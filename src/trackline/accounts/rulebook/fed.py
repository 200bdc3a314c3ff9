"""What feeds each rule that runs on the book: those with scores, those that records carry, and those that raise alerts."""

from __future__ import annotations

from datetime import date

from trackline.accounts.rulebook.carried import carried_rule
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.live import live_rule
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.playbook.feeds import Feeds


def shipped_feeds(rule_id: str) -> Feeds | None:
    """Return what feeds a rule as shipped, None where it runs on no account."""
    found = live_rule(rule_id) or carried_rule(rule_id) or watched_rule(rule_id)
    return found.feeds if found else None


def feeds_in_force(rule_id: str, on: date) -> Feeds | None:
    """Return what feeds a rule on a day; one query, none where it runs on no account or where nothing can be chosen."""
    feeds = shipped_feeds(rule_id)
    return feeds if feeds is None or feeds.is_fixed else FeedChanges.load().of(rule_id, feeds, on)
