"""Files of templates: taken in once each by what they hold, read again as masters, and let go when nothing names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from trackline.documents.decks.checking import check
from trackline.documents.decks.theme import TEMPLATE_AT_MOST, Master, read_master
from trackline.documents.models import DeckFile, DeckTemplate
from trackline.documents.models.templates import FINGERPRINT
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound

UNCLAIMED = timedelta(days=1)
"""A file that no template took is let go after this long."""
ENDINGS = (".pptx", ".potx")


def take_in(ctx: Context, name: str, blob: bytes) -> DeckFile:
    """Check a file and keep it; the same file is kept once. Raises `Forbidden`, and `Invalid` with all that speaks against it."""
    ctx.require(ADMIN)
    name = (name.replace("\\", "/").rsplit("/", 1)[-1].strip() or "template.pptx")[:200]
    if "." in name and not name.lower().endswith(ENDINGS):
        raise Invalid.fields({"template": f"{name} is no PowerPoint file: .pptx or .potx is expected."})
    found = check(blob)
    let_go(ctx)
    fingerprint = hashlib.sha256(blob).hexdigest()[:FINGERPRINT]
    kept, _made = DeckFile.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={
            "name": name, "size": len(found.blob), "content": found.blob, "found": found.found, "taken_at": ctx.now,
        },
    )  # fmt: skip
    return kept


def take_in_stream(ctx: Context, name: str, pieces: Iterable[bytes]) -> DeckFile:
    """Take in a file that comes in pieces, reading no more than a template may have."""
    ctx.require(ADMIN)
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) > TEMPLATE_AT_MOST:
            raise Invalid.fields({"template": f"The template is larger than {TEMPLATE_AT_MOST // 1024 // 1024} MB."})
    return take_in(ctx, name, bytes(held))


def file_of(fingerprint: str) -> DeckFile:
    """Return a file by its fingerprint. Raises `NotFound`."""
    found = DeckFile.objects.filter(fingerprint=fingerprint).first()
    if found is None:
        raise NotFound("There is no such file of a template.")
    return found


@lru_cache(maxsize=4)
def master_of(fingerprint: str) -> Master:
    """Return the master that a file holds; what a fingerprint names never changes. Raises `NotFound`."""
    return read_master(bytes(file_of(fingerprint).content))


def let_go(ctx: Context) -> None:
    """Let go of files older than a day that no template holds, or held before: undo brings earlier ones back."""
    told = Change.objects.filter(record_type="deck_template").values_list("changes", flat=True)
    named = {one for changes in told for one in changes.get("file", ()) if one}
    named |= set(DeckTemplate.objects.values_list("file", flat=True))
    DeckFile.objects.filter(taken_at__lt=ctx.now - UNCLAIMED).exclude(fingerprint__in=named).delete()
