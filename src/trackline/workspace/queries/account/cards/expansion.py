"""Whether an account is ready for more: five conditions, what each rests on, and where to fix it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.models import Score
from trackline.align.rules.expansion import readiness
from trackline.align.rules.live_inputs import wiring
from trackline.kit import formats
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.cards.score import Shown, metric_of, reading_act, shown, sources, value_of
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.acts import Act

RULE = readiness.id


@dataclass(frozen=True)
class Condition:
    """One of the five: met or not, what says so, and the act that would meet it."""

    key: str
    label: str
    met: bool
    evidence: str
    record: Act | None
    act: Act | None


@dataclass(frozen=True)
class ReadinessCard:
    """The card."""

    shown: Shown
    met: int
    ready: bool
    conditions: Sequence[Condition]

    @property
    def finding(self) -> str:
        """The card in a sentence."""
        if self.ready:
            return "Ready: all five conditions are met."
        return f"{self.met} of 5 conditions met; an expansion pitched now comes too early."


def readiness_card(score: Score | None, head: Head, metrics: Mapping[str, int] | None = None) -> ReadinessCard | None:
    """Return the card of a stored score, or None without one; `metrics` are the ids of what can be recorded."""
    if score is None or score.value is None:
        return None
    blocked = set(score.details["blocked_by"])
    conditions = []
    for part in score.parts:
        key, met = part["key"], part["key"] not in blocked
        evidence, record = _EVIDENCE[key](score, head)
        act = _fix(key, score, head, metrics or {}) if head.can_write and not met else None
        conditions.append(Condition(key, part["label"], met, evidence, record, act))
    return ReadinessCard(shown(score, head), int(score.value), score.details["ready"], conditions)


def _first(score: Score, name: str) -> tuple[Mapping[str, Any], Act] | None:
    listed = sources(score, name)
    if not listed:
        return None
    return listed[0], acts.open_record(listed[0]["record_type"], listed[0]["record_id"], listed[0]["label"])


def _when(source: Mapping[str, Any]) -> str:
    return formats.day(date.fromisoformat(source["on"])) if source.get("on") else "no date"


def _roi(score: Score, head: Head) -> tuple[str, Act | None]:
    found = _first(score, "roi_documented")
    if found is None:
        return f"no verified value outcome in {wiring().roi_days} d", None
    more = len(sources(score, "roi_documented")) - 1
    return f"verified {_when(found[0])}{f', and {more} more' if more else ''}", found[1]


def _champion(score: Score, head: Head) -> tuple[str, Act | None]:
    rating = value_of(score, "champion_rating")
    said = "no rating" if rating is None else f"rates {formats.number(rating)} of 10"
    people = sources(score, "champion_active")
    if not people:
        return f"{said}, no champion named", None
    active = value_of(score, "champion_active")
    how = "active" if active else "no touch on record" if active is None else f"last touch {_when(people[0])}"
    return f"{said}, {how}", acts.open_record("contact", people[0]["record_id"], people[0]["label"])


def _buyer(score: Score, head: Head) -> tuple[str, Act | None]:
    found = _first(score, "economic_buyer_aware")
    if found is None:
        return "nothing on record says that the buyer knows", None
    words = "verified" if found[0]["record_type"] == "value_outcome" else "noted"
    return f"{words} {_when(found[0])}", found[1]


def _use(score: Score, head: Head) -> tuple[str, Act | None]:
    found = _first(score, "new_use_case")
    if found is None:
        return f"none mentioned in {wiring().use_days} d", None
    return (f"noted {_when(found[0])}" if found[0]["record_type"] == "note" else "open route"), found[1]


def _renewal(score: Score, head: Head) -> tuple[str, Act | None]:
    days = value_of(score, "days_to_renewal")
    if days is None:
        return "no renewal date", None
    return (f"in {days} d" if days >= 0 else f"{-days} d ago"), None


_EVIDENCE: Mapping[str, Callable[[Score, Head], tuple[str, Act | None]]] = {
    "roi": _roi,
    "champion": _champion,
    "economic_buyer": _buyer,
    "use_case": _use,
    "renewal": _renewal,
}


def _fix(key: str, score: Score, head: Head, metrics: Mapping[str, int]) -> Act | None:
    pk, wired = head.account.pk, wiring()
    if key == "roi":
        return {"label": "Verify an outcome", "url": f"{head.url}/reveal/value"}
    if key == "champion":
        if not sources(score, "champion_active"):
            return acts.create("contact", "Name a champion", account=pk, buying_role="champion")
        if not value_of(score, "champion_active"):
            person = sources(score, "champion_active")[0]["record_id"]
            return acts.create("interaction", "Log a touch", account=pk, contacts=person)
        return reading_act(metric_of(score, "champion_rating"), head, "Record the rating", metrics)
    if key == "economic_buyer":
        return acts.create(
            "note", "Note it", account=pk, title="Economic buyer knows the value", tags=wired.buyer_tags[0]
        )
    if key == "use_case":
        return acts.create("note", "Note it", account=pk, title="New use case", tags=wired.use_tags[0])
    if value_of(score, "days_to_renewal") is None:
        return {"label": "Set the date", "url": f"{head.url}/track/profile"}
    return {"label": "See the renewal", "url": f"{head.url}/align/contracts"}
