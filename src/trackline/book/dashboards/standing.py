"""Tiles of accounts and renewals: how they stand, what comes up for renewal."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from trackline.book.dashboards.revenue import accounts_behind, in_order, parts
from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.sources import Options, Sources, reader, total
from trackline.core.decimals import HUNDRED
from trackline.kit import formats

CATEGORIES = {"commit": "Commit", "best_case": "Best case", "at_risk": "At risk", "unknown": "Not known"}


@reader("accounts")
def accounts(s: Sources, _options: Options) -> Found:
    """How many accounts there are."""
    tiers = {number: sum(row["tier"] == number for row in s.accounts) for number in (1, 2, 3)}
    held = [f"{count} in tier {number}" for number, count in tiers.items() if count]
    return Found(
        s.on, value=Decimal(len(s.accounts)), detail=", ".join(held), behind=lambda: accounts_behind(s, ""),
    )  # fmt: skip


@reader("healthy")
def healthy(s: Sources, _options: Options) -> Found:
    """Share of the scored accounts in green."""
    scored = [row for row in s.accounts if row["band"] != "unknown"]
    green = sum(row["band"] == "green" for row in scored)
    bare = len(s.accounts) - len(scored)
    return Found(
        s.on, "percent", value=green * HUNDRED / len(scored) if scored else None,
        detail=f"{green} of {len(scored)} with a score", notes=[f"{bare} accounts have no score."] if bare else (),
        missing="no score", behind=lambda: accounts_behind(s, "health"),
    )  # fmt: skip


@reader("red_arr")
def red_arr(s: Sources, _options: Options) -> Found:
    """ARR of red accounts."""
    red = [row for row in s.accounts if row["band"] == "red"]
    whole = total([row["worth"] for row in s.accounts])
    value = total([row["worth"] for row in red])
    share = f", {formats.percent(value * HUNDRED / whole, 0)} of all ARR" if whole else ""
    return Found(
        s.on, "currency", s.rates.book, value, detail=f"{formats.counted(len(red), 'account')}{share}",
        behind=lambda: accounts_behind(s, "health").of("red"),
    )  # fmt: skip


@reader("accounts_by")
def accounts_by(s: Sources, options: Options) -> Found:
    """Number of accounts by one of their facts."""
    by = options["by"]
    points = [
        Point(key, words, Decimal(len(rows)), len(rows), key if by == "health" else "")
        for key, (words, rows) in parts(s, by).items()
    ]
    return Found(
        s.on, value=Decimal(len(s.accounts)), points=in_order(points, by), missing="no accounts",
        behind=lambda: accounts_behind(s, by),
    )  # fmt: skip


def _due(s: Sources, options: Options) -> list[Mapping[str, Any]]:
    return [row for row in s.renewals if row["days"] <= int(options["days"])]


def _behind(s: Sources, rows: list[Mapping[str, Any]], by: str = "category") -> Rows:
    columns = (
        Column("Account"), Column("Renews", "date"), Column("Days", "number"), Column("ARR", "money"), Column("Health", "band"),
        Column("Forecast"), Column("Owner"),
    )  # fmt: skip
    listed = [
        Row(
            (row["name"], row["renewal_date"], row["days"], row["arr"], row["health"], CATEGORIES[row["category"]], row["owner"] or ""),
            ("account", row["key"]),
            row[by],
        )
        for row in rows
    ]  # fmt: skip
    return Rows(columns, listed, s.rates.book)


def _sum(s: Sources, rows: list[Mapping[str, Any]], words: str) -> Found:
    bare = sum(row["arr"] is None for row in rows)
    late = sum(row["days"] < 0 for row in rows)
    notes = [f"{bare} without an ARR."] if bare else []
    notes += [f"{late} should have renewed by now."] if late else []
    return Found(
        s.on, "currency", s.rates.book, total([row["arr"] for row in rows]),
        detail=f"{formats.counted(len(rows), 'renewal')} {words}", notes=notes,
        behind=lambda: _behind(s, rows),
    )  # fmt: skip


@reader("renewals_due")
def renewals_due(s: Sources, options: Options) -> Found:
    """ARR that comes up for renewal within so many days."""
    return _sum(s, _due(s, options), f"within {options['days']} days")


@reader("renewals_at_risk")
def renewals_at_risk(s: Sources, options: Options) -> Found:
    """ARR at risk among these. Source: RNW-15."""
    rows = [row for row in _due(s, options) if row["category"] == "at_risk"]
    return _sum(s, rows, f"at risk within {options['days']} days")


@reader("renewals_by")
def renewals_by(s: Sources, _options: Options) -> Found:
    """ARR by the fiscal quarter in which it renews."""
    quarters: dict[str, list[Mapping[str, Any]]] = {}
    for row in s.renewals:
        quarters.setdefault(row["quarter"], []).append(row)
    points = [Point(key, key, total([row["arr"] for row in rows]), len(rows)) for key, rows in sorted(quarters.items())]
    return Found(
        s.on, "currency", s.rates.book, total([row["arr"] for row in s.renewals]), points=points, missing="no renewals",
        behind=lambda: _behind(s, list(s.renewals), "quarter"),
    )  # fmt: skip
