"""The ranking as a file: what the filter shows, all of it, with what each criterion adds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

from trackline.accounts.rates import Rates
from trackline.book.models import ScoringRun
from trackline.kit.policy import Context
from trackline.kit.records.exports import csv_of
from trackline.kit.records.workbooks import Money, Sheet, columns_of, measured, workbook_of
from trackline.workspace.queries.book.asked import Asked
from trackline.workspace.queries.book.ranking import ranking


def csv_text(ctx: Context, run: ScoringRun, asked: Asked, rates: Rates) -> str:
    """Return a CSV file; text that a spreadsheet would run as a formula is marked as text."""
    return csv_of(lines(ctx, run, asked, rates))


def workbook(ctx: Context, run: ScoringRun, asked: Asked, rates: Rates) -> IO[bytes]:
    """Return an Excel workbook, ready to be read."""
    found = lines(ctx, run, asked, rates)
    heading = next(found)
    arr = heading.index(f"ARR {rates.book}")
    units = [row["unit"] for row in run.criteria if row["share_pct"] is not None]
    raw = len(heading) - 1 - len(units)
    rows = (
        [
            run.on, *line[1:arr], Money(line[arr], rates.book), *line[arr + 1 : raw],
            *(measured(value, unit or "", rates.book) for value, unit in zip(line[raw:-1], units, strict=True)), line[-1],
        ]
        for line in found
    )  # fmt: skip
    return workbook_of(Sheet("Ranking", columns_of(heading), rows))


def lines(ctx: Context, run: ScoringRun, asked: Asked, rates: Rates) -> Iterator[list[Any]]:
    """Yield the heading, then one line an account, in the order shown."""
    found = ranking(ctx, run, asked, rates, whole=True)
    criteria = [row for row in run.criteria if row["share_pct"] is not None]
    yield [
        "As of", "Rank", "Key", "Account", "Owner", "Tier", "Tier proposed", "Score", "Percentile", "Change", "Ranks gained",
        "Provisional", "Firmness: ranks it may move", "Health", f"ARR {rates.book}",
        *(f"{row['label']}, points" for row in criteria), *(f"{row['label']}: {row['fed_by']}" for row in criteria), "On medians",
    ]  # fmt: skip
    labels = {row["key"]: row["label"] for row in criteria}
    for row in found.rows:
        parts = {part["key"]: part for part in row.standing["criteria"]}
        yield [
            run.on.isoformat(),
            row.standing["rank"],
            row.account["key"],
            row.account["name"],
            row.account["owner__name"],
            row.account["tier"],
            row.standing["tier"],
            _plain(row.standing["score"]),
            _plain(row.standing["percentile"]),
            _plain(row.change),
            row.moved,
            "yes" if row.standing["provisional"] or run.provisional else "no",
            row.standing["volatility"],
            row.band,
            _plain(row.arr),
            *(parts[item["key"]]["contribution"] for item in criteria),
            *(parts[item["key"]]["raw"] for item in criteria),
            "; ".join(labels[key] for key, part in parts.items() if part["imputed"]),
        ]


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
