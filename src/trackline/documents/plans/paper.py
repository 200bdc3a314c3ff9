"""A plan as a paper: its sections in order, each from the facts and the texts written for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from trackline.documents.allowed.editions import for_customer
from trackline.documents.allowed.names import may_tell
from trackline.documents.papers.blocks import Block, Column, Note, Pairs, Paper, Part, Prose, Table
from trackline.documents.plans.catalogue import Section, Shown, catalogue
from trackline.documents.plans.writing import DASH, written
from trackline.kit import formats

Facts = Mapping[str, Any]
KIND = "Account plan"
ROWS = 60
"""So many rows a table of a plan holds; what is left out is counted."""


def plan_paper(
    facts: Facts, sections: Sequence[str], texts: Mapping[str, str], *, customer: bool = False, version: str = ""
) -> Paper:
    """Return a plan as a paper: `texts` are what people wrote, by section code.

    The customer's copy has the sections that the catalogue opens, out of the facts that may leave. Source: PERM-08.
    """
    known = catalogue()
    facts = for_customer(facts) if customer else facts
    codes = [code for code in sections if code in known]
    if facts["grouped"] and "group" not in codes:
        codes.insert(codes.index("overview") + 1 if "overview" in codes else 0, "group")
    shown = [known[code] for code in codes if known[code].customer or not customer]
    parts = [_part(section, facts, texts.get(section.code, ""), customer=customer) for section in shown]
    header = facts["account"]
    as_of = formats.day(date.fromisoformat(facts["as_of"]))
    line = [f"As of {as_of}", *([version] if version else []), *([] if customer else [_size(facts)])]
    return Paper(
        title=header["name"],
        kind=f"{KIND}, copy for the customer" if customer else KIND,
        line=" · ".join(part for part in line if part),
        foot=f"{header['name']} · {KIND} · {as_of}",
        parts=[part for part in parts if part.blocks],
        notes=[] if customer else list(_notes(facts)),
    )


def _size(facts: Facts) -> str:
    group = facts["account"]["group"]
    if not facts["grouped"]:
        return ""
    return f"{group['accounts']} accounts, ARR {formats.money(group['arr'], group['currency'])}"


def _part(section: Section, facts: Facts, text: str, *, customer: bool) -> Part:
    blocks: list[Block] = []
    if text.strip():
        blocks.append(Prose(text))
    elif section.prompt and not section.source and not customer:
        blocks.append(Note(f"To be written. {section.prompt}"))
    if section.grid:
        blocks.append(_grid(section.of(facts), section.empty))
    elif section.source:
        blocks += _live(section, facts, customer=customer)
    return Part(section.code, (customer and section.theirs) or section.title, blocks)


def _live(section: Section, facts: Facts, *, customer: bool) -> Iterator[Block]:
    found = section.of(facts)
    if section.pairs:
        yield Pairs([
            (one.label, formats.MISSING if (text := written(found, one.key, one.written)) == DASH else text)
            for one in _open(section, section.pairs, customer=customer)
        ])  # fmt: skip
    if section.columns:
        yield table_of(
            found, _open(section, section.columns, customer=customer), section.empty, grouped=facts["grouped"]
        )


def table_of(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[Shown], empty: str, *, grouped: bool = False, most: int = ROWS
) -> Table:
    """Return rows of facts as a table of their shown columns; rows of a group name their account."""
    if grouped and rows and "account" in rows[0]:
        columns = [*columns[:1], Shown("account", "Account"), *columns[1:]]
    cells = [[written(row, one.key, one.written) for one in columns] for row in rows[:most]]
    return Table([Column(one.label, one.right) for one in columns], cells, empty, max(len(rows) - most, 0))


def _open(section: Section, shown: Sequence[Shown], *, customer: bool) -> list[Shown]:
    if not customer:
        return list(shown)
    return [
        replace(one, label=one.theirs or one.label, written=one.to_them or one.written)
        for one in shown
        if may_tell(section.source, one.key)
    ]


def _grid(found: Mapping[str, Any], empty: str) -> Table:
    columns = [Column("Unit"), *(Column(name) for name in found["products"])]
    rows = [[row["unit"], *(_cell(cell, found["currency"]) for cell in row["cells"])] for row in found["rows"]]
    return Table(columns, rows[:ROWS], empty, max(len(rows) - ROWS, 0))


def _cell(cell: Mapping[str, Any], currency: str) -> str:
    worth = f", {formats.money(cell['value'], currency)}" if cell["value"] is not None else ""
    return f"{cell['label']}{worth}"


def _notes(facts: Facts) -> Iterator[str]:
    if facts["missing"]:
        yield f"Not recorded: {', '.join(facts['missing'])}."
    value = facts["value"]
    if value["left_out"]:
        yield f"Value left out for want of an amount: {', '.join(value['left_out'])}."
    for note in {facts["account"]["group"]["note"], value["note"]} - {None}:
        yield f"Amounts {note}."
    if facts["read_at"][:10] != facts["as_of"]:
        read = formats.day(date.fromisoformat(facts["read_at"][:10]))
        yield f"Read on {read}: what has no day of its own stands as it was then."
