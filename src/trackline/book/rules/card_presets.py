"""The standard scorecards, as dated data; `card_presets.yaml`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.book.rules.card_checks import DOMAINS
from trackline.core.playbook.data import DatedValue


@dataclass(frozen=True, slots=True)
class Guard:
    """A metric that must not pay for another one: `side` is at_least or at_most."""

    metric: str
    side: str
    limit: Decimal


@dataclass(frozen=True, slots=True)
class PresetLine:
    """A metric of a standard scorecard; `targets` are minimum, committed, stretch."""

    metric: str
    domain: str
    weight: Decimal
    flag: str
    targets: tuple[Decimal, Decimal, Decimal]
    serves: str
    action: str
    guard: Guard | None


@dataclass(frozen=True, slots=True)
class Preset:
    """A standard scorecard from a day on."""

    key: str
    since: date
    level: str
    name: str
    says: str
    audience: str
    decisions: Sequence[str]
    mode: str
    origin: str
    source: str
    why: str
    lines: Sequence[PresetLine]


@cache
def _all() -> Sequence[Preset]:
    rows = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))["presets"]
    return [_preset(row) for row in rows]


def presets(on: date) -> Mapping[str, Preset]:
    """Return the standard scorecards of a day by key. Raises `ValueError` for weights off 100, an unknown domain, or targets out of
    order.
    """
    found: dict[str, Preset] = {}
    for one in sorted(_all(), key=lambda one: one.since):
        if one.since <= on or one.key not in found:
            found[one.key] = one
    return found


def _preset(row: Mapping[str, Any]) -> Preset:
    told = dict(row)
    since = told.pop("from")
    DatedValue.model_validate({"value": told["key"], **{name: told[name] for name in ("origin", "source", "why")}})
    lines = [_line(line) for line in told.pop("lines")]
    if sum(line.weight for line in lines) != 100:
        raise ValueError(f"{row['key']}: weights that sum to 100 are expected.")
    return Preset(since=since, lines=lines, **told)


def _line(row: Mapping[str, Any]) -> PresetLine:
    low, middle, high = (Decimal(str(target)) for target in row["targets"])
    if row["domain"] not in DOMAINS or not (low < middle < high or low > middle > high):
        raise ValueError(f"{row['metric']}: an unknown domain, or targets that neither rise nor fall.")
    guard = Guard(row["guard"][0], row["guard"][1], Decimal(str(row["guard"][2]))) if "guard" in row else None
    return PresetLine(
        row["metric"], row["domain"], Decimal(row["weight"]), row["flag"], (low, middle, high), row["serves"], row["action"], guard
    )  # fmt: skip
