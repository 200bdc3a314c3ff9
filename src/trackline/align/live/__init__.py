"""Rules of this room on live data: what feeds them, and which writes change that."""

from __future__ import annotations

from pathlib import Path

from trackline.accounts.rulebook.live import LiveRule, register
from trackline.align.live.expansion import collect_readiness
from trackline.align.live.pipeline import collect_forecast, collect_pipeline
from trackline.align.rules.expansion import readiness
from trackline.align.rules.forecast import distribution
from trackline.align.rules.pipeline import weighted
from trackline.core.playbook.feeds import file_feeds
from trackline.kit.records.services import WriteEvent
from trackline.track.rules.health_inputs import wiring as health_wiring

FEEDS = Path(__file__).parents[1] / "rules" / "feeds.yaml"
_VALUED = frozenset({"state", "stage", "value", "currency", "probability"})
_READY = frozenset({"interaction", "note", "renewal_cycle", "value_outcome"})
"""Types of records whose every write may meet or break a condition."""
_CHAMPION = frozenset({"buying_role", "status", "last_touch_on"})


def moves_pipeline(event: WriteEvent) -> bool:
    """Say whether a write may change what open routes are worth."""
    name = event.rtype.name
    if name == "route":
        return event.action != "update" or bool(event.changed & _VALUED)
    return name == "account" and "currency" in event.changed


def moves_readiness(event: WriteEvent) -> bool:
    """Say whether a write may change one of the five conditions."""
    name = event.rtype.name
    if name == "route":
        return event.action != "update" or bool(event.changed & {"state", "stage", "type", "trigger_event"})
    if name == "contact":
        # Others than champions meet nothing by being there; a new role may also be that of who verified a value.
        return bool(event.changed & _CHAMPION) if event.action == "update" else event.record.buying_role == "champion"
    return name in _READY or (name == "account" and "renewal_date" in event.changed)


def register_all() -> None:
    """Have the rules of this room computed on live data."""
    feeds = file_feeds(FEEDS, health_wiring().ages)
    register(LiveRule(weighted, collect_pipeline, feeds[weighted.id], moves_pipeline))
    register(LiveRule(distribution, collect_forecast, feeds[distribution.id], moves_pipeline))
    register(LiveRule(readiness, collect_readiness, feeds[readiness.id], moves_readiness))
