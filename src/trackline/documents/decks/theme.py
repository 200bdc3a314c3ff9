"""The slides' master: ours, made from tokens, or a company's own template with its layouts and its theme.

A template may be of any size, light or dark, in any face: its letters keep the contrast its theme gives them, states take the
set of colours that is read on its ground, and words are measured as wide as its face sets them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Pt

from trackline.core.playbook.data import read_yaml
from trackline.kit.problems import Invalid

from .contrast import READABLE, contrast, is_light, mixed
from .layout import Box
from .measure import Wide, letters_of

TEMPLATE_AT_MOST = 20 * 1024 * 1024
UNPACKED_AT_MOST = 200 * 1024 * 1024
TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
EMPTY = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.PICTURE, PP_PLACEHOLDER.CHART, PP_PLACEHOLDER.TABLE)
SLOTS = (
    "dk1",
    "lt1",
    "dk2",
    "lt2",
    "accent1",
    "accent2",
    "accent3",
    "accent4",
    "accent5",
    "accent6",
    "hlink",
    "folHlink",
)
PARTS_AT_MOST = 4000
UNREADABLE = (
    KeyError,
    ValueError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
    OSError,
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
)
"""What readers of a broken, locked or foreign file raise."""
FOOT, TITLE_LEAST = 16.0, 18.0
ROOM_W, ROOM_H = 400.0, 240.0
"""Less room than this beneath the title, in points, and a layout is of no use for content."""


@dataclass(frozen=True)
class Ink:
    """Which colours words are written in: `quiet` for what stands back, `tile` beneath a figure (None: no ground), `line` for
    hairlines, `bands` for states."""

    quiet: Any
    tile: Any
    line: str
    bands: Mapping[str, str]


@dataclass(frozen=True)
class Master:
    """What slides are made on: the file, its size, which layouts, the room they leave for content, in points, its colours by
    what they are for (`tx1`, `bg1`, `accent1`) and its faces. `foot` is where the footer stands if no layout says so."""

    blob: bytes
    size: tuple[float, float]
    cover: int
    content: int
    area: Box
    title: Box
    title_sizes: tuple[float, ...]
    foot: Box | None
    colours: Mapping[str, str]
    fonts: Mapping[str, str]

    def open(self) -> Any:
        """Return a presentation without slides on this master."""
        presentation = Presentation(io.BytesIO(self.blob))
        drop_slides(presentation)
        return presentation

    @property
    def dark(self) -> bool:
        """Whether its letters are light, on a dark ground."""
        return is_light(self.colours["tx1"])

    @property
    def wide(self) -> Wide:
        """How much wider than ours its letters are."""
        return letters_of(*self.fonts.values())

    @cached_property
    def ink(self) -> Ink:
        """The colours that can be read on its ground."""
        held = self.colours
        quiet = MSO_THEME_COLOR.TEXT_2 if contrast(held["tx2"], held["bg1"]) >= READABLE else MSO_THEME_COLOR.TEXT_1
        words = [held["tx1"], *((held["tx2"],) if quiet == MSO_THEME_COLOR.TEXT_2 else ())]
        bands = tokens()["bands_on_dark" if self.dark else "bands"]
        filled = all(contrast(one, held["bg2"]) >= READABLE for one in (*words, *bands.values()))
        return Ink(
            quiet, MSO_THEME_COLOR.BACKGROUND_2 if filled else None, mixed(held["tx1"], held["bg1"], 0.75), bands
        )


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
    presentation = opened(blob)
    width, height = presentation.slide_width.pt, presentation.slide_height.pt
    usable = [one for one in rooms_of(presentation) if one is not None]
    if not usable:
        text = "The template has no layout with a title and room beneath it. Add one like “Title Only”."
        raise Invalid.fields({"template": text})
    chosen = min(usable, key=lambda one: (one.empty, -one.area.h))
    covers = [at for at, layout in enumerate(presentation.slide_layouts) if is_cover(layout)]
    sizes = tuple(dict.fromkeys(max(16.0, chosen.size * share) for share in (1, 0.92, 0.85, 0.77, 0.7, 0.62)))
    foot = None if chosen.has_foot else Box(chosen.area.x, height - FOOT - 4, chosen.area.w, FOOT)
    colours, fonts = theme_of(presentation.slide_layouts[chosen.at].slide_master)
    cover = covers[0] if covers else chosen.at
    return Master(
        blob, (width, height), cover, chosen.at, chosen.area, chosen.title, sizes, foot, colours, fonts
    )  # fmt: skip


@dataclass(frozen=True)
class Room:
    """The room a layout leaves: how many places of it would stay empty, where content stands, its title and that one's size."""

    at: int
    empty: int
    area: Box
    title: Box
    size: float
    has_foot: bool


def rooms_of(presentation: Any) -> list[Room | None]:
    """Return the room of each layout, None for one that is of no use for content."""
    width, height = presentation.slide_width.pt, presentation.slide_height.pt
    return [_room(layout, at, width, height) for at, layout in enumerate(presentation.slide_layouts)]


def is_cover(layout: Any) -> bool:
    """Tell whether a layout is one for a cover: its title stands in the middle of the slide, somewhere."""
    return any(
        shape.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE
        and shape.left is not None
        and shape.width is not None
        for shape in layout.placeholders
    )


def opened(blob: bytes) -> Any:
    """Return a presentation. Raises `Invalid` for what is none, or holds more than a deck can."""
    if len(blob) > TEMPLATE_AT_MOST:
        raise Invalid.fields({"template": f"The template is larger than {TEMPLATE_AT_MOST // 1024 // 1024} MB."})
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            parts = packed.infolist()
            if len(parts) > PARTS_AT_MOST or sum(part.file_size for part in parts) > UNPACKED_AT_MOST:
                raise Invalid.fields({"template": "The template unpacks to more than a deck can hold."})
        found = Presentation(io.BytesIO(blob))
        if found.slide_width is None or found.slide_height is None or not len(found.slide_layouts):
            raise Invalid.fields({"template": "The template says nothing of its size, or has no layouts."})
        return found
    except UNREADABLE as problem:
        text = "The template is no PowerPoint file (.pptx) that can be read."
        raise Invalid.fields({"template": text}) from problem


def drop_slides(presentation: Any) -> None:
    """Take a template's own slides out, with what names them: its sections and custom shows."""
    listed = presentation.slides._sldIdLst
    for slide in list(listed):
        presentation.part.drop_rel(slide.rId)
        listed.remove(slide)
    root = presentation.part._element
    for name in ("p:custShowLst", "p:extLst"):
        for found in root.findall(qn(name)):
            root.remove(found)


def _room(layout: Any, at: int, width: float, height: float) -> Room | None:
    titles = [shape for shape in layout.placeholders if shape.placeholder_format.type in TITLES]
    if not titles or titles[0].placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE:
        return None
    title = titles[0]
    if None in (title.left, title.top, title.width, title.height):
        return None
    box = Box(title.left.pt, title.top.pt, title.width.pt, title.height.pt)
    wide, high = inside(title)
    feet = [
        shape.top.pt
        for shape in layout.placeholders
        if shape.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
        and shape.top is not None
    ]
    floor = min([foot for foot in feet if foot > box.bottom], default=height - FOOT - 8)
    area = Box(box.x, box.bottom + 8, box.w, floor - box.bottom - 16)
    empty = sum(shape.placeholder_format.type in EMPTY for shape in layout.placeholders)
    if area.w < ROOM_W or area.h < ROOM_H or area.x < 0 or area.x + area.w > width + 1 or min(wide, high) < TITLE_LEAST:
        return None
    has_foot = any(shape.placeholder_format.type == PP_PLACEHOLDER.FOOTER for shape in layout.placeholders)
    return Room(at, empty, area, Box(box.x, box.y, wide, high), _title_size(layout), has_foot)


def theme_of(master: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return colours of a master by what they are for (`tx1`, `bg1`, `accent1`), as six hexadecimal digits, and its faces."""
    root = etree.fromstring(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob)
    slots = {}
    for name in SLOTS:
        found = root.find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
        value = None if found is None or not len(found) else found[0].get("lastClr") or found[0].get("val")
        slots[name] = value.upper() if value and len(value) == 6 else tokens()["colours"][name]
    held = master._element.find(qn("p:clrMap"))
    named = {name: slots[slot] for name, slot in (held.attrib.items() if held is not None else ()) if slot in slots}
    usual = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
    colours = {name: slots[slot] for name, slot in usual.items()} | slots | named
    faces = {}
    for name, slot in (("heading", "majorFont"), ("body", "minorFont")):
        found = root.find(f".//{qn(f'a:{slot}')}/{qn('a:latin')}")
        faces[name] = (found.get("typeface") if found is not None else "") or tokens()["fonts"][name]
    return colours, faces


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
