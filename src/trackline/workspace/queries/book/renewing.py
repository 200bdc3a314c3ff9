"""Renewals of the book as the page shows them: by window and by forecast, with what starts late; and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.book.queries.renewals import renewals
from trackline.kit.policy import Context

WINDOWS: Sequence[tuple[str, str, int | None]] = (
    ("late", "Past its date", -1),
    ("30", "Within 30 d", 30),
    ("90", "31 to 90 d", 90),
    ("180", "91 to 180 d", 180),
    ("later", "Later", None),
)
"""Key, words, and the last day of each window."""
CATEGORIES: Sequence[tuple[str, str, str]] = (
    ("commit", "Commit", "green"),
    ("best_case", "Best case", "amber"),
    ("at_risk", "At risk", "red"),
    ("unknown", "Not forecast", "unknown"),
)
FILTERS = ("owner", "tier", "window", "category")


@dataclass(frozen=True)
class Row:
    """A renewal. `said` is whether people forecast it; else its category comes from health alone."""

    facts: Mapping[str, Any]
    window: str
    category: str
    label: str
    band: str
    said: bool
    late_start: bool


@dataclass(frozen=True)
class Cell:
    """A window of a category, or a sum of several; `bare` counts those without ARR."""

    key: str
    count: int
    arr: Decimal
    bare: int


@dataclass(frozen=True)
class Renewing:
    """All that the filters keep; `grid` has a line for each category: key, words, shape, cells by window, sum."""

    rows: Sequence[Row]
    windows: Sequence[tuple[str, str]]
    grid: Sequence[tuple[str, str, str, Sequence[Cell], Cell]]
    totals: Sequence[Cell]
    total: Cell
    late_starts: Cell
    late_alert: int
    currency: str
    as_of: date
    notes: Sequence[str]
    choices: Mapping[str, Sequence[tuple[str, str]]]


def renewing(ctx: Context, on: date, filters: Mapping[str, str]) -> Renewing:
    """Return the renewals of the accounts the actor sees, the same that `portfolio renewals` tells."""
    found = renewals(ctx, on)
    rows = [_row(facts) for facts in found["rows"]]
    owners = sorted({row.facts["owner"] for row in rows if row.facts["owner"]}, key=str.casefold)
    kept = [row for row in rows if all(_is(row, name, value) for name, value in filters.items())]
    return Renewing(
        kept,
        [(key, words) for key, words, _ in WINDOWS],
        [
            (key, words, band, [_cell(kept, key, window) for window, _, _ in WINDOWS], _cell(kept, key, ""))
            for key, words, band in CATEGORIES
        ],
        [_cell(kept, "", window) for window, _, _ in WINDOWS],
        _cell(kept, "", ""),
        _sum("", [row for row in kept if row.late_start]),
        found["late_alert"],
        found["currency"],
        on,
        found["notes"],
        {
            "owner": [(name, name) for name in owners],
            "tier": [("1", "Tier 1"), ("2", "Tier 2"), ("3", "Tier 3"), ("none", "No tier")],
            "window": [(key, words) for key, words, _ in WINDOWS],
            "category": [(key, words) for key, words, _ in CATEGORIES],
        },
    )


def lines(found: Renewing) -> Iterator[list[Any]]:
    """Yield the heading and one line a renewal, for a file."""
    yield [
        "As of", "Key", "Account", "Owner", "Tier", "Health", "Renews", "Days", "Quarter", f"ARR {found.currency}",
        f"Proposed ARR {found.currency}", "State", "Forecast", "Forecast by", "Late start",
    ]  # fmt: skip
    for row in found.rows:
        facts = row.facts
        yield [
            found.as_of.isoformat(), facts["key"], facts["name"], facts["owner"], facts["tier"], facts["health"],
            facts["renewal_date"].isoformat(), facts["days"], facts["quarter"], _plain(facts["arr"]),
            _plain(facts["proposed_arr"]), facts["state"], row.label, "people" if row.said else "health",
            "yes" if row.late_start else "no",
        ]  # fmt: skip


def _row(facts: Mapping[str, Any]) -> Row:
    days = facts["days"]
    window = next(key for key, _, last in WINDOWS if last is None or days <= last)
    category, label, band = next(one for one in CATEGORIES if one[0] == facts["category"])
    return Row(facts, window, category, label, band, bool(facts["forecast"]), facts["late_start"])


def _is(row: Row, name: str, value: str) -> bool:
    if name == "owner":
        return bool(row.facts["owner"] == value)
    if name == "tier":
        return str(row.facts["tier"] or "none") == value
    return bool(getattr(row, name) == value)


def _cell(rows: Sequence[Row], category: str, window: str) -> Cell:
    return _sum(window, [row for row in rows if category in ("", row.category) and window in ("", row.window)])


def _sum(key: str, rows: Sequence[Row]) -> Cell:
    known = [row.facts["arr"] for row in rows if row.facts["arr"] is not None]
    return Cell(key, len(rows), sum(known, Decimal(0)), len(rows) - len(known))


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
