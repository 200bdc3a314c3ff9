"""Tiles of revenue: ARR, how much of it stayed, where it sits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from trackline.book.dashboards.shapes import Column, Found, Point, Row, Rows
from trackline.book.dashboards.sources import Options, Sources, reader, total
from trackline.book.queries.arr import CONTRACTS, READINGS, Figures
from trackline.book.queries.retention import sources_told
from trackline.core.decimals import HUNDRED
from trackline.kit import formats

SAID = {READINGS: "readings", CONTRACTS: "contracts", "account": "account", "": "none"}
MOVES = {"expansion": "Expansion", "contraction": "Contraction", "churn": "Churn", "new": "New", "same": "Unchanged"}


def _move(one: Figures) -> str:
    before, after = one.values
    if before is None or after is None:
        return ""
    if before <= 0:
        return "new" if after > 0 else "same"
    if after <= 0:
        return "churn"
    return "expansion" if after > before else "contraction" if after < before else "same"


def _behind(s: Sources) -> Rows:
    columns = (
        Column("Account"), Column("ARR now", "money"), Column("A year ago", "money"), Column("Change", "money"),
        Column("Moved by"), Column("Comes from"),
    )  # fmt: skip
    rows = []
    for one in s.year:
        before, after = one.values
        change = None if before is None or after is None else after - before
        move = _move(one)
        cells = (one.name, after, before, change, MOVES.get(move, one.why), SAID[one.source])
        rows.append(Row(cells, ("account", one.key), move))
    rows.sort(key=lambda row: (row.cells[1] is None, -(row.cells[1] or 0), row.cells[0]))
    return Rows(columns, rows, s.rates.book)


def _notes(s: Sources) -> Sequence[str]:
    """Where ARR was read, and which accounts are left out of comparisons."""
    return sources_told({one.source for one in s.year if None not in one.values}, s.moves["missing"])


@reader("arr")
def arr(s: Sources, _options: Options) -> Found:
    """ARR of the day; the change counts accounts whose ARR is known on both days."""
    now = total([one.values[1] for one in s.year])
    known = sum(one.values[1] is not None for one in s.year)
    both = [one.values for one in s.year if None not in one.values]
    before, after = (total([pair[at] for pair in both]) for at in (0, 1))
    bare = len(s.year) - known
    return Found(
        s.on, "currency", s.rates.book, now if known else None,
        detail=f"{formats.counted(known, 'account')}{f', {bare} without ARR' if bare else ''}",
        change=(after - before) * HUNDRED / before if before else None, change_unit="%", since="in 12 months",
        notes=_notes(s), missing="no ARR", behind=lambda: _behind(s),
    )  # fmt: skip


def _kept(s: Sources, name: str, words: str) -> Found:
    moves = s.moves
    lost = moves["churn"] + moves["contraction"]
    detail = (
        f"{formats.money(moves['expansion'], s.rates.book)} gained, {formats.money(lost, s.rates.book)} lost"
        if moves["accounts"]
        else ""
    )
    return Found(
        s.on, "percent", value=moves[f"{name}_pct"], band=moves[f"{name}_band"] or "", detail=detail,
        notes=(*_notes(s), words), missing="no ARR a year ago", behind=lambda: _behind(s),
    )  # fmt: skip


@reader("nrr")
def nrr(s: Sources, _options: Options) -> Found:
    """Net revenue retention over a year. Source: KPI-002."""
    return _kept(s, "nrr", f"{s.moves['accounts']} accounts had ARR a year ago.")


@reader("grr")
def grr(s: Sources, _options: Options) -> Found:
    """Gross revenue retention over a year. Source: KPI-030."""
    return _kept(s, "grr", f"{s.moves['accounts']} accounts had ARR a year ago.")


@reader("arr_bridge")
def bridge(s: Sources, _options: Options) -> Found:
    """From the ARR of a year ago to that of today."""
    moves = s.moves
    start, end = moves["starting_arr"], moves["ending_arr"]
    level, points = start, [Point("start", "A year ago", start, whole=True)]
    for name, sign in (("churn", -1), ("contraction", -1), ("expansion", 1)):
        step = moves[name] * sign
        points.append(Point(name, MOVES[name], step, start=level))
        level += step
    points.append(Point("end", "Today", end, whole=True))
    new = moves["new_arr"]
    extra = [f"{formats.money(new, s.rates.book)} of new accounts stands beside it."] if new else []
    return Found(
        s.on, "currency", s.rates.book, points=points if start else (), notes=(*_notes(s), *extra),
        missing="no ARR a year ago", behind=lambda: _behind(s),
    )  # fmt: skip


def accounts_behind(s: Sources, by: str) -> Rows:
    """Accounts with what they are and bring, the largest first; the part is a fact of theirs."""
    columns = (
        Column("Account"), Column("ARR", "money"), Column("Health", "band"), Column("Tier", "number"), Column("Manager"),
        Column("Region"), Column("Industry"),
    )  # fmt: skip
    rows = [
        Row(
            (row["name"], row["worth"], row["band"], row["tier"], row["owner__name"] or "", row["region"], row["industry"]),
            ("account", row["key"]),
            s.fact(row, by)[0] if by else "",
        )
        for row in sorted(s.accounts, key=lambda row: (-(row["worth"] or 0), row["name"]))
    ]  # fmt: skip
    return Rows(columns, rows, s.rates.book)


ORDERS = {"health": ("green", "amber", "red", "unknown"), "tier": ("1", "2", "3", "none")}


def parts(s: Sources, by: str) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Return words and accounts of each value of a fact."""
    found: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for row in s.accounts:
        key, words = s.fact(row, by)
        found.setdefault(key, (words, []))[1].append(row)
    return found


def in_order(points: list[Point], by: str) -> list[Point]:
    """Put parts in their own order where they have one, else the largest first."""
    order = ORDERS.get(by)
    if order:
        return sorted(points, key=lambda point: order.index(point.key) if point.key in order else len(order))
    return sorted(points, key=lambda point: (point.key == "none", -(point.value or 0), point.label))


@reader("arr_by")
def arr_by(s: Sources, options: Options) -> Found:
    """ARR by one fact of the accounts."""
    by = options["by"]
    points = [
        Point(key, words, total([row["worth"] for row in rows]), len(rows), key if by == "health" else "")
        for key, (words, rows) in parts(s, by).items()
    ]
    bare = sum(row["worth"] is None for row in s.accounts)
    return Found(
        s.on, "currency", s.rates.book, sum((point.value or Decimal(0) for point in points), Decimal(0)),
        points=in_order(points, by), notes=[f"{bare} without ARR, or without a rate, add nothing."] if bare else (),
        missing="no accounts", behind=lambda: accounts_behind(s, by),
    )  # fmt: skip
