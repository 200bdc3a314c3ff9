"""What a signal sees on an account: the inputs of its rule, where they came from, and which occurrence they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from trackline.accounts.rulebook.readings import Series
from trackline.core.playbook.feeds import Feeds
from trackline.kit.days import day_start
from trackline.watch.rules.definitions import Definition


@dataclass(frozen=True)
class Sight:
    """One subject of a signal on one account.

    `subject` tells it from others of the account ("" for the account itself); `occurrence` names what happened, so that
    the same is never told twice, and is empty for states; `others` are those that stand with it. `sources` are the records behind it; `owner_id` is whoever keeps
    up the relationship, where the subject is a person.
    """

    account: int
    inputs: Mapping[str, Any]
    says: str
    subject: str = ""
    occurrence: str = ""
    others: Sequence[str] = ()
    sources: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    owner_id: int | None = None
    series: Series | None = None
    """The readings whose values are the input `series`."""

    @property
    def given(self) -> dict[str, Any]:
        """All inputs of the rule."""
        return {**self.inputs, **({"series": [one.value for one in self.series]} if self.series is not None else {})}


@dataclass(frozen=True)
class Watched:
    """The accounts that are looked at, and the day."""

    ids: Sequence[int]
    today: date
    signals: Mapping[str, Definition]
    feeds: Mapping[str, Feeds]
    """What feeds each signal that readings do, on that day."""
    past: bool = False
    """Whether the day is looked back at, so that what stands on records now is not what stood on them then."""

    @property
    def until(self) -> datetime:
        """The moment up to which things have happened: now, or the end of a day that is looked back at."""
        return day_start(self.today + timedelta(days=1)) if self.past else timezone.now()

    def among(self, *rules: str) -> bool:
        """Say whether one of the rules is asked for."""
        return any(rule in self.signals for rule in rules)


Sights = Iterator[tuple[str, Sight]]
"""Rule ids with what they see."""
