"""A company's own template as it is taken in: checked, freed of what a deck does not need, and described.

A file is refused where it holds programs, loads something from elsewhere, unpacks to more than a deck can hold, or has no layout
that content could stand on. What it merely lacks (a cover, a place for the footer, letters that can be read) is said.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER

from trackline.kit.problems import Invalid

from .contrast import READABLE, SEEN, contrast
from .theme import TEMPLATE_AT_MOST, Master, drop_slides, is_cover, opened, read_master, rooms_of

TEMPLATE_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"
DECK_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
TYPES = "[Content_Types].xml"
RATIO_AT_MOST = 200
"""A part that unpacks to more than so many times its size, and to more than `SMALL`, is no part of a deck."""
SMALL = 5 * 1024 * 1024
LOCKED = b"\xd0\xcf\x11\xe0"
"""How a file that is protected by a password, or of the years before 2007, begins."""
PROGRAMS = re.compile(r"vbaProject\.bin$|vbaData\.xml$|/activeX/|/ctrlProps/|\.(exe|dll|js|vbs)$", re.IGNORECASE)
OBJECTS = re.compile(r"/embeddings/", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode=\"External\"[^>]*>")
_KIND, _TARGET = re.compile(rb"Type=\"[^\"]*/([^\"/]+)\""), re.compile(rb"Target=\"([^\"]*)\"")
PLACES = {
    PP_PLACEHOLDER.TITLE: "title",
    PP_PLACEHOLDER.CENTER_TITLE: "title of a cover",
    PP_PLACEHOLDER.SUBTITLE: "subtitle",
    PP_PLACEHOLDER.BODY: "text",
    PP_PLACEHOLDER.OBJECT: "content",
    PP_PLACEHOLDER.PICTURE: "picture",
    PP_PLACEHOLDER.CHART: "chart",
    PP_PLACEHOLDER.TABLE: "table",
    PP_PLACEHOLDER.FOOTER: "footer",
    PP_PLACEHOLDER.SLIDE_NUMBER: "number",
    PP_PLACEHOLDER.DATE: "date",
}


@dataclass(frozen=True)
class Checked:
    """A template as it is kept, without slides, and what is to be said of it, as plain JSON."""

    blob: bytes
    found: dict[str, Any]


def check(blob: bytes) -> Checked:
    """Check a template and return it as it is kept. Raises `Invalid` with everything that speaks against it."""
    if blob[:4] == LOCKED:
        text = "The file is protected by a password, or was made before PowerPoint 2007. Save it as .pptx without one."
        raise Invalid.fields({"template": text})
    if len(blob) > TEMPLATE_AT_MOST:
        raise Invalid.fields({"template": f"The template is larger than {TEMPLATE_AT_MOST // 1024 // 1024} MB."})
    _bounded(blob)
    presentation = opened(_as_deck(blob))
    slides = len(presentation.slides)
    drop_slides(presentation)
    out = io.BytesIO()
    presentation.save(out)
    kept = out.getvalue()
    against = list(dict.fromkeys(_against(kept)))
    if against:
        raise Invalid(" ".join(against), [{"loc": ["template"], "msg": text} for text in against])
    return Checked(kept, {**describe(read_master(kept)), "slides_left_out": slides})


def describe(master: Master) -> dict[str, Any]:
    """Return what a template is, as plain JSON: size, faces, colours, layouts and the use made of them, what is missing."""
    presentation = opened(master.blob)
    rooms = rooms_of(presentation)
    layouts = []
    for at, (layout, room) in enumerate(zip(presentation.slide_layouts, rooms, strict=True)):
        places = [PLACES.get(shape.placeholder_format.type, "other") for shape in layout.placeholders]
        use = [word for word, taken in (("cover", master.cover), ("content", master.content)) if taken == at]
        layouts.append(
            {
                "name": layout.name, "places": places, "used_for": use,
                "fits": "cover" if is_cover(layout) else "content" if room else "",
            }
        )  # fmt: skip
    width, height = master.size
    return {
        "width": round(width), "height": round(height), "dark": master.dark, "fonts": dict(master.fonts),
        "colours": dict(master.colours), "layouts": layouts,
        "area": _box(master.area), "title": _box(master.title),
        "missing": list(_missing(master, presentation, layouts)),
    }  # fmt: skip


def _box(box: Any) -> dict[str, int]:
    return {"x": round(box.x), "y": round(box.y), "w": round(box.w), "h": round(box.h)}


def _bounded(blob: bytes) -> None:
    """Refuse what unpacks to far more than it says, before anything of it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            for part in packed.infolist():
                if part.file_size > SMALL and part.file_size > RATIO_AT_MOST * max(1, part.compress_size):
                    raise Invalid.fields({"template": "The template unpacks to more than a deck can hold."})
    except zipfile.BadZipFile:
        return  # said when it is opened


def _as_deck(blob: bytes) -> bytes:
    """Return a template (.potx) as a presentation, which differs in one word; anything else as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as packed:
            if TEMPLATE_TYPE not in packed.read(TYPES):
                return blob
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
                for part in packed.infolist():
                    held = packed.read(part)
                    made.writestr(
                        part.filename, held.replace(TEMPLATE_TYPE, DECK_TYPE) if part.filename == TYPES else held
                    )
            return out.getvalue()
    except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return blob


def _against(blob: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(blob)) as packed:
        for part in packed.infolist():
            if PROGRAMS.search(part.filename):
                yield "The template holds a program (a macro or a control). Save it as .pptx, without macros."
            elif OBJECTS.search(part.filename):
                yield "A layout of the template holds an object of another program. Put a picture of it there instead."
            elif part.filename.endswith((".xml", ".rels")):
                held = packed.read(part)
                if _DOCTYPE.search(held):
                    yield "The template defines words of its own (a document type), which no PowerPoint file does."
                for link in _OUTSIDE.findall(held) if part.filename.endswith(".rels") else ():
                    kind, target = _KIND.search(link), _TARGET.search(link)
                    if kind and kind[1] != b"hyperlink":
                        where = target[1].decode(errors="replace")[:80] if target else "elsewhere"
                        yield f"The template loads {kind[1].decode(errors='replace')} from {where}. Embed it instead."
        if b"macroEnabled" in packed.read(TYPES):
            yield "The template is one with macros. Save it as .pptx, without macros."


def _missing(master: Master, presentation: Any, layouts: list[dict[str, Any]]) -> Iterator[str]:
    content = layouts[master.content]
    if master.cover == master.content:
        yield f"No layout is one for a cover (with a centred title): “{content['name']}” is used for the cover too."
    elif "subtitle" not in layouts[master.cover]["places"]:
        yield f"The cover “{layouts[master.cover]['name']}” has no place for a subtitle: kind and day of a review are left out of it."
    if "footer" not in content["places"]:
        yield f"“{content['name']}” has no place for a footer: whose figures these are stands at its lower edge."
    if "number" not in content["places"]:
        yield f"“{content['name']}” has no place for a slide number: slides are not numbered."
    held = master.colours
    if (ratio := contrast(held["tx1"], held["bg1"])) < READABLE:
        yield f"Text on the ground has a contrast of {ratio:.1f} to 1; {READABLE} to 1 is needed to be read."
    if (ratio := contrast(held["tx2"], held["bg1"])) < READABLE:
        yield f"The second colour of text has a contrast of {ratio:.1f} to 1 on the ground: the first one is used instead."
    faint = [name for name in ("accent1", "accent3", "accent4") if contrast(held[name], held["bg1"]) < SEEN]
    if faint:
        yield f"Hard to see in charts, with a contrast below {SEEN:.0f} to 1: {', '.join(faint)}."
