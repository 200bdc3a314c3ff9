"""Renewals of the book as the page shows them: by window and by forecast, with what starts late; and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.book.queries.narrowing import FILTERS as ACCOUNT_FILTERS
from trackline.book.queries.narrowing import narrowing
from trackline.book.queries.renewals import renewals
from trackline.book.risk.renewals import WORDS
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
RISKS: Sequence[tuple[str, str, str]] = (
    ("green", "Nothing against it", "green"),
    ("amber", "Amber", "amber"),
    ("red", "Red", "red"),
    ("unknown", "Not known", "unknown"),
)
FILTERS = (*ACCOUNT_FILTERS, "window", "category", "risk")


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

    @property
    def risk(self) -> str:
        """The risk class, which is its colour too."""
        return str(self.facts["risk"])

    @property
    def against(self) -> str:
        """What speaks against the renewal, in words."""
        return ", ".join(WORDS[reason] for reason in self.facts["risk_reasons"])


@dataclass(frozen=True)
class Cell:
    """A window of a category, or a sum of several; `bare` counts those without ARR."""

    key: str
    count: int
    arr: Decimal
    bare: int


@dataclass(frozen=True)
class Renewing:
    """All that the filters keep; `grid` and `risks` have a line for each category or class: key, words, shape, cells by
    window, sum."""

    rows: Sequence[Row]
    windows: Sequence[tuple[str, str]]
    grid: Sequence[tuple[str, str, str, Sequence[Cell], Cell]]
    risks: Sequence[tuple[str, str, str, Sequence[Cell], Cell]]
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
    accounts = {name: value for name, value in filters.items() if name in ACCOUNT_FILTERS}
    narrowed = narrowing(ctx, accounts)
    found = renewals(ctx, on, narrowed=narrowed)
    rows = [_row(facts) for facts in found["rows"]]
    kept = [
        row for row in rows
        if all(getattr(row, name) == value for name, value in filters.items() if name not in accounts)
    ]  # fmt: skip
    return Renewing(
        kept,
        [(key, words) for key, words, _ in WINDOWS],
        _grid(kept, "category", CATEGORIES),
        _grid(kept, "risk", RISKS),
        [_cell(kept, window) for window, _, _ in WINDOWS],
        _sum("", kept),
        _sum("", [row for row in kept if row.late_start]),
        found["late_alert"],
        found["currency"],
        on,
        found["notes"],
        {
            **narrowed.choices,
            "window": [(key, words) for key, words, _ in WINDOWS],
            "category": [(key, words) for key, words, _ in CATEGORIES],
            "risk": [(key, words) for key, words, _ in RISKS],
        },
    )


def lines(found: Renewing) -> Iterator[list[Any]]:
    """Yield the heading and one line a renewal, for a file."""
    yield [
        "As of", "Key", "Account", "Owner", "Tier", "Health", "Renews", "Days", "Quarter", f"ARR {found.currency}",
        f"Proposed ARR {found.currency}", "State", "Forecast", "Forecast by", "Late start",
        "Risk", "Against it",
    ]  # fmt: skip
    for row in found.rows:
        facts = row.facts
        yield [
            found.as_of.isoformat(), facts["key"], facts["name"], facts["owner"], facts["tier"], facts["health"],
            facts["renewal_date"].isoformat(), facts["days"], facts["quarter"], _plain(facts["arr"]),
            _plain(facts["proposed_arr"]), facts["state"], row.label, "people" if row.said else "risk class",
            "yes" if row.late_start else "no", row.risk, row.against,
        ]  # fmt: skip


def _row(facts: Mapping[str, Any]) -> Row:
    days = facts["days"]
    window = next(key for key, _, last in WINDOWS if last is None or days <= last)
    category, label, band = next(one for one in CATEGORIES if one[0] == facts["category"])
    return Row(facts, window, category, label, band, bool(facts["forecast"]), facts["late_start"])


def _grid(
    rows: Sequence[Row], by: str, lines: Sequence[tuple[str, str, str]]
) -> Sequence[tuple[str, str, str, Sequence[Cell], Cell]]:
    """A line for each category or class, with a cell for each window."""
    found: list[tuple[str, str, str, Sequence[Cell], Cell]] = []
    for key, words, band in lines:
        mine = [row for row in rows if getattr(row, by) == key]
        found.append((key, words, band, [_cell(mine, window) for window, _, _ in WINDOWS], _sum("", mine)))
    return found


def _cell(rows: Sequence[Row], window: str) -> Cell:
    return _sum(window, [row for row in rows if row.window == window])


def _sum(key: str, rows: Sequence[Row]) -> Cell:
    known = [row.facts["arr"] for row in rows if row.facts["arr"] is not None]
    return Cell(key, len(rows), sum(known, Decimal(0)), len(rows) - len(known))


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
