"""Playbooks that every book starts with: read from their data file, and refused where a line cannot be used. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from trackline.choose.rules import templates
from trackline.core.playbook.data import Origin, check_source, read_yaml

CountsFrom = Literal["renewal", "review", "start"]


class Shipped(BaseModel):
    """One playbook with its steps, dated and sourced."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    description: str
    anchor: str
    counts_from: CountsFrom
    since: date = Field(alias="from")
    origin: Origin
    source: str
    why: str = ""
    steps: tuple[dict[str, Any], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _honest(self) -> Shipped:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"a playbook that is {self.origin} needs a why")
        check_source(self.source)
        found = templates.read(list(self.steps))
        if found.errors:
            raise ValueError(f"{self.key}: {found.errors[0]['loc']} {found.errors[0]['msg']}")
        keys = [step["key"] for step in found.steps]
        if len(set(keys)) < len(keys):
            raise ValueError(f"{self.key}: each step needs a key of its own")
        if any("offset_days" not in step or "owner_role" not in step for step in found.steps):
            raise ValueError(f"{self.key}: each step needs offset_days and owner_role")
        return self


@cache
def shipped() -> Sequence[Shipped]:
    """Return the playbooks of the data file."""
    raw = read_yaml(Path(__file__).with_name("playbooks.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(tuple[Shipped, ...]).validate_python(raw)


def in_force(on: date) -> Sequence[Shipped]:
    """Return the playbooks in force on a day; of several with a key the latest."""
    found = {one.key: one for one in sorted(shipped(), key=lambda one: one.since) if one.since <= on}
    return tuple(found.values())
