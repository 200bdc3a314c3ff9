"""A deck that shows what a template makes of figures, tables, charts and long words. Pure."""

from __future__ import annotations

from decimal import Decimal

from trackline.kit import formats

from .slides import Cell, Chart, Column, Deck, Figure, Series, Slide, Table, Text, Waterfall, cells

QUARTERS = ("Q1", "Q2", "Q3", "Q4")


def sample_deck(title: str) -> Deck:
    """Return a deck of each kind of slide."""
    return Deck(
        title=title,
        subtitle="How a deck looks on this template",
        facts=(
            ("Objectives", "Figures, tables and charts are read with ease"),
            ("Decisions sought", "1. Use it for the book"),
        ),
        slides=(_figures(), _tables(), _charts()),
        footer=f"{title} · sample · internal",
        notes=("Every figure of this deck is made up.",),
    )


def _figures() -> Slide:
    figures = (
        Figure("ARR", "€4.20m", "+0.30m in a year", "green"), Figure("Net retention", "98 %", "target 105 %", "amber"),
        Figure("NPS", "12", "−9 in a quarter", "red"), Figure("Benefits", formats.MISSING, "no reading"),
    )  # fmt: skip
    words = Text(
        ("States are told in words and colours.", "A long line goes on to the next one and stays inside its column.")
    )
    return Slide(
        "Figures and words", "What a summary looks like.", figures=figures, left=(words,), right=(words,), key="figures"
    )


def _tables() -> Slide:
    columns = (Column("Risk"), Column("Likelihood × impact"), Column("At risk", right=True), Column("Owner"))
    rows = [
        cells("Plant two goes live late, and with it half of the savings", Cell("4 × 5 = 20", "red", strong=True), "€1.20m", "Katrin Vogel"),
        cells("Budget of the second year is not approved", Cell("3 × 3 = 9", "amber", strong=True), "€0.40m", "Ines Alba"),
        cells("Key user leaves", Cell("2 × 2 = 4", "green", strong=True), "—", "Tom Reed"),
    ]  # fmt: skip
    return Slide("Tables", left=(Table(columns, rows),), key="tables")


def _charts() -> Slide:
    values = tuple(Decimal(one) for one in (62, 71, 68, 84))
    line = Chart(
        "line",
        QUARTERS,
        (Series("Reached", values), Series("Target", (Decimal(80),) * 4, target=True)),
        "Service level",
    )
    fall = Waterfall(
        ("Committed", Decimal(210)), (("Late", Decimal(-60)), ("Found", Decimal(25))), "Verified", "Value, k€"
    )
    return Slide("Charts", "Charts are native and can be edited.", left=(line,), right=(fall,), key="charts")
