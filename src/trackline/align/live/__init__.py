"""Rules of this room on live data: what feeds them, and which writes change that."""

from __future__ import annotations

from trackline.accounts.rulebook.live import LiveRule, register
from trackline.align.live.expansion import RATING, collect_readiness
from trackline.align.live.pipeline import TARGET, collect_forecast, collect_pipeline
from trackline.align.rules.expansion import readiness
from trackline.align.rules.forecast import distribution
from trackline.align.rules.live_inputs import wiring
from trackline.align.rules.pipeline import weighted
from trackline.kit.records.services import WriteEvent
from trackline.track.newest import fed_by

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
    wired = wiring()
    target = fed_by((TARGET, "Pipeline target", wired.target_metric, "Record Pipeline target."))
    rating = fed_by((RATING, "Champion rating", wired.champion_metric, "Record Champion rating 0 to 10."))
    register(LiveRule(weighted, collect_pipeline, moves_pipeline))
    register(LiveRule(distribution, collect_forecast, moves_pipeline, target.metrics, feeds=target))
    register(LiveRule(readiness, collect_readiness, moves_readiness, rating.metrics, feeds=rating))
