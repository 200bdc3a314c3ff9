"""A paper as a Word document: real headings, tables whose heads repeat, links, page numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from trackline.documents.decks.measure import is_rtl
from trackline.documents.papers.blocks import Block, Note, Pairs, Paper, Prose, Table
from trackline.documents.papers.prose import Paragraph, Run, paragraphs
from trackline.documents.papers.widths import widths

FONT = "Arial"
QUIET, ACCENT, INK = RGBColor(0x55, 0x51, 0x4A), RGBColor(0x27, 0x47, 0xC8), RGBColor(0x1B, 0x1A, 0x17)
WIDTH, POINTS, CELL = 174, 72 / 25.4, 9.0
"""Millimetres between the margins, points in one, and the size of letters in tables."""
RULE = "D9D4CA"
AFTER_BIDI = (
    "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:jc",
    "w:textDirection", "w:outlineLvl", "w:rPr", "w:sectPr",
)  # fmt: skip
"""What stands behind the direction among the properties of a paragraph: Word reads them in their order alone."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_word(paper: Paper) -> bytes:
    """Return a paper as a .docx file."""
    file = Document()
    _page(file, paper)
    file.core_properties.title, file.core_properties.author = _clean(paper.title)[:250], ""
    _line(file, paper.kind, colour=ACCENT, bold=True)
    title = file.add_heading(_clean(paper.title), level=0)
    _direction(title, paper.title)
    title.paragraph_format.space_after = Pt(2)
    _line(file, paper.line, colour=QUIET)
    for part in paper.parts:
        _direction(file.add_heading(_clean(part.title), level=1), part.title)
        for block in part.blocks:
            _block(file, block)
    for note in paper.notes:
        _line(file, note, colour=QUIET, italic=True)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: Any, paper: Paper) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)
    for name, size in (("Normal", 10), ("Title", 22), ("Heading 1", 13), ("Heading 2", 11)):
        style = file.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:hAnsi"), FONT)
        fonts.set(qn("w:cs"), FONT)
    file.styles["Normal"].paragraph_format.space_after = Pt(4)
    foot = section.footer.paragraphs[0]
    run = foot.add_run(_clean(paper.foot) + " · ")
    run.font.size, run.font.color.rgb = Pt(8), QUIET
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    foot._p.append(number)


def _line(file: Any, text: str, *, colour: RGBColor, bold: bool = False, italic: bool = False) -> None:
    paragraph = file.add_paragraph()
    run = paragraph.add_run(_clean(text))
    run.font.color.rgb, run.bold, run.italic = colour, bold, italic
    _direction(paragraph, text)


def _block(file: Any, block: Block) -> None:
    if isinstance(block, Note):
        _line(file, block.text, colour=QUIET, italic=True)
    elif isinstance(block, Prose):
        for one in paragraphs(block.markdown):
            _paragraph(file, one)
    elif isinstance(block, Pairs):
        table = file.add_table(rows=0, cols=2)
        _share(table, [1, 3])
        for name, value in block.rows:
            _cells(table, [name, value], [1, 3])
            table.rows[-1].cells[0].paragraphs[0].runs[0].font.color.rgb = QUIET
        file.add_paragraph().paragraph_format.space_after = Pt(2)
    elif not block.rows:
        _line(file, block.empty, colour=QUIET)
    else:
        _table(file, block)


def _table(file: Any, block: Table) -> None:
    shares = widths(block, WIDTH * POINTS, CELL)
    table = file.add_table(rows=0, cols=len(shares))
    _lines(table)
    _share(table, shares)
    _cells(table, [column.heading for column in block.columns], shares)
    head = table.rows[0]
    for cell in head.cells:
        cell.paragraphs[0].runs[0].bold = True
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeat)
    for row in block.rows:
        _cells(table, row, shares)
    for row in table.rows:
        for cell, column in zip(row.cells, block.columns, strict=True):
            if column.right:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if block.more:
        _line(file, f"{block.more} more in Trackline", colour=QUIET)
    file.add_paragraph().paragraph_format.space_after = Pt(2)


def _lines(table: Any) -> None:
    """Draw hairlines beneath the rows and nothing else, as on a page."""
    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", RULE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _share(table: Any, shares: Sequence[float]) -> None:
    """Share the page among columns: some programs go by the grid of a table, others by its cells."""
    table.autofit = False
    for column, width in zip(table.columns, shares, strict=True):
        column.width = Mm(WIDTH * width / sum(shares))


def _cells(table: Any, texts: Sequence[str], shares: Sequence[float]) -> None:
    for cell, text, width in zip(table.add_row().cells, texts, shares, strict=True):
        cell.width = Mm(WIDTH * width / sum(shares))
        run = cell.paragraphs[0].add_run(_clean(text))
        run.font.size = Pt(CELL)
        _direction(cell.paragraphs[0], text)
        cell.paragraphs[0].paragraph_format.space_after = Pt(1)


def _paragraph(file: Any, one: Paragraph) -> None:
    style = {"heading": "Heading 2", "bullet": "List Bullet", "number": "List Number"}.get(one.kind)
    depth = f" {one.depth + 1}" if one.kind in ("bullet", "number") and 0 < one.depth < 3 else ""
    paragraph = file.add_paragraph(style=f"{style}{depth}" if style else None)
    for run in one.runs:
        if run.link:
            paragraph._p.append(_link(file, run))
        else:
            made = paragraph.add_run(_clean(run.text))
            made.bold, made.italic = run.bold or None, run.italic or None
            if run.code:
                made.font.name = "Courier New"
    _direction(paragraph, "".join(run.text for run in one.runs))


def _direction(paragraph: Any, text: str) -> None:
    """Turn a paragraph that is written from right to left."""
    if is_rtl(text):
        paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *AFTER_BIDI)
        for run in paragraph.runs:
            run.font.rtl = True


def _link(file: Any, run: Run) -> Any:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), file.part.relate_to(run.link, kind, is_external=True))
    made, style, colour, text = (OxmlElement(name) for name in ("w:r", "w:rPr", "w:color", "w:t"))
    colour.set(qn("w:val"), str(ACCENT))
    text.text = _clean(run.text)
    style.append(colour)
    made.extend([style, text])
    link.append(made)
    return link


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
