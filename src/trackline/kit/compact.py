"""Templates as they are compiled: without the lines and the indentation that make them readable.

A page needs neither, and where text keeps its line breaks (`white-space: pre-line`) they would show.
"""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders.app_directories import Loader

KEPT = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>)", re.DOTALL)
BREAK = re.compile(r"\s*\n\s*")


def compact(source: str) -> str:
    """Return the source of an HTML template on one line; what stands in `pre` and its like is kept as it is."""
    kept: list[str] = KEPT.split(source)
    return "".join(
        (BREAK.sub(" ", part), part, "")[place % 3]  # text, an element that is kept, and the name of that element
        for place, part in enumerate(kept)
    )


class CompactLoader(Loader):
    """Reads templates from the apps, HTML without its indentation."""

    def get_contents(self, origin: Origin) -> str:
        """Return the source of a template."""
        source: str = super().get_contents(origin)
        return compact(source) if origin.name.endswith(".html") else source
