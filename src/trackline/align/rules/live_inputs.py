"""What feeds the rules of this room on an account: the data file, read once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Wiring:
    """Tags and route types that count, and how many days they do. The first tag of several is the one offered."""

    roi_days: int
    buyer_days: int
    buyer_tags: tuple[str, ...]
    use_days: int
    use_tags: tuple[str, ...]
    use_routes: tuple[str, ...]


@cache
def wiring() -> Wiring:
    """Return what feeds the rules."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    buyer, use = raw["economic_buyer"], raw["use_case"]
    return Wiring(
        raw["roi"]["days"],
        buyer["days"],
        tuple(buyer["tags"]),
        use["days"],
        tuple(use["tags"]),
        tuple(use["route_types"]),
    )
