"""The grid of white space: in which state a cell is, which kind of route it calls for, what rows and columns add up to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.decimals import HUNDRED, ZERO, q6

OPEN = ("not_sold", "pilot", "in_pipeline")


@dataclass(frozen=True)
class Limits:
    """The figures of the file."""

    stale_days: int
    target_pct: int
    green_from: int
    amber_from: int


@cache
def limits() -> Limits:
    """Return the figures of the grid."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return Limits(*(raw[name]["value"] for name in ("stale_days", "target_pct", "green_from", "amber_from")))


def state_of(said: str | None, *, contracted: bool, pursued: bool, won: bool, lost: bool = False) -> str:
    """Return the state of a cell out of what people said, contracts and routes.

    A contract for the unit makes it deployed, whatever was said. An open route puts it into the pipeline, unless it is
    deployed; a won one deploys it, a lost one leaves it not sold. Source: WSP-01, WSP-07.
    """
    said = said or "not_sold"
    if contracted or said == "deployed":
        return "deployed"
    if pursued:
        return "in_pipeline"
    if won:
        return "deployed"
    return "not_sold" if said == "in_pipeline" and lost else said


def kind_of(state: str, row: Iterable[str]) -> str:
    """Return the type of the route that a cell calls for, given the states of its row; none where nothing can be sold.

    Source: WSP-02.
    """
    if state == "not_applicable":
        return ""
    if state == "deployed":
        return "upsell"
    return "cross_sell" if "deployed" in row else "new_unit"


def attainable(addressable: Decimal | None, attainable_pct: Decimal | None, current: Decimal | None) -> Decimal | None:
    """Return what is attainable and not ours yet, at least 0; None without spend and share. Source: WSP-06, WS-02."""
    if addressable is None or attainable_pct is None:
        return None
    return max(addressable * attainable_pct / HUNDRED - (current or ZERO), ZERO)


@dataclass(frozen=True)
class Wallet:
    """What customers spend a year on what some products do, what of it is attainable, and what is ours; money."""

    spend: Decimal
    attainable: Decimal
    ours: Decimal

    @property
    def share_pct(self) -> Decimal | None:
        """Our share of all that is spent; None where nothing is. Source: WS-03."""
        return self.ours * HUNDRED / self.spend if self.spend else None

    @property
    def saturation_pct(self) -> Decimal | None:
        """How much of what is attainable is ours, above 100 where we hold more; None where nothing is. Source: WS-03."""
        return self.ours * HUNDRED / self.attainable if self.attainable else None

    @property
    def colour(self) -> str:
        """Green where it is nearly used up, amber, red where it is untapped; "" where not known. Source: WS-03."""
        if self.saturation_pct is None:
            return ""
        if q6(self.saturation_pct) >= limits().green_from:
            return "green"
        return "amber" if q6(self.saturation_pct) >= limits().amber_from else "red"


def wallet_of(pools: Iterable[tuple[Decimal | None, Decimal | None, Decimal | None]]) -> Wallet:
    """Add up pools of (spend, attainable %, ours); those without spend or share are left out. Source: WS-03."""
    spend = attainable = ours = ZERO
    for addressable, pct, current in pools:
        if addressable is not None and pct is not None:
            spend += addressable
            attainable += addressable * pct / HUNDRED
            ours += current or ZERO
    return Wallet(spend, attainable, ours)


@dataclass(frozen=True)
class Totals:
    """What some cells add up to: money of the open ones, and how many are open, valued, deployed and count at all."""

    value: Decimal
    open: int
    valued: int
    deployed: int
    counted: int

    @property
    def quantified_pct(self) -> Decimal | None:
        """Share of the open cells with a value. Source: WSP-04."""
        return Decimal(self.valued) * HUNDRED / self.open if self.open else None

    @property
    def penetration_pct(self) -> Decimal | None:
        """Share of the cells that count in which we are. Source: WSP-05."""
        return Decimal(self.deployed) * HUNDRED / self.counted if self.counted else None


def totals(cells: Sequence[tuple[str, Decimal | None]]) -> Totals:
    """Add up cells of (state, value). Source: WSP-03, WSP-04, WSP-05."""
    values = [value for state, value in cells if state in OPEN]
    known = [value for value in values if value is not None]
    return Totals(
        sum(known, ZERO),
        len(values),
        len(known),
        sum(state == "deployed" for state, _ in cells),
        sum(state != "not_applicable" for state, _ in cells),
    )
