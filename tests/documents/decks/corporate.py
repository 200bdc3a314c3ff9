"""Templates as companies have them: of any size, light or dark, in any colours and faces."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Pt

WIDE, SQUARE = (960, 540), (720, 540)


def corporate(
    size: tuple[int, int] = WIDE,
    colours: Mapping[str, str] | None = None,
    face: str = "Arial",
    *,
    dark: bool = False,
    without: tuple[str, ...] = (),
    slides: int = 0,
) -> bytes:
    """A template of a size in points, its theme in these colours and this face, without the layouts named."""
    made = Presentation()
    for holder in (made.slide_master, *made.slide_layouts):
        _widen(holder, size[0] / made.slide_width.pt)  # type: ignore[union-attr]
    made.slide_width, made.slide_height = Pt(size[0]), Pt(size[1])
    for layout in list(made.slide_layouts):
        if layout.name in without:
            made.slide_layouts.remove(layout)
    for _ in range(slides):
        made.slides.add_slide(made.slide_layouts[0])
    theme: Any = made.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(theme.blob)
    for name, value in (colours or {}).items():
        slot = root.find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
        for child in list(slot):
            slot.remove(child)
        etree.SubElement(slot, qn("a:srgbClr")).set("val", value)
    for slot_name in ("majorFont", "minorFont"):
        root.find(f".//{qn(f'a:{slot_name}')}/{qn('a:latin')}").set("typeface", face)
    theme._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if dark:
        held = made.slide_master._element.find(qn("p:clrMap"))
        for name, slot_name in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            held.set(name, slot_name)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(blob: bytes, name: str, content: bytes) -> bytes:
    """The same file with a part more, or with other content of one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blob)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in packed.namelist():
            if part != name:
                made.writestr(part, packed.read(part))
        made.writestr(name, content)
    return out.getvalue()


def part_of(blob: bytes, name: str) -> bytes:
    """The content of a part."""
    with zipfile.ZipFile(io.BytesIO(blob)) as packed:
        return packed.read(name)


def _widen(holder: Any, by: float) -> None:
    for shape in holder.placeholders:
        placed = shape._element.find(f"{qn('p:spPr')}/{qn('a:xfrm')}")
        if placed is not None:
            shape.left, shape.width = int(shape.left * by), int(shape.width * by)
