"""Terms of contracts: the last day for notice, and whether contracted capacity runs out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trackline.core.decimals import HUNDRED, q6


@dataclass(frozen=True)
class Terms:
    """The figures of the file."""

    notice_days: int
    utilisation_pct: int
    months: int
    metrics: Mapping[str, str]


@cache
def terms() -> Terms:
    """Return the figures."""
    raw: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return Terms(
        raw["notice"]["value"], raw["utilisation"]["value"], raw["months"]["value"], raw["capacity"]["metrics"]
    )


def notice_on(end_on: date | None, notice_days: int | None) -> date | None:
    """Return the last day on which notice can be given; None where end or period is not known. Source: RNW-06."""
    return end_on - timedelta(days=notice_days) if end_on is not None and notice_days is not None else None


def notice_band(last: date | None, today: date) -> str:
    """Return `red` once the day has passed, `amber` while it is near, else an empty text."""
    if last is None:
        return ""
    left = (last - today).days
    return "red" if left < 0 else "amber" if left <= terms().notice_days else ""


def used_pct(value: Decimal, *, percent: bool, contracted: Decimal | None) -> Decimal | None:
    """Return the used share of a capacity out of a reading: itself a percentage, or an amount of what is contracted."""
    if percent:
        return value
    return value * HUNDRED / contracted if contracted else None


def runs_out(readings: Sequence[tuple[date, Decimal]]) -> bool:
    """Tell whether the last reading of each of the newest months in a row lies above the limit.

    `readings` are (day, used %) in order of time. Source: EXP-09.
    """
    by_month = {(day.year, day.month): value for day, value in readings}
    newest = sorted(by_month)[-terms().months :]
    numbers = [year * 12 + month for year, month in newest]
    in_a_row = len(newest) == terms().months and numbers[-1] - numbers[0] == terms().months - 1
    return in_a_row and all(q6(by_month[month]) > q6(Decimal(terms().utilisation_pct)) for month in newest)
