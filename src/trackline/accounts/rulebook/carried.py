"""Rules whose result stands on records, a goal's status for example: what a room registers so that adjusted figures reach
them, and the preview tells which would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.core.playbook import Explained, Rule
from trackline.core.playbook.feeds import Feeds
from trackline.kit.policy import Context


@dataclass(frozen=True)
class Carrier:
    """A record that carries a result, with what the rule takes of it."""

    account_id: int
    record_id: int
    title: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class CarriedRule:
    """A rule whose result records of one type carry.

    `carriers` reads those of accounts that follow the rule on a day, in a constant number of queries; `renew` brings what
    they carry up to the day, through the record kernel; `said` is what of a result they carry, a number or a word; `held`
    reads what those of accounts carry now, with its colour, by their ids; `feeds` says where the inputs come from.
    """

    rule: Rule
    record_type: str
    carriers: Callable[[Sequence[int], date], Iterable[Carrier]]
    renew: Callable[[Context, Sequence[int]], int]
    said: Callable[[Explained], Decimal | str | None]
    held: Callable[[Sequence[int]], Mapping[int, tuple[Decimal | str | None, str]]]
    feeds: Feeds


_carried: dict[str, CarriedRule] = {}


def register_carried(found: CarriedRule) -> None:
    """Add a rule to those whose results records carry."""
    _carried[found.rule.id] = found


def carried_rule(rule_id: str) -> CarriedRule | None:
    """Return a rule whose results records carry, or None."""
    return _carried.get(rule_id)
