"""Data drawn by a fixed Typst template: what people wrote reaches the page as data, never as markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from trackline.documents.scripts import fonts, missing_in, told


def to_pdf(template: Path, name: str, data: Any) -> bytes:
    """Return the pages that a template draws of data, which it reads as the input `name`, as a PDF.

    Letters that no font of this machine has stand as boxes: the template says so, from the input `boxes`.
    """
    found: bytes = typst.compile(template, format="pdf", font_paths=fonts(), sys_inputs=_given(name, data))
    return found


def to_pictures(template: Path, name: str, data: Any, dots: int = 72) -> list[bytes]:
    """Return the same pages as PNG, at so many dots an inch."""
    found: Any = typst.compile(template, format="png", ppi=dots, font_paths=fonts(), sys_inputs=_given(name, data))
    return found if isinstance(found, list) else [found]


def _given(name: str, data: Any) -> dict[str, str]:
    text = json.dumps(data, ensure_ascii=False)
    return {name: text, "boxes": told(missing_in(text))}
