"""A deck opens, its texts fit, its charts and tables are native."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Pt

from tests.documents.decks.reading import outside, overflowing, read
from trackline.documents.decks.layout import TILE_TOP, Box, pages
from trackline.documents.decks.marks import letters
from trackline.documents.decks.measure import axis as axis_of
from trackline.documents.decks.measure import fit, is_rtl, shorten, width, wrap
from trackline.documents.decks.powerpoint import render
from trackline.documents.decks.sketch import AREA
from trackline.documents.decks.slides import (
    Cell,
    Chart,
    Column,
    Deck,
    Figure,
    Series,
    Slide,
    Table,
    Text,
    Waterfall,
    cells,
)
from trackline.documents.decks.theme import read_master
from trackline.kit import formats
from trackline.kit.problems import Invalid

AT = datetime(2026, 11, 19, 8, tzinfo=UTC)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and all of its subsidiaries"
NAMES = (
    LONG,
    "小林製作所の四半期レビューに関する長い題名" * 4,
    "شركة الاتصالات المتحدة للخدمات الصناعية " * 5,
    "Q",
    "",
)


def deck(*slides: Slide, **changes: object) -> Deck:
    made = Deck("Okada & Brandt", "Quarterly business review", [("Ours", "Katrin Vogel")], slides, "Frozen")
    return replace(made, **changes)  # type: ignore[arg-type]


def goals(count: int) -> Table:
    rows = [
        cells(f"{NAMES[at % len(NAMES)]} {at}", "12 d", f"{at} d", Cell("Off track", "red", strong=True))
        for at in range(count)
    ]
    return Table([Column("Goal"), Column("Target", right=True), Column("Now", right=True), Column("State")], rows)


def test_lines_break_where_they_are_too_long() -> None:
    assert wrap("one two three", 10, width("one two", 10) + 1) == ["one two", "three"]
    assert wrap("", 10, 100) == [""]
    assert "".join(wrap(LONG.replace(" ", ""), 12, 60)) == LONG.replace(" ", "")
    assert all(width(line, 12) <= 60 for line in wrap("四半期レビューの要約", 12, 60))
    assert shorten("one two three", 10, width("one two", 10) + 1, 1) == "one t…"
    assert fit("short", (20, 10), 500, 1) == ("short", 20)
    assert is_rtl("12 شركة") and not is_rtl("Okada שלום")


@pytest.mark.parametrize("name", NAMES, ids=["long", "cjk", "rtl", "letter", "empty"])
def test_every_text_fits(name: str) -> None:
    figures = [Figure(name or "ARR", name or "€4.20m", name, "green") for _ in range(5)]
    text = Text([name * 3, name, "short"], heading=name)
    made = render(
        deck(
            Slide(name or "Untitled", finding=name * 3, figures=figures, left=[goals(20)], right=[text]),
            Slide("Words", left=[text, Text([name * 60])], right=[goals(3), text]),
            title=name * 2 or "Untitled",
            subtitle=name * 4,
            facts=[(name[:12], name * 3)] * 7,
            footer=name * 5,
        ),
        AT,
    )
    assert not overflowing(made)
    assert not outside(made)


def test_what_does_not_fit_goes_on() -> None:
    slides = read(render(deck(Slide("Goals", left=[goals(60)])), AT)).slides
    titles = [slide.shapes.title.text_frame.text for slide in slides][1:]
    assert titles[0] == f"Goals (1 of {len(titles)})" and titles[-1] == f"Goals ({len(titles)} of {len(titles)})"
    tables = [shape.table for slide in slides for shape in slide.shapes if getattr(shape, "has_table", False)]
    assert sum(len(table.rows) - 1 for table in tables) == 60
    assert {table.cell(0, 0).text_frame.text for table in tables} == {"Goal"}


def test_a_table_that_goes_on_is_spread_evenly() -> None:
    for count in range(12, 40):
        rows = [cells(f"Goal {at}", "1", "2", "On track") for at in range(count)]
        table = replace(goals(0), rows=rows)
        held = [[len(one.block.rows) for one in page.placed] for page in pages(Slide("Goals", left=[table]), AREA)]
        assert max(held)[0] - min(held)[0] <= len(held), held
        assert sum(one for [one] in held) == count


def test_a_table_does_not_begin_with_a_row_at_the_foot() -> None:
    rows = [cells(f"Goal {at}", "1", "2", "On track") for at in range(9)]
    blocks = [Text(["Said before."] * 20), replace(goals(0), rows=rows)]
    first, second = pages(Slide("Goals", left=blocks), AREA)
    assert [type(one.block) for one in first.placed] == [Text]
    assert [len(one.block.rows) for one in second.placed] == [9]


def test_what_is_shortened_stands_in_the_notes() -> None:
    whole = "A very long remark. " * 60
    made = read(render(deck(Slide("Risks", left=[Table([Column("Risk"), Column("By")], [cells(whole, "x")])])), AT))
    slide = made.slides[1]
    assert "…" in next(shape.table for shape in slide.shapes if shape.has_table).cell(1, 0).text_frame.text
    assert whole.strip() in slide.notes_slide.notes_text_frame.text


def test_charts_are_native_with_their_figures() -> None:
    line = Chart("line", ["Q1", "Q2"], [Series("NPS", [Decimal(20), None]), Series("Target", [Decimal(40)] * 2, True)])
    fall = Waterfall(("Committed", Decimal(100)), [("Late", Decimal(-40)), ("More", Decimal(10))], "Verified")
    slide = read(render(deck(Slide("NPS", left=[line], right=[fall])), AT)).slides[1]
    trend, bridge = (shape.chart for shape in slide.shapes if shape.has_chart)
    assert [tuple(series.values) for series in trend.plots[0].series] == [(20.0, None), (40.0, 40.0)]
    held = openpyxl.load_workbook(io.BytesIO(trend.part.chart_workbook.xlsx_part.blob)).active
    assert held is not None
    assert [[cell.value for cell in row] for row in held.rows] == [
        [None, "NPS", "Target"], ["Q1", 20, 40], ["Q2", None, 40],
    ]  # fmt: skip
    drawn = {series.name: tuple(series.values) for series in bridge.plots[0].series}
    assert drawn["Sum"] == (100.0, None, None, 70.0)
    assert drawn["Held up"][1:3] == (60.0, 60.0)
    assert drawn["Less"][1] == 40.0 and drawn["More"][2] == 10.0


def test_lines_stand_as_far_apart_as_they_were_measured_in_whatever_face() -> None:
    made = render(deck(Slide(NAMES[1], NAMES[1], [Figure("NPS", "28")], left=[goals(3), Text([NAMES[2]])])), AT)
    paces = {
        (run.font.size.pt, paragraph.line_spacing.pt)
        for slide in read(made).slides
        for shape in slide.shapes
        for frame in _frames(shape)
        for paragraph in frame.paragraphs
        for run in paragraph.runs
    }
    assert len(paces) > 3
    assert all(pace == pytest.approx(size * 1.2, abs=0.1) for size, pace in paces)


def test_names_beside_an_axis_stay_level_and_whole_elsewhere() -> None:
    fall = Waterfall(("Committed", Decimal(9)), [(f"{LONG} {at}", Decimal(1)) for at in range(6)], "Verified")
    bars = Chart("bar", [LONG, "Q2"], [Series("NPS", [Decimal(1), Decimal(2)])])
    slide = read(render(deck(Slide("Value", left=[fall], right=[bars])), AT)).slides[1]
    for shape in (one for one in slide.shapes if one.has_chart):
        axis = shape.chart.category_axis
        names = list(shape.chart.plots[0].categories)
        assert axis._element.find(".//{*}bodyPr").get("rot") == "0"
        assert max(map(len, names)) < len(LONG)
        assert axis.tick_labels.font.size.pt == 8
        assert LONG in shape._element.find(".//{*}cNvPr").get("descr")
    assert axis_of(["Committed", "Jan 25"], 60) == (["Committed", "Jan 25"], 10)
    assert axis_of(["Committed"], 46) == (["Committed"], 9)


def test_figures_stand_on_one_line_and_missing_ones_are_quiet() -> None:
    figures = [Figure("ARR", "€4m", "as of today"), Figure("NPS", formats.MISSING)]
    slide = read(render(deck(Slide("Summary", figures=figures)), AT)).slides[1]
    tiles = [shape for shape in slide.shapes if shape.has_text_frame and shape.text_frame.text[:3] in ("ARR", "NPS")]
    assert {(tile.text_frame.margin_top, tile.text_frame.vertical_anchor) for tile in tiles} == {
        (Pt(TILE_TOP), MSO_ANCHOR.TOP)
    }
    known, missing = (tile.text_frame.paragraphs[1].runs[0].font for tile in tiles)
    assert known.bold and not missing.bold and missing.size < known.size


def test_words_wider_than_their_box_break_on_paper() -> None:
    assert letters(Box(0, 0, 60, 20), f"The {LONG}", 12)["text"].startswith("The D\u200bo\u200bn")
    assert letters(Box(0, 0, 900, 20), f"The {LONG}", 12)["text"] == f"The {LONG}"


def test_a_company_s_own_template_is_used() -> None:
    template = Presentation()
    template.slides.add_slide(template.slide_layouts[0]).shapes.title.text = "Old"  # type: ignore[union-attr]
    out = io.BytesIO()
    template.save(out)
    master = read_master(out.getvalue())
    made = render(deck(Slide("Goals", left=[goals(20)], right=[Text([LONG])])), AT, master)
    assert read(made).slide_width == template.slide_width
    assert "Old" not in {shape.text_frame.text for slide in read(made).slides for shape in slide.placeholders}
    assert not overflowing(made) and not outside(made)


@pytest.mark.parametrize("blob", [b"", b"PK\x03\x04 nothing", b"<html>" * 100])
def test_what_is_no_template_is_refused(blob: bytes) -> None:
    with pytest.raises(Invalid, match="PowerPoint"):
        read_master(blob)


def _frames(shape: Any) -> list[Any]:
    if getattr(shape, "has_table", False) and shape.has_table:
        return [cell.text_frame for row in shape.table.rows for cell in row.cells]
    return [shape.text_frame] if shape.has_text_frame else []
