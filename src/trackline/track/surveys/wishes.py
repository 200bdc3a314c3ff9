"""What people wish for in a survey, kept as notes of the account: the list that growth starts from (SUR-01, SUR-05)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from trackline.accounts.settings import setting
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.track.models import Note, Response

ALIVE = Q(deleted_at__isnull=True)
TAG = "opportunity"
"""Tag of the notes that wishes become."""
LONGEST_TITLE = 120


def keep_wishes(ctx: Context, response: Response) -> None:
    """Keep the wish of an answer as a note, and let the note follow where the wish is put otherwise.

    Wishes without a name wait until enough of their audience have answered without one, so that nobody is known by them.
    A note that somebody deleted does not come back. Source: SUR-01, SUR-05.
    """
    if response.contact_id:
        _keep(ctx, response)
        return
    nameless = Response.objects.filter(
        ALIVE, wave=response.wave_id, contact__isnull=True, audience=response.audience
    ).select_related("wave", "note")
    rows = list(nameless.order_by("pk"))
    if len(rows) >= setting("survey.group_min"):
        for row in rows:
            _keep(ctx, row)


def _keep(ctx: Context, response: Response) -> None:
    text = response.wishes.strip()
    if response.note is not None:
        if text and response.note.deleted_at is None and response.note.body != text:
            records.update(ctx, registry.get("note"), response.note.pk, {"title": _title(text), "body": text})
        return
    if not text:
        return
    same = Note.objects.filter(account=response.wave.account_id, contact=response.contact_id, body=text)
    note: Any = same.order_by("pk").first() or records.create(
        ctx,
        registry.get("note"),
        {
            "account": response.wave.account_id, "title": _title(text), "body": text, "contact": response.contact_id,
            "on": response.on, "tags": [TAG],
        },
    )  # fmt: skip
    Response.objects.filter(pk=response.pk).update(note=note)
    response.note = note


def _title(text: str) -> str:
    line = " ".join(text.split())
    return f"Wish: {line}" if len(line) <= LONGEST_TITLE else f"Wish: {line[:LONGEST_TITLE].rsplit(' ', 1)[0]} …"
