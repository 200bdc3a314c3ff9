"""The cadences a tier starts with. Pure; the rows stand beside it. Source: KCK-03."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml
from trackline.kickoff.rules.agendas import CadenceType


class DefaultCadence(BaseModel):
    """A cadence of a tier."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: Literal[1, 2, 3]
    name: str
    type: CadenceType
    frequency: Literal["weekly", "bi_weekly", "monthly", "quarterly", "semiannual", "annual"]
    minutes: PositiveInt
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _honest(self) -> DefaultCadence:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"{self.name}: a cadence that is {self.origin} needs a why")
        check_source(self.source)
        return self


@cache
def _all() -> tuple[DefaultCadence, ...]:
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(TypeAdapter(list[DefaultCadence]).validate_python(raw))


def cadences_of(tier: int | None) -> list[DefaultCadence]:
    """Return the cadences that accounts of a tier start with; none where the tier is not known."""
    return [one for one in _all() if one.tier == tier]
