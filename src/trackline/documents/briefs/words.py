"""Tables and words that briefs share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trackline.documents.decks.slides import Cell, Column, Table, cells
from trackline.documents.decks.words import day
from trackline.documents.gathering import Facts
from trackline.kit import formats

KPIS_AT_MOST = 8
LETTERS = 60
"""So many letters of a text stand on a page for each row that its tables have."""


def money(facts: Facts, value: Any) -> str:
    """Return an amount in the account's currency."""
    return formats.money(value, facts["account"]["currency"])


def multiple(value: float | None) -> str:
    """Return how many times one amount is another."""
    return formats.MISSING if value is None else f"{formats.number(value, 2 if value < 10 else 1)}×"


def label(choice: dict[str, str] | None) -> str:
    """Return the words of a choice."""
    return choice["label"] if choice else formats.MISSING


def shortened(text: str, few: int) -> str:
    """Return a text cut to what a page takes whose tables have so many rows."""
    plain = " ".join(text.split())
    most = LETTERS * few
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def outcome_table(facts: Facts, outcomes: Sequence[dict[str, Any]], heading: str, few: int) -> Table:
    """Return value outcomes with their worth and who verified them."""
    rows = [
        cells(
            shortened(one["title"], few),
            money(facts, one["worth"]),
            shortened(one["verified_by"] or formats.MISSING, few),
            day(one["verified_on"]),
        )
        for one in outcomes
    ]
    return Table([Column("Outcome"), Column("Worth", right=True), Column("Verified by"), Column("On")], rows, heading)


def kpi_table(facts: Facts, heading: str, few: int) -> Table:
    """Return KPIs against their targets, as many as a page takes."""
    rows = [
        cells(
            shortened(one["name"], few),
            *(
                formats.measure(one[name], one["unit"], facts["account"]["currency"])
                for name in ("baseline", "current")
            ),
            Cell(
                formats.measure(one["target"], one["unit"], facts["account"]["currency"]),
                "green" if one["reached"] else "",
            ),
        )
        for one in facts["kpis"][: min(KPIS_AT_MOST, few)]
    ]
    columns = [Column("KPI"), Column("Was", right=True), Column("Is", right=True), Column("Target", right=True)]
    return Table(columns, rows, heading)


def risk_table(facts: Facts, most: int, heading: str, few: int) -> Table:
    """Return the largest risks with what is done about them."""
    rows = [
        cells(shortened(one["title"], few), Cell(str(one["score"]), one["band"], strong=True), shortened(one["mitigation"] or "no mitigation", few), one["owner"] or formats.MISSING)
        for one in facts["risks"][: min(most, few)]
    ]  # fmt: skip
    return Table([Column("Risk"), Column("Score", right=True), Column("Mitigation"), Column("Owner")], rows, heading)


def action_table(rows: Sequence[dict[str, Any]], heading: str, few: int) -> Table:
    """Return actions with who and when."""
    found = [
        cells(
            shortened(one["title"], few), one["client_owner"] if one["side"]["value"] == "customer" else one["owner"] or formats.MISSING,
            Cell(f"{day(one['due_on'])}, late", "red") if one["late"] else day(one["due_on"]),
        )
        for one in rows[:few]
    ]  # fmt: skip
    return Table([Column("Action"), Column("Who"), Column("Due")], found, heading)
