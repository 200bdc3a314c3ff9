"""Who signs something, when they did, and whether the reader may: whatever is signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.kit.policy import Context


@dataclass(frozen=True)
class Signature:
    """Who signs as what, and when they did; `mine` lets the reader sign or take it back. `ask` asks before it is given."""

    field: str
    role: str
    name: str
    on: date | None
    mine: bool
    ask: str = ""


def signature_of(ctx: Context, record: Any, name: str, words: str, *, open_: bool, ask: str = "") -> Signature:
    """Return a signature under a record; it is the reader's to give or take back while it is open and names them."""
    person = getattr(record, name)
    return Signature(
        f"{name}_signed",
        words[0].upper() + words[1:],
        person.name if person else "",
        getattr(record, f"{name}_on"),
        open_ and person is not None and person.pk == ctx.actor.user_id,
        ask,
    )
