"""What the tiers promise, in words. The rows stand beside it; they are read and checked as a whole. Source: PF-08."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml


class Promise(BaseModel):
    """A promise: what is counted of it, and in words what each tier is promised. `counted` is false where no record tells.

    `costs`: the `hours` of people who serve the account pay for it, `each` of it costs money besides, or it does by the
    `year`. What it costs is a setting of the book (PF-26).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    short: str
    label: str
    of: str
    tiers: dict[Literal[1, 2, 3], str]
    counted: bool = True
    costs: Literal["hours", "each", "year"] = "hours"
    origin: Origin
    source: str
    why: str = ""

    def cost_key(self, tier: int) -> str:
        """Return the setting that holds what it costs in a tier."""
        return f"service.cost.{self.key}" if self.costs == "each" else f"service.cost.{self.key}.{tier}"

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
