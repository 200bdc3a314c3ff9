"""What each signal means for people: gravity, owner, first action, playbook. Pure; the data file stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml

OwnerRole = Literal["account_owner", "relationship_owner", "case_owner", "manager", "sponsor", "csm"]
Look = Literal["event", "streak", "drop", "threshold", "silence", "control_chart", "health_band", "tag"]


class Definition(BaseModel):
    """One signal. Its rule says when it fires; an alert that it raises names the rule.

    `place` is the page of the account that holds what the signal looks at, as `track/contacts`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    id: str
    look: Look
    again: Literal["occurrence", "state"]
    severity: Literal["info", "warn", "high", "critical"]
    owner: OwnerRole
    backup: OwnerRole
    action: str
    place: str
    playbook: str = ""
    tags: tuple[str, ...] = ()
    since: date | None = Field(None, alias="from")
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _honest(self) -> Definition:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"a definition that is {self.origin} needs a why")
        check_source(self.source)
        return self


@cache
def _all() -> tuple[Definition, ...]:
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(TypeAdapter(list[Definition]).validate_python(raw))


def placed(on: date, section: str, tab: str) -> list[str]:
    """Return the rules whose signals concern a page of the account."""
    return [one.rule for one in definitions(on).values() if one.place == f"{section}/{tab}"]


def definitions(on: date) -> Mapping[str, Definition]:
    """Return the signals in force on a day, by the id of their rule; of several the latest."""
    begun = sorted(
        (one for one in _all() if one.since is None or one.since <= on), key=lambda one: one.since or date.min
    )
    return {one.rule: one for one in begun}
