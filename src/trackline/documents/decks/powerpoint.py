"""A deck as a PowerPoint file: native text, tables and charts on a master of ours or of the company's."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from .charts import draw_chart, figures_of
from .layout import CELL_X, CELL_Y, HEADING, TILE_TOP, Box, Page, Placed, Tile, heading_height, indent, pages
from .measure import LINE, fit, fit_box, is_rtl, set_in, wrap
from .slides import Cell, Chart, Deck, Slide, Table, Text, Waterfall
from .theme import FOOT, Ink, Master, inside, own

COVER_SIZES = (38.0, 34.0, 30.0, 26.0, 22.0)
MARGIN, FACTS = 24.0, 60.0
"""The least room above a cover's facts, and the room beneath its title that is enough for them."""
FOOT_SIZES = (9.0, 8.0, 7.0)
FACT_SIZES = (14.0, 13.0, 12.0, 11.0, 10.0)
HAIRLINE = 6350
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The built-in table style without lines and fills; ours are drawn on the cells, so that every program shows them."""
MAKER = "Trackline"
PROPERTY = 255
"""So many letters a property of the file may have."""


def render(deck: Deck, at: datetime, master: Master | None = None) -> bytes:
    """Return a deck as a .pptx file. `at` is the moment its data is of."""
    master = master or own()
    presentation = master.open()
    with set_in(master.wide):
        if deck.cover:
            _cover(presentation, master, deck)
        for slide in deck.slides:
            found = pages(slide, master.area)
            for page in found:
                _content(presentation, master, deck, slide, page, len(found))
    held = presentation.core_properties
    held.title, held.subject = deck.title[:PROPERTY], deck.footer[:PROPERTY]
    held.author = held.last_modified_by = MAKER
    held.created = held.modified = at.astimezone(UTC).replace(tzinfo=None)
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def _cover(presentation: Any, master: Master, deck: Deck) -> None:
    drawn = presentation.slides.add_slide(presentation.slide_layouts[master.cover])
    title = drawn.shapes.title
    said, size = fit_box(deck.title, COVER_SIZES, *inside(title), strong=True)
    _say(title.text_frame, said, size)
    bottom = title.top.pt + title.height.pt
    for shape in drawn.placeholders:
        if shape.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE:
            said, size = fit_box(deck.subtitle, (18.0, 16.0, 14.0), *inside(shape))
            _say(shape.text_frame, said, size)
            shape.text_frame.vertical_anchor = MSO_ANCHOR.TOP
            lines = len(wrap(said, size, inside(shape)[0]))
            bottom = max(
                bottom, shape.top.pt + min(shape.height.pt, shape.text_frame.margin_top.pt + lines * size * LINE)
            )
    _clear_empty(drawn)
    top = title.top.pt
    beneath = Box(title.left.pt, bottom + 14, title.width.pt, master.area.bottom - bottom - 14)
    above = Box(title.left.pt, MARGIN, title.width.pt, top - MARGIN - 14)
    left = _facts(drawn, beneath if beneath.h >= min(above.h, FACTS) else above, deck.facts, master.ink)
    _foot(drawn, presentation.slide_layouts[master.cover], deck.footer, master)
    _note(drawn, [*(f"{name}: {text}" for name, text in left), *deck.notes])


def _facts(drawn: Any, room: Box, facts: Sequence[tuple[str, str]], ink: Ink) -> Sequence[tuple[str, str]]:
    """Write names and values on the cover, as many as there is room for at a size that can be read; return the others."""
    shown = facts[: max(0, int(room.h // (FACT_SIZES[-1] * LINE + 2)))]
    wide = min(130.0, room.w * 0.3)
    y = room.y
    for name, text in shown:
        each = min(44.0, room.h / len(shown))
        label, size = fit_box(name, FACT_SIZES, wide - 8, each)
        _box(drawn, Box(room.x, y, wide - 8, each), label, size, colour=ink.quiet)
        said, size = fit_box(text, FACT_SIZES, room.w - wide, each)
        _box(drawn, Box(room.x + wide, y, room.w - wide, each), said, size)
        y += each
    return facts[len(shown) :]


def _content(presentation: Any, master: Master, deck: Deck, slide: Slide, page: Page, of: int) -> None:
    layout = presentation.slide_layouts[master.content]
    drawn = presentation.slides.add_slide(layout)
    title = slide.title if of == 1 else f"{slide.title} ({page.number} of {of})"
    said, size = fit_box(title, master.title_sizes, master.title.w, master.title.h, strong=True)
    _say(drawn.shapes.title.text_frame, said, size)
    _clear_empty(drawn)
    if page.finding:
        box, finding, finding_size = page.finding
        _box(drawn, box, finding, finding_size, colour=master.ink.quiet)
    for tile in page.tiles:
        _tile(drawn, tile, master.ink)
    for placed in page.placed:
        _block(drawn, placed, master.ink)
    _foot(drawn, layout, deck.footer, master)
    whole = [slide.title] if said != title else []
    _note(drawn, [*slide.notes, *(f"In full: {text}" for text in (*whole, *page.cut))])


def _block(drawn: Any, placed: Placed, ink: Ink) -> None:
    block, box = placed.block, placed.box
    if block.heading:
        head = Box(box.x, box.y, box.w, HEADING * LINE)
        said, size = fit(block.heading, (HEADING, 11.0, 10.0), box.w, 1, strong=True)
        _box(drawn, head, said, size, strong=True)
        box = box.below(heading_height(block))
    if isinstance(block, Text):
        _paragraphs(drawn, box, block, placed.size)
    elif isinstance(block, Table):
        _table(drawn, box, block, placed, ink)
    else:
        shape = draw_chart(drawn, box, block, ink)
        _describe(shape, _words(block))


def _words(block: Chart | Waterfall) -> str:
    lines = [": ".join((row[0], ", ".join(row[1:]))) for row in figures_of(block)]
    return ". ".join(part for part in (block.heading, "; ".join(lines)) if part)


def _paragraphs(drawn: Any, box: Box, block: Text, size: float) -> None:
    frame = _frame(drawn, box)
    for at, line in enumerate(block.lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        _run(paragraph, line, size)
        if at:
            paragraph.space_before = Pt(size * 0.35)
        if block.bullets:
            _bullet(paragraph, indent(block, size))


def _bullet(paragraph: Any, by: float) -> None:
    held = paragraph._p.get_or_add_pPr()
    held.set("marR" if held.get("rtl") == "1" else "marL", str(Pt(by)))
    held.set("indent", str(-Pt(by)))
    colour = etree.SubElement(held, qn("a:buClr"))
    etree.SubElement(colour, qn("a:schemeClr")).set("val", "accent1")
    etree.SubElement(held, qn("a:buFont")).set("typeface", "Arial")
    etree.SubElement(held, qn("a:buChar")).set("char", "•")


def _table(drawn: Any, box: Box, block: Table, placed: Placed, ink: Ink) -> None:
    grid = placed.grid
    assert grid is not None
    shape = drawn.shapes.add_table(
        len(block.rows) + 1, len(block.columns), Pt(box.x), Pt(box.y), Pt(box.w), Pt(sum(grid.heights))
    )
    table = shape.table
    shape._element.find(f".//{qn('a:tableStyleId')}").text = NO_STYLE
    table.horz_banding = False
    for column, wide in zip(table.columns, grid.widths, strict=True):
        column.width = Pt(wide)
    for row, high in zip(table.rows, grid.heights, strict=True):
        row.height = Pt(high)
    header = [Cell(column.label, strong=True) for column in block.columns]
    for at, row in enumerate((header, *block.rows)):
        for column, cell in enumerate(row):
            _cell(table.cell(at, column), cell, placed.size, ink, right=block.columns[column].right, head=at == 0)
    _describe(shape, block.heading or "Table")


def _cell(drawn: Any, cell: Cell, size: float, ink: Ink, *, right: bool, head: bool) -> None:
    drawn.margin_left = drawn.margin_right = Pt(CELL_X)
    drawn.margin_top = drawn.margin_bottom = Pt(CELL_Y * size)
    paragraph = drawn.text_frame.paragraphs[0]
    run = _run(paragraph, cell.text, size, strong=cell.strong)
    if right and not is_rtl(cell.text):
        paragraph.alignment = PP_ALIGN.RIGHT
    if head:
        run.font.color.theme_color = ink.quiet
    elif cell.band:
        run.font.color.rgb = RGBColor.from_string(ink.bands[cell.band])
    held = drawn._tc.get_or_add_tcPr()
    line = etree.SubElement(held, qn("a:lnB"))
    line.set("w", str(HAIRLINE * (2 if head else 1)))
    fill = etree.SubElement(line, qn("a:solidFill"))
    if head:
        etree.SubElement(fill, qn("a:schemeClr")).set("val", "tx2" if ink.quiet == MSO_THEME_COLOR.TEXT_2 else "tx1")
    else:
        etree.SubElement(fill, qn("a:srgbClr")).set("val", ink.line)
    etree.SubElement(held, qn("a:noFill"))


def _tile(drawn: Any, tile: Tile, ink: Ink) -> None:
    shape = drawn.shapes.add_textbox(Pt(tile.box.x), Pt(tile.box.y), Pt(tile.box.w), Pt(tile.box.h))
    if ink.tile is not None:
        shape.fill.solid()
        shape.fill.fore_color.theme_color = ink.tile
    frame = shape.text_frame
    _bare(frame)
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_top = Pt(TILE_TOP)
    frame.margin_left = frame.margin_right = Pt(CELL_X + 3)
    _run(frame.paragraphs[0], tile.figure.label, 11, colour=ink.quiet)
    missing = ink.quiet if tile.figure.missing else None
    value = _run(frame.add_paragraph(), tile.figure.value, tile.size, strong=not tile.figure.missing, colour=missing)
    if tile.figure.band:
        value.font.color.rgb = RGBColor.from_string(ink.bands[tile.figure.band])
    if tile.figure.detail:
        _run(frame.add_paragraph(), tile.figure.detail, 10, colour=ink.quiet)
    for paragraph in frame.paragraphs:
        if not is_rtl("".join(run.text for run in paragraph.runs)):
            paragraph.alignment = PP_ALIGN.LEFT


def _box(drawn: Any, box: Box, text: str, size: float, *, strong: bool = False, colour: Any = None) -> None:
    _run(_frame(drawn, box).paragraphs[0], text, size, strong=strong, colour=colour)


def _frame(drawn: Any, box: Box) -> Any:
    frame = drawn.shapes.add_textbox(Pt(box.x), Pt(box.y), Pt(box.w), Pt(box.h)).text_frame
    _bare(frame)
    frame.margin_left = frame.margin_right = 0
    return frame


def _bare(frame: Any) -> None:
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_top = frame.margin_bottom = 0


def _say(frame: Any, text: str, size: float) -> None:
    """Fill a place of the layout: its letters are the template's, only their size is ours."""
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    paragraph = frame.paragraphs[0]
    run = paragraph.add_run()
    run.text, run.font.size = text, Pt(size)
    _pace(paragraph, size)
    _direction(paragraph, text)


def _run(paragraph: Any, text: str, size: float, *, strong: bool = False, colour: Any = None) -> Any:
    run = paragraph.add_run()
    run.text = " ".join(text.splitlines()) if "\n" in text else text
    run.font.size, run.font.bold = Pt(size), strong
    run.font.color.theme_color = colour or MSO_THEME_COLOR.TEXT_1
    _pace(paragraph, size)
    _direction(paragraph, text)
    return run


def _pace(paragraph: Any, size: float) -> None:
    """Set how far lines stand apart in points: faces of other scripts ask for half as much again, and would not fit."""
    paragraph.line_spacing = Pt(size * LINE)


def _direction(paragraph: Any, text: str) -> None:
    if is_rtl(text):
        paragraph._p.get_or_add_pPr().set("rtl", "1")
        paragraph.alignment = PP_ALIGN.RIGHT


def _clear_empty(drawn: Any) -> None:
    """A place of the layout that nothing fills would ask for text."""
    for shape in list(drawn.placeholders):
        if shape.has_text_frame and not shape.text_frame.text:
            shape._element.getparent().remove(shape._element)


def _foot(drawn: Any, layout: Any, footer: str, master: Master) -> None:
    """Footer and number stand where the layout has them; slides made by a program do not get them by themselves.

    Whose figures these are and of when stands on every slide: a layout without a footer gets one at its lower edge.
    """
    kinds = {shape.placeholder_format.type for shape in layout.placeholders}
    if PP_PLACEHOLDER.FOOTER not in kinds:
        box = master.foot or Box(master.area.x, master.size[1] - FOOT - 4, master.area.w, FOOT)
        said, size = fit_box(footer, FOOT_SIZES, box.w, box.h)
        _box(drawn, box, said, size, colour=master.ink.quiet)
    for shape in layout.placeholders:
        kind = shape.placeholder_format.type
        if kind not in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            continue
        made = drawn.shapes.add_textbox(shape.left, shape.top, shape.width, Emu(shape.height))
        element = made._element
        held = element.find(f"{qn('p:nvSpPr')}/{qn('p:nvPr')}")
        mark = etree.SubElement(held, qn("p:ph"))
        mark.set("type", "ftr" if kind == PP_PLACEHOLDER.FOOTER else "sldNum")
        mark.set("idx", str(shape.placeholder_format.idx))
        for child in list(element.find(qn("p:spPr"))):
            element.find(qn("p:spPr")).remove(child)
        paragraph = made.text_frame.paragraphs[0]
        body = made.text_frame._txBody.find(qn("a:bodyPr"))
        for name in list(body.attrib):
            del body.attrib[name]
        for child in list(body):
            body.remove(child)
        if kind == PP_PLACEHOLDER.FOOTER:
            said, size = fit_box(footer, FOOT_SIZES, *inside(shape))
            _run(paragraph, said, size, colour=master.ink.quiet)
            paragraph.alignment = PP_ALIGN.LEFT
        else:
            field = etree.SubElement(paragraph._p, qn("a:fld"))
            field.set("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
            field.set("type", "slidenum")
            etree.SubElement(field, qn("a:rPr")).set("lang", "en-GB")
            etree.SubElement(field, qn("a:t")).text = "‹#›"


def _note(drawn: Any, lines: Sequence[str]) -> None:
    if lines:
        drawn.notes_slide.notes_text_frame.text = "\n".join(lines)


def _describe(shape: Any, text: str) -> None:
    shape._element.find(f".//{qn('p:cNvPr')}").set("descr", text)
