"""Which risks tell of financial health, compliance and critical dependencies in the register; the data stand beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from trackline.core.playbook.data import Origin, check_source, read_yaml

NAMES = ("financial", "compliance", "dependencies")


class RiskFlag(BaseModel):
    """What risks of some categories tell of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    categories: tuple[str, ...]
    origin: Origin
    source: str
    why: str = ""

    @model_validator(mode="after")
    def _honest(self) -> RiskFlag:
        if self.origin != "stated" and not self.why:
            raise ValueError(f"{self.label}: what is {self.origin} needs a why")
        check_source(self.source)
        return self


@cache
def risk_flags() -> dict[str, RiskFlag]:
    """Return the flags by name, checked. Raises `ValueError`."""
    raw = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    found = TypeAdapter(dict[str, RiskFlag]).validate_python(raw)
    if tuple(found) != NAMES:
        raise ValueError(f"risk_flags.yaml: exactly {', '.join(NAMES)} are expected")
    return found
