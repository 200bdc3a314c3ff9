"""Data drawn by a fixed Typst template: what people wrote reaches the page as data, never as markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst


@cache
def _fonts() -> typst.Fonts:
    """The fonts of this machine, looked for once: that takes longer than drawing a page."""
    return typst.Fonts()


def to_pdf(template: Path, name: str, data: Any) -> bytes:
    """Return the pages that a template draws of data, which it reads as the input `name`, as a PDF."""
    given = {name: json.dumps(data)}
    found: bytes = typst.compile(template, format="pdf", font_paths=_fonts(), sys_inputs=given)
    return found


def to_pictures(template: Path, name: str, data: Any, dots: int = 72) -> list[bytes]:
    """Return the same pages as PNG, at so many dots an inch."""
    given = {name: json.dumps(data)}
    found: Any = typst.compile(template, format="png", ppi=dots, font_paths=_fonts(), sys_inputs=given)
    return found if isinstance(found, list) else [found]
