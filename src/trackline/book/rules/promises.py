"""What the tiers promise, in words. The rows stand beside it; they are read and checked as a whole. Source: PF-08."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml


class Promise(BaseModel):
    """A promise: what is counted of it, and in words what each tier is promised. `counted` is false where no record tells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    short: str
    label: str
    of: str
    tiers: dict[Literal[1, 2, 3], str]
    counted: bool = True
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _honest(self) -> Promise:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"{self.key}: a promise that is {self.origin} needs a why")
        check_source(self.source)
        return self


@cache
def promises() -> tuple[Promise, ...]:
    """Return all promises in their order."""
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    found = tuple(TypeAdapter(list[Promise]).validate_python(raw))
    keys = [one.key for one in found]
    if len(set(keys)) < len(keys):
        raise ValueError("a promise is there twice")
    return found


def promised(tier: int | None) -> list[Promise]:
    """Return what a tier is promised."""
    return [one for one in promises() if tier in one.tiers]
