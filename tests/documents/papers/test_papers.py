"""Every format holds every text, whatever characters it is made of, and nothing in it is taken for markup."""

from __future__ import annotations

import io

import pytest
from docx import Document

from trackline.documents.papers.blocks import Column, Note, Pairs, Paper, Part, Prose, Table
from trackline.documents.papers.markdown import to_markdown
from trackline.documents.papers.pdf import to_pdf, to_pictures
from trackline.documents.papers.prose import paragraphs, to_html
from trackline.documents.papers.word import to_word

HARD = (
    '#let x = 1 $a$ <b>"quoted"</b> \\ * _ ` | [link](x) @ref // no',
    "شركة النقل العربية المحدودة",
    "חברת התחבורה",
    "田中 美咲、小林 健",
    "x" * 400,
    "a\x00b\x0bc\uffff",
    "",
)


def paper(*texts: str) -> Paper:
    rows = [[text, "1"] for text in texts]
    blocks = (Pairs([(text or "Name", text) for text in texts]), Table([Column("A"), Column("B", True)], rows),
              Prose("\n\n".join(texts)), Note("Said"), Table([Column("A")], []))  # fmt: skip
    return Paper(
        texts[0] or "Title", "Plan", texts[-1], "foot", [Part("a", text or "Part", blocks) for text in texts], texts
    )


def test_no_text_breaks_a_format() -> None:
    made = paper(*HARD)
    assert to_pdf(made).startswith(b"%PDF")
    read = Document(io.BytesIO(to_word(made)))
    cells = {cell.text for table in read.tables for row in table.rows for cell in row.cells}
    assert {HARD[0], HARD[1], HARD[3], "abc"} <= cells
    assert "شركة" in to_markdown(made)
    assert "<b>" not in to_markdown(made).replace("\\<b\\>", "").partition("\n## ")[0]


def test_a_page_is_drawn_for_whom_nothing_is_missing() -> None:
    assert len(to_pictures(paper("Short"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![p](https://x.example/p.png)",
    ],
)
def test_what_people_write_cannot_run(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_headings_lists_and_links_are_read() -> None:
    found = paragraphs("# Why\n\n1. *one*\n2. two\n   - [deep](https://example.com)\n\nEnd **now**")
    assert [(one.kind, one.depth, one.number) for one in found] == [
        ("heading", 0, 0), ("number", 0, 1), ("number", 0, 2), ("bullet", 1, 1), ("text", 0, 0),
    ]  # fmt: skip
    assert found[3].runs[0].link == "https://example.com"
    assert found[4].runs[1].bold
    assert "<h3>Why</h3>" in to_html("# Why")


def test_word_goes_by_the_widths_of_columns_and_turns_what_is_written_from_right_to_left() -> None:
    file = Document(io.BytesIO(to_word(paper(HARD[1], "Short"))))
    table = next(one for one in file.tables if one.cell(0, 0).text == "A" and len(one.rows) > 2)
    assert table.columns[0].width > 2 * table.columns[1].width
    turned = {cell.text: cell.paragraphs[0]._p.find(".//{*}bidi") is not None for cell in table.columns[0].cells}
    assert turned == {"A": False, HARD[1]: True, "Short": False}
    title = next(one for one in file.paragraphs if one.style is not None and one.style.name == "Title")
    assert title.runs[0].font.rtl
    places = [child.tag.rpartition("}")[2] for child in title._p.pPr]
    assert places.index("bidi") < places.index("spacing")
