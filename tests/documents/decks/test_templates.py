"""A company's template is checked, told about, and a deck on it fits and can be read."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from pptx import Presentation

from tests.documents.decks.corporate import SQUARE, WIDE, corporate, part_of, with_part
from tests.documents.decks.reading import outside, overflowing, read
from tests.documents.decks.test_decks import LONG, NAMES, deck, goals
from trackline.documents.decks import checking
from trackline.documents.decks.checking import check
from trackline.documents.decks.contrast import contrast, is_light
from trackline.documents.decks.measure import letters_of, set_in, width
from trackline.documents.decks.paper import to_pdf
from trackline.documents.decks.powerpoint import render
from trackline.documents.decks.sample import sample_deck
from trackline.documents.decks.slides import Figure, Slide, Text
from trackline.documents.decks.theme import own, read_master
from trackline.kit.problems import Invalid

AT = datetime(2026, 11, 19, 8, tzinfo=UTC)
BRAND = {"dk1": "0B1F33", "lt1": "FFFFFF", "dk2": "33475B", "lt2": "F2F4F7", "accent1": "E4007C", "accent3": "00756F"}
NIGHT = {"dk1": "101828", "lt1": "FFFFFF", "dk2": "1D2939", "lt2": "D0D5DD", "accent1": "84CAFF"}
TEMPLATES = {
    "own": lambda: own().blob,
    "4:3": lambda: corporate(SQUARE),
    "16:9": lambda: corporate(WIDE, BRAND),
    "verdana": lambda: corporate(SQUARE, BRAND, "Verdana"),
    "dark": lambda: corporate(WIDE, NIGHT, dark=True),
    "no cover": lambda: corporate(WIDE, without=("Title Slide",)),
}


def refusal(blob: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        check(blob)
    return " ".join(error["msg"] for error in caught.value.errors)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_deck_on_any_template_fits(name: str) -> None:
    master = read_master(check(TEMPLATES[name]()).blob)
    figures = [Figure(one or "ARR", "€4.20m", one, "green") for one in NAMES]
    slides = (
        Slide(LONG, finding=LONG * 2, figures=figures, left=[goals(20)], right=[Text(NAMES)]),
        *sample_deck(LONG).slides,
    )
    made = render(
        deck(*slides, title=LONG * 2, subtitle=LONG, facts=[(LONG, LONG * 2)] * 7, footer=LONG * 4), AT, master
    )
    with set_in(master.wide):
        assert not overflowing(made)
    assert not outside(made)
    assert (read(made).slide_width.pt, read(made).slide_height.pt) == master.size


def test_a_wider_face_takes_more_room() -> None:
    assert letters_of("Verdana") > letters_of("a face that nobody knows") > letters_of("Arial", "Calibri") == (1, 1)
    plain = width("Net retention", 12)
    with set_in(letters_of("Verdana")):
        assert width("Net retention", 12) == pytest.approx(plain * 1.18)
    assert width("Net retention", 12) == plain


def test_states_are_read_on_their_ground() -> None:
    light, dark = (read_master(TEMPLATES[name]()) for name in ("16:9", "dark"))
    assert not light.dark and dark.dark
    for master in (light, dark, own()):
        assert all(contrast(colour, master.colours["bg1"]) >= 4.5 for colour in master.ink.bands.values())
    assert contrast("000000", "FFFFFF") == 21 and contrast("777777", "777777") == 1
    assert is_light("FFFFFF") and not is_light("2747C8")


def test_colours_that_cannot_be_read_give_way() -> None:
    found = check(corporate(WIDE, BRAND | {"dk2": "FF7A00", "lt2": "0B1F33"}))
    master = read_master(found.blob)
    assert master.ink.tile is None
    assert master.ink.quiet == own().ink.quiet.__class__.TEXT_1
    assert any("second colour of text" in one for one in found.found["missing"])


def test_what_a_template_is_and_lacks_is_told() -> None:
    told = check(corporate(SQUARE, slides=3)).found
    assert (told["width"], told["height"], told["slides_left_out"]) == (720, 540, 3)
    used = {use: one["name"] for one in told["layouts"] for use in one["used_for"]}
    assert used == {"cover": "Title Slide", "content": "Title Only"}
    bare = check(corporate(WIDE, without=("Title Slide",))).found
    assert any("No layout is one for a cover" in one for one in bare["missing"])


def test_slides_of_the_template_stay_out() -> None:
    kept = check(corporate(slides=4)).blob
    assert len(read(kept).slides) == 0
    with zipfile.ZipFile(io.BytesIO(kept)) as packed:
        assert not [name for name in packed.namelist() if name.startswith("ppt/slides/")]


def test_a_footer_stands_where_no_layout_has_one() -> None:
    template = Presentation(io.BytesIO(corporate()))
    for layout in template.slide_layouts:
        for shape in list(layout.placeholders):
            if "FOOTER" in str(shape.placeholder_format.type) or "NUMBER" in str(shape.placeholder_format.type):
                shape._element.getparent().remove(shape._element)
    out = io.BytesIO()
    template.save(out)
    found = check(out.getvalue())
    assert sum("has no place for" in one for one in found.found["missing"]) == 2
    made = read(render(deck(Slide("Goals", left=[goals(3)])), AT, read_master(found.blob)))
    assert all(
        "Frozen" in [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] for slide in made.slides
    )


def test_a_template_file_of_powerpoint_is_taken_as_a_deck() -> None:
    name = "[Content_Types].xml"
    template = with_part(
        corporate(), name, part_of(corporate(), name).replace(checking.DECK_TYPE, checking.TEMPLATE_TYPE)
    )
    assert check(template).found["width"] == 960


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("ppt/vbaProject.bin", b"Attribute VB_Name", "program"),
        ("ppt/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0", "object of another program"),
    ],
)
def test_what_runs_is_refused(name: str, content: bytes, says: str) -> None:
    rels = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    link = (
        b'<Relationship Id="rId99" Type="http://x/oleObject" Target="../' + name[4:].encode() + b'"/></Relationships>'
    )
    types = "[Content_Types].xml"
    blob = with_part(corporate(), name, content)
    blob = with_part(blob, rels, part_of(blob, rels).replace(b"</Relationships>", link))
    blob = with_part(
        blob,
        types,
        part_of(blob, types).replace(
            b"</Types>", b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
        ),
    )
    assert says in refusal(blob)


def test_what_loads_from_elsewhere_is_refused_and_a_link_to_click_is_not() -> None:
    rels = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    for kind, refused in (("image", True), ("hyperlink", False)):
        link = (
            f'<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
            'Target="https://tracker.example/pixel.png" TargetMode="External"/></Relationships>'
        ).encode()
        blob = with_part(corporate(), rels, part_of(corporate(), rels).replace(b"</Relationships>", link))
        if refused:
            assert "loads image from https://tracker.example/pixel.png" in refusal(blob)
        else:
            check(blob)


def test_what_unpacks_to_too_much_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "unpacks to more" in refusal(with_part(corporate(), "ppt/media/image9.png", b"\0" * (checking.SMALL + 1)))
    monkeypatch.setattr(checking, "TEMPLATE_AT_MOST", 1000)
    assert "larger than" in refusal(corporate())


@pytest.mark.parametrize("blob", [b"", b"PK\x03\x04 no zip", b"%PDF-1.7", b"\xd0\xcf\x11\xe0 locked"])
def test_what_is_no_deck_is_refused(blob: bytes) -> None:
    assert refusal(blob)


def test_a_template_without_room_is_refused() -> None:
    every = tuple(layout.name for layout in Presentation().slide_layouts if layout.name != "Title Slide")
    assert "no layout with a title and room beneath it" in refusal(corporate(without=every))


def test_paper_takes_the_colours_of_the_template() -> None:
    made = to_pdf(sample_deck("Okada"), read_master(TEMPLATES["dark"]()))
    assert made.startswith(b"%PDF") and made != to_pdf(sample_deck("Okada"))
