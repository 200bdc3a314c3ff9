"""A plan on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from unicodedata import east_asian_width

from trackline.documents.decks.measure import shorten
from trackline.documents.papers.blocks import Note, Pairs, Paper, Part, Table
from trackline.documents.papers.widths import COMPACT, INSET, widths
from trackline.documents.plans.catalogue import Shown, catalogue
from trackline.documents.plans.paper import table_of
from trackline.documents.plans.writing import DASH, written
from trackline.kit import formats

LINES: Sequence[tuple[str, int, Sequence[str]]] = (
    ("priorities", 3, ("rank", "title", "source")),
    ("goals", 5, ("title", "current", "target", "progress_pct", "status", "due_on")),
    ("metrics", 4, ("name", "current", "target", "current_on")),
    ("expansion", 3, ("title", "value", "probability", "expected_close_on", "owner")),
    ("risks", 3, ("title", "score", "mitigation", "owner")),
    ("ninety_days", 5, ("title", "owner", "due_on")),
    ("calendar", 3, ("on", "title", "cadence")),
)
"""Sections on the page with how many rows and which columns; the rest is counted below each table."""


def summary_paper(facts: Mapping[str, Any]) -> Paper:
    """Return the one-page summary of an account; what does not fit is counted, never squeezed onto a second page."""
    header, as_of = facts["account"], formats.day(date.fromisoformat(facts["as_of"]))
    parts = [Part("overview", "At a glance", [Pairs(_glance(facts))])]
    for code, most, keys in LINES:
        section = catalogue()[code]
        columns = {one.key: one for one in section.columns}
        shown: list[Shown] = [columns[key] for key in keys]
        found = table_of(section.of(facts), shown, section.empty, grouped=facts["grouped"], most=most)
        parts.append(Part(code, section.title, [_cut(found)]))
    missing = ", ".join(facts["missing"])
    return Paper(
        title=_short(header["name"], 90),
        kind="Account plan on one page",
        line=f"As of {as_of}",
        foot=f"{_short(header['name'], 60)} · {as_of}",
        parts=[*parts, *([Part("missing", "Not recorded", [Note(missing)])] if missing else [])],
        compact=True,
    )


def _glance(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    header, value = facts["account"], facts["value"]
    group = header["group"]
    scores = {one["model"]: one for one in facts["health"]["models"]}
    rows = [("ARR", formats.money(group["arr"], group["currency"]) if header["arr"] is not None else formats.MISSING)]
    rows += [
        (label, formats.MISSING if (text := written(header, key, way)) == DASH else _short(text, 40))
        for label, key, way in (
            ("Renewal", "renewal_date", "day"), ("Tier", "tier", "tier"), ("Owner", "owner", "text"),
            ("Our sponsor", "exec_sponsor", "text"), ("Customer's sponsor", "customer_sponsor", "text"),
        )
    ]  # fmt: skip
    for model, found in scores.items():
        rows.append((f"Health, {model}", f"{formats.number(found['value'], 1)}, {found['band'] or 'unknown'}"))
    rows.append(
        (
            "Value verified",
            f"{formats.money(value['verified'], value['currency'])} of {formats.money(value['committed'], value['currency'])}",
        )
    )
    pipeline = facts["pipeline"]
    rows.append(
        ("Open routes", f"{pipeline['count']}, {formats.money(pipeline['weighted'], pipeline['currency'])} weighted")
    )
    return rows


def _cut(table: Table) -> Table:
    """Cut each cell to a line of its column."""
    room, size = COMPACT
    rooms = [wide - INSET for wide in widths(table, room, size)]
    rows = [[shorten(cell, size, at, 1) for cell, at in zip(row, rooms, strict=True)] for row in table.rows]
    return replace(table, rows=rows)


def _short(text: str, most: int) -> str:
    """Cut a text to so many letters; Chinese, Japanese and Korean ones are two wide."""
    wide = 0
    for at, letter in enumerate(text):
        wide += 2 if east_asian_width(letter) in "WF" else 1
        if wide > most:
            return text[: max(at - 1, 0)].rstrip() + "…"
    return text
