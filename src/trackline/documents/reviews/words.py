"""How the facts of a review read on its slides."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.documents.decks.slides import Band, Cell, Chart, Series
from trackline.documents.decks.words import NUMBERS, count, day
from trackline.documents.gathering import Facts
from trackline.kit import formats

GOAL_BANDS: dict[str, Band] = {
    "on_track": "green", "achieved": "green", "at_risk": "amber", "off_track": "red", "missed": "red",
}  # fmt: skip
BECAME: dict[str, tuple[str, Band]] = {
    "done": ("Done", "green"), "done late": ("Done, late", "green"), "open": ("Open", ""), "late": ("Late", "red"),
    "cancelled": ("Cancelled", "unknown"),
}  # fmt: skip
ACRONYM = 4
"""Keys of metrics up to so many letters are acronyms: arr, nps, csat, ces."""
POINTS = 12
"""So many points of a series stand on a chart; of more, the newest of each stretch."""


def money(facts: Facts, value: Any) -> str:
    """Return an amount in the account's currency."""
    return formats.money(value, facts["account"]["currency"])


def label(choice: dict[str, str] | None) -> str:
    """Return the words of a choice."""
    return choice["label"] if choice else formats.MISSING


def measure(facts: Facts, value: Any, unit: str) -> str:
    """Return a measured number with its unit."""
    return formats.measure(value, unit, facts["account"]["currency"])


def state(goal: dict[str, Any]) -> Cell:
    """Return the state of a goal in its colour."""
    return Cell(label(goal["status"]), GOAL_BANDS.get((goal["status"] or {}).get("value", ""), ""), strong=True)


def name_of(facts: Facts, key: str) -> str:
    """Return what a metric is called, also where it has no reading."""
    held = facts["metrics"].get(key)
    return held["name"] if held else key.upper() if len(key) <= ACRONYM else key.replace("_", " ").capitalize()


def newest(facts: Facts, key: str) -> tuple[str, Any] | None:
    """Return day and value of the newest reading of a metric."""
    points = facts["metrics"].get(key, {}).get("points")
    return (points[-1][0], points[-1][1]) if points else None


def at(facts: Facts, key: str, on: str | None) -> Any:
    """Return the reading of a metric that held on a day, None where there was none."""
    found = None
    for when, value in facts["metrics"].get(key, {}).get("points", ()):
        if on is None or when > on:
            break
        found = value
    return found


def moved(facts: Facts, key: str) -> str:
    """Say how a metric moved since the review before."""
    now, before = newest(facts, key), at(facts, key, facts["review"]["before_on"])
    if now is None or before is None:
        return ""
    unit = facts["metrics"][key]["unit"]
    if unit == "currency":
        change = formats.delta((now[1] - before) / before * 100 if before else None, "%", 1)
    else:
        change = formats.delta(now[1] - before, {"percent": "pts"}.get(unit, formats.UNIT_WORDS.get(unit, "")), 1)
    return f"{change} since {day(facts['review']['before_on'])}"


def trend(facts: Facts, *keys: str, heading: str) -> Chart | None:
    """Return the course of some metrics of one unit as a line, None without readings."""
    held = [facts["metrics"][key] for key in keys if key in facts["metrics"]]
    days = thinned(sorted({on for one in held for on, _ in one["points"]}))
    if not days:
        return None
    series = []
    for one in held:
        known = dict(map(tuple, one["points"]))
        series.append(Series(one["name"], [_decimal(known.get(on)) for on in days]))
    number = NUMBERS.get(held[0]["unit"], "#,##0.#")
    return Chart("line", dated(days), series, heading, number)


def thinned(days: list[str]) -> list[str]:
    """Return at most `POINTS` days, evenly spread, the newest among them."""
    step = -(-len(days) // POINTS)
    return days[::-1][:: step or 1][::-1]


def dated(days: list[str]) -> list[str]:
    """Return days as the labels of an axis: by their month, and by the day where a month has several."""
    found = [date.fromisoformat(on) for on in days]
    months = Counter((on.year, on.month) for on in found)
    return [
        f"{on.day}{formats.NBSP}{on:%b}" if months[on.year, on.month] > 1 else f"{on:%b}{formats.NBSP}{on:%y}"
        for on in found
    ]


def source(facts: Facts, *keys: str) -> list[str]:
    """Say where the readings of some metrics come from, for the speaker."""
    found = []
    for key in keys:
        held = facts["metrics"].get(key)
        if held:
            found.append(
                f"{held['name']}: {count(len(held['points']), 'reading')}, the newest of {day(held['points'][-1][0])}."
            )
        else:
            found.append(f"{name_of(facts, key)}: no reading in two years.")
    return found


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
