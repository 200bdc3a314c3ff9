"""The slides' master: ours, made from tokens, or a company's own template with its layouts and its theme."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Pt

from trackline.core.playbook.data import read_yaml
from trackline.kit.problems import Invalid

from .layout import Box

TEMPLATE_AT_MOST = 20 * 1024 * 1024
UNPACKED_AT_MOST = 200 * 1024 * 1024
TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
EMPTY = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.PICTURE, PP_PLACEHOLDER.CHART, PP_PLACEHOLDER.TABLE)
ROOM_W, ROOM_H = 400.0, 240.0
"""Less room than this beneath the title, in points, and a layout is of no use for content."""


@dataclass(frozen=True)
class Master:
    """What slides are made on: the file, which layouts, and the room they leave for content, in points."""

    blob: bytes
    cover: int
    content: int
    area: Box
    title: Box
    title_sizes: tuple[float, ...]

    def open(self) -> Any:
        """Return a presentation without slides on this master."""
        presentation = Presentation(io.BytesIO(self.blob))
        _drop_slides(presentation)
        return presentation


@cache
def tokens() -> dict[str, Any]:
    """Return the tokens of our own decks."""
    found: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found


@cache
def own() -> Master:
    """Return our own master."""
    presentation = Presentation()
    held = tokens()
    page = held["page"]
    presentation.slide_width, presentation.slide_height = Pt(page["width"]), Pt(page["height"])
    for layout in list(presentation.slide_layouts):
        if layout.name not in ("Title Slide", "Title Only"):
            presentation.slide_layouts.remove(layout)
    _dress(presentation.slide_master, held)
    for layout in presentation.slide_layouts:
        for shape in list(layout.placeholders):
            if shape.placeholder_format.type == PP_PLACEHOLDER.DATE:
                shape._element.getparent().remove(shape._element)
    _place_cover(presentation.slide_layouts[0], held)
    out = io.BytesIO()
    presentation.save(out)
    return read_master(out.getvalue())


def read_master(blob: bytes) -> Master:
    """Return the master of a template. Raises `Invalid` for what is no PowerPoint file, or has no room for content."""
    presentation = _opened(blob)
    width, height = presentation.slide_width.pt, presentation.slide_height.pt
    found = [_fitness(layout, at, width, height) for at, layout in enumerate(presentation.slide_layouts)]
    usable = [one for one in found if one is not None]
    if not usable:
        text = "The template has no layout with a title and room beneath it. Add one like “Title Only”."
        raise Invalid.fields({"template": text})
    emptiest = min(usable, key=lambda one: (one[1], -one[2].h))
    covers = [
        at
        for at, layout in enumerate(presentation.slide_layouts)
        if any(shape.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE for shape in layout.placeholders)
    ]
    at, _, area, title, size = emptiest
    sizes = tuple(dict.fromkeys(max(16.0, size * share) for share in (1, 0.92, 0.85, 0.77, 0.7, 0.62)))
    return Master(blob, covers[0] if covers else at, at, area, title, sizes)


def _opened(blob: bytes) -> Any:
    if len(blob) > TEMPLATE_AT_MOST:
        raise Invalid.fields({"template": f"The template is larger than {TEMPLATE_AT_MOST // 1024 // 1024} MB."})
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_AT_MOST:
                raise Invalid.fields({"template": "The template unpacks to more than a deck can hold."})
        return Presentation(io.BytesIO(blob))
    except (KeyError, ValueError, zipfile.BadZipFile, etree.XMLSyntaxError) as problem:
        text = "The template is no PowerPoint file (.pptx) that can be read."
        raise Invalid.fields({"template": text}) from problem


def _drop_slides(presentation: Any) -> None:
    """A template's own slides stay out of the deck."""
    listed = presentation.slides._sldIdLst
    for slide in list(listed):
        presentation.part.drop_rel(slide.rId)
        listed.remove(slide)


def _fitness(layout: Any, at: int, width: float, height: float) -> tuple[int, int, Box, Box, float] | None:
    """Return a layout with how many places of it would stay empty, its room for content, its title and that one's size."""
    titles = [shape for shape in layout.placeholders if shape.placeholder_format.type in TITLES]
    if not titles or titles[0].placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE:
        return None
    title = titles[0]
    box = Box(title.left.pt, title.top.pt, title.width.pt, title.height.pt)
    wide, high = inside(title)
    feet = [
        shape.top.pt
        for shape in layout.placeholders
        if shape.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
    ]
    floor = min([foot for foot in feet if foot > box.bottom], default=height * 0.95)
    area = Box(box.x, box.bottom + 8, box.w, floor - box.bottom - 16)
    empty = sum(shape.placeholder_format.type in EMPTY for shape in layout.placeholders)
    if area.w < ROOM_W or area.h < ROOM_H or area.x + area.w > width + 1:
        return None
    return at, empty, area, Box(box.x, box.y, wide, high), _title_size(layout)


def inside(shape: Any) -> tuple[float, float]:
    """Return width and height of a place for text without the room it keeps at its edges."""
    frame = shape.text_frame
    return (
        shape.width.pt - frame.margin_left.pt - frame.margin_right.pt,
        shape.height.pt - frame.margin_top.pt - frame.margin_bottom.pt,
    )


def _title_size(layout: Any) -> float:
    found = layout.slide_master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}/{qn('a:defRPr')}")
    return int(found.get("sz", "2800")) / 100 if found is not None else 28.0


def _dress(master: Any, held: dict[str, Any]) -> None:
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(theme.blob)
    root.set("name", held["name"])
    for name, value in held["colours"].items():
        slot = root.find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
        for child in list(slot):
            slot.remove(child)
        etree.SubElement(slot, qn("a:srgbClr")).set("val", value)
    for slot, name in (("majorFont", "heading"), ("minorFont", "body")):
        root.find(f".//{qn(f'a:{slot}')}/{qn('a:latin')}").set("typeface", held["fonts"][name])
    theme._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    page, title, footer = held["page"], held["title"], held["footer"]
    inner = page["width"] - 2 * page["margin"]
    places = {
        PP_PLACEHOLDER.TITLE: (page["margin"], title["y"], inner, title["height"]),
        PP_PLACEHOLDER.BODY: (page["margin"], title["y"] + title["height"] + 8, inner, 420),
        PP_PLACEHOLDER.FOOTER: (page["margin"], footer["y"], inner - 80, footer["height"]),
        PP_PLACEHOLDER.SLIDE_NUMBER: (page["width"] - page["margin"] - 60, footer["y"], 60, footer["height"]),
    }
    for shape in list(master.placeholders):
        place = places.get(shape.placeholder_format.type)
        if place is None:
            shape._element.getparent().remove(shape._element)
            continue
        _put(shape, *place)
        shape.text_frame.margin_left = shape.text_frame.margin_right = 0
        if shape.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            right = shape.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER
            _small_print(shape, footer["size"], "r" if right else "l")
    _title_style(master, title["size"])


def _title_style(master: Any, size: float) -> None:
    level = master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    run = level.find(qn("a:defRPr"))
    run.set("sz", str(int(size * 100)))
    run.set("b", "1")


def _small_print(shape: Any, size: float, align: str) -> None:
    """Letters of the footer: small, quiet, at their side."""
    style = shape.text_frame._txBody.find(qn("a:lstStyle"))
    for child in list(style):
        style.remove(child)
    level = etree.SubElement(style, qn("a:lvl1pPr"))
    level.set("algn", align)
    run = etree.SubElement(level, qn("a:defRPr"))
    run.set("sz", str(int(size * 100)))
    fill = etree.SubElement(run, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:schemeClr")).set("val", "tx2")


def _place_cover(layout: Any, held: dict[str, Any]) -> None:
    page, cover = held["page"], held["cover"]
    inner = page["width"] - 2 * page["margin"]
    for shape in layout.placeholders:
        kind = shape.placeholder_format.type
        if kind == PP_PLACEHOLDER.CENTER_TITLE:
            _put(shape, page["margin"], cover["y"], inner, cover["height"])
            shape.text_frame._txBody.find(qn("a:bodyPr")).set("anchor", "b")
            _level(shape, cover["size"], "tx1", bold=True)
        elif kind == PP_PLACEHOLDER.SUBTITLE:
            _put(shape, page["margin"], cover["y"] + cover["height"] + 8, inner, 44)
            _level(shape, 18, "tx2", bold=False)


def _level(shape: Any, size: float, colour: str, *, bold: bool) -> None:
    _small_print(shape, size, "l")
    level = shape.text_frame._txBody.find(f"{qn('a:lstStyle')}/{qn('a:lvl1pPr')}")
    level.set("marL", "0")
    level.set("indent", "0")
    level.insert(0, etree.Element(qn("a:buNone")))
    run = level.find(qn("a:defRPr"))
    run.set("b", "1" if bold else "0")
    run.find(f"{qn('a:solidFill')}/{qn('a:schemeClr')}").set("val", colour)


def _put(shape: Any, x: float, y: float, w: float, h: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(x), Pt(y), Pt(w), Pt(h)
