"""What a metric of a scorecard reads besides its own readings; `card_measures.yaml`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from trackline.core.playbook import rulebook

_FORMULAS = "accounts.kpi."


@dataclass(frozen=True, slots=True)
class Measure:
    """How a metric is found; at most one of `inputs`, `retention`, `execution` and `score` is set."""

    metric: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    retention: str = ""
    execution: str = ""
    score: str = ""
    tile: str = ""
    pool: str = "mean"
    now_only: bool = False

    @property
    def rule(self) -> str:
        """The rule that its inputs feed."""
        return f"{_FORMULAS}{self.metric}" if self.inputs else ""


@cache
def measures() -> Mapping[str, Measure]:
    """Return the measures by key of metric. Raises `ValueError` for a rule that there is not."""
    rows = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))["measures"]
    found = {row["metric"]: Measure(**row) for row in rows}
    for one in found.values():
        if one.rule:
            rulebook().get(one.rule)
    return found


def measure_of(key: str) -> Measure:
    """Return how a metric is found; one that is not listed goes by its readings, put together as their mean."""
    return measures().get(key) or Measure(key)
