"""What the records answer about a step: whether a condition holds, and what was found. Pure.

A playbook names a condition in its data, `{"name": "new_contacts", "least": 2, "levels": ["c_suite"]}`. The answer says
whether it holds and what was found, so that a step that is not done says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from trackline.choose.rules.conditions import BANDS, CONDITIONS, LEVELS, Condition, Row, Seen


@dataclass(frozen=True)
class Answer:
    """Whether a condition holds, what was found of what is wanted, and both in words."""

    met: bool
    found: int
    wanted: int
    says: str


def counts_since(check: Mapping[str, Any], started: date, due: date | None) -> date:
    """Return the day from which things count for a step: the start of its play, or `near` days before its own day."""
    near = check.get("near")
    if near is None or due is None:
        return started
    return max(started, due - timedelta(days=near))


def answer(check: Mapping[str, Any], seen: Seen) -> Answer:
    """Answer a check that `problem` finds nothing wrong with."""
    condition = CONDITIONS[check["name"]]
    counted = list(condition.count(seen, check))
    if condition.none:
        return Answer(not counted, len(counted), 0, _without(condition, counted))
    wanted = int(check.get("least", condition.least))
    return Answer(len(counted) >= wanted, len(counted), wanted, _said(condition, check, counted, wanted))


def problem(check: Any) -> str:
    """Say what is wrong with a check as it is written, or "" where it can be answered."""
    if not isinstance(check, Mapping):
        return "A check like {name, least} is expected."
    condition = CONDITIONS.get(check["name"]) if isinstance(check.get("name"), str) else None
    if condition is None:
        return f"One of {', '.join(sorted(CONDITIONS))} is expected as its name."
    for name, value in check.items():
        if name == "name":
            continue
        kind = condition.taken.get(str(name))
        if kind is None:
            return f"{check['name']} takes no {name}."
        fits = type(value) is kind and (not isinstance(value, list) or all(isinstance(one, str) for one in value))
        if not fits or (kind is int and not (name != "near") <= value <= 1000):
            return f"{name}: {_EXPECTED[kind]} is expected."
        if name == "band" and value not in BANDS:
            return f"band: one of {', '.join(BANDS)} is expected."
    return ""


def reads(checks: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the kinds of facts that some checks read."""
    return {kind for check in checks for kind in CONDITIONS[check["name"]].reads}


_EXPECTED: Mapping[type, str] = {
    int: "a whole number up to 1000", str: "text", list: "a list of words", bool: "true or false",
}  # fmt: skip


def _said(condition: Condition, check: Mapping[str, Any], counted: Sequence[Row], wanted: int) -> str:
    one, several = condition.noun
    narrowed = _narrowed(check)
    names = _names(counted)
    if len(counted) >= wanted:
        told = f"{len(counted)} {one if len(counted) == 1 else several}{narrowed}"
        return f"{told}: {names}." if names else f"{told}."
    lacks = wanted - len(counted)
    have = f"has {names}" if names else f"has {len(counted)} of {wanted}" if counted else "has none"
    return f"{lacks} {one if lacks == 1 else several}{narrowed} missing; {have}."


def _without(condition: Condition, counted: Sequence[Row]) -> str:
    one, several = condition.noun
    if not counted:
        return f"No {one}."
    names = _names(counted)
    more = f" and {len(counted) - 3} more" if len(counted) > 3 else ""
    return f"{len(counted)} {one if len(counted) == 1 else several}: {names}{more}."


def _names(counted: Sequence[Row]) -> str:
    return ", ".join(str(row["label"]).rstrip(" .") for row in counted[:3] if row.get("label"))


def _either(words: Iterable[str]) -> str:
    *others, last = [word.replace("_", " ") for word in words]
    return f"{', '.join(others)} or {last}" if others else last


def _narrowed(check: Mapping[str, Any]) -> str:
    words = []
    if levels := check.get("levels"):
        words.append(" in " + _either(LEVELS.get(level, level) for level in levels))
    if roles := check.get("roles"):
        words.append(" with " + _either(roles))
    if check.get("sponsor"):
        words.append(" with their sponsor")
    for name, word in (("types", "of type"), ("states", "at the stage"), ("kinds", "of kind")):
        if chosen := check.get(name):
            words.append(f" {word} {_either(chosen)}")
    if metric := check.get("metric"):
        words.append(f" of {metric.upper() if len(metric) < 5 else metric.replace('_', ' ')}")
    if days := check.get("within_days"):
        words.append(f" within {days} days")
    return "".join(words)
