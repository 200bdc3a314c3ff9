"""The rules by room, found as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trackline.accounts.rulebook.live import live_rules
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.watched import watched_rule
from trackline.core.playbook import rulebook
from trackline.workspace.queries.rulebook.words import ROOMS, About, about, room_label


@dataclass(frozen=True)
class RuleRow:
    """A rule in the list."""

    rule: About
    live: bool
    signal: bool
    adjusted: bool
    ours: int
    """Figures that no source prints."""


@dataclass(frozen=True)
class Room:
    """A room and those of its rules that were asked for."""

    key: str
    label: str
    rows: Sequence[RuleRow]


def rooms_of(words: str, room: str, today: date) -> list[Room]:
    """Return the rules that hold all words, by room; one query."""
    found = sorted(rulebook().search(words, room if room in rooms() else ""), key=lambda rule: rule.title)
    live = {one.rule.id for one in live_rules()}
    adjusted = Overrides.load(today).slots
    listed: dict[str, list[RuleRow]] = {}
    for rule in found:
        ours = sum(item.at(today).origin == "ours" for item in rule.data.parameters.values())
        listed.setdefault(rule.room, []).append(
            RuleRow(about(rule), rule.id in live, watched_rule(rule.id) is not None, rule.id in adjusted, ours)
        )
    return [Room(key, room_label(key), listed[key]) for key in rooms() if key in listed]


def rooms() -> list[str]:
    """Return the rooms that have rules, in the order of the list."""
    there = {rule.room for rule in rulebook()}
    return [key for key in ROOMS if key in there] + sorted(there - set(ROOMS))
