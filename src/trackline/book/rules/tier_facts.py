"""Which readings feed the tests of a move between tiers; the data stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from trackline.core.playbook.data import check_source, read_yaml

NAMES = (
    "addressable", "wallet", "margin", "joint_ip", "cost", "envelope", "fresh_revenue", "fresh_margin", "fresh_relationship",
)  # fmt: skip


@dataclass(frozen=True)
class Wiring:
    """Metrics by what they tell, and how old a reading may be that a test rests on."""

    metrics: Mapping[str, tuple[str, ...]]
    max_age_days: int

    @property
    def every(self) -> frozenset[str]:
        """All the metrics."""
        return frozenset(key for keys in self.metrics.values() for key in keys)


@cache
def wiring() -> Wiring:
    """Return what the data file says, checked. Raises `ValueError`."""
    raw: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    if set(raw) != {*NAMES, "max_age_days"}:
        raise ValueError(f"tier_facts.yaml: exactly {', '.join(NAMES)} and max_age_days are expected")
    for name, entry in raw.items():
        check_source(entry["source"])
        if entry["origin"] != "stated" and not entry.get("why"):
            raise ValueError(f"{name}: what is {entry['origin']} needs a why")
    return Wiring({name: tuple(raw[name]["metrics"]) for name in NAMES}, int(raw["max_age_days"]["value"]))
