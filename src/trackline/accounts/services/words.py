"""The words of picklists. A word that is renamed is renamed in the records and saved views that use it, in one
transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.db import transaction

from trackline.accounts.services.audit import PICKLIST, note_change
from trackline.accounts.services.renaming import Place, carry, clean_words
from trackline.kit.history.models import Change
from trackline.kit.models import PicklistValue
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.types import registry

LONGEST_WORD = 80


def set_picklist(
    ctx: Context, picklist: str, values: Iterable[str], renamed: Mapping[str, str] | None = None
) -> Change | None:
    """Replace the words that a picklist offers; returns what was noted, if anything.

    Records and saved views keep the words they have, except where `renamed` (`{old: new}`) gives them another.
    """
    ctx.require(ADMIN)
    wanted = clean_words(values)
    if long := next((value for value in wanted if len(value) > LONGEST_WORD), ""):
        raise Invalid.fields(
            {"values": f"At most {LONGEST_WORD} characters a word; this has {len(long)}: {long[:40]}…"}
        )
    renamed = {old: new for old, new in (renamed or {}).items() if new in wanted and old not in wanted}
    there = PicklistValue.objects.filter(picklist=picklist)
    before = list(there.filter(active=True).values_list("value", flat=True))
    if before == wanted:
        return None
    ctx = replace(ctx, batch=uuid.uuid4())  # its own, so that a way back finds these records and no others
    with transaction.atomic():
        there.delete()
        PicklistValue.objects.bulk_create(
            PicklistValue(picklist=picklist, value=value, position=position) for position, value in enumerate(wanted)
        )
        for place in _places(picklist):
            carry(ctx, place, renamed)
        changes = {"words": [before, wanted]}
        return note_change(
            ctx, PICKLIST, 0, picklist, changes | ({"renamed": [[*renamed], [*renamed.values()]]} if renamed else {})
        )


def take_words_back(ctx: Context, change: Change) -> None:
    """Undo a change of a picklist: its words, and those that its records were given."""
    before, _after = change.changes["words"]
    old_words, new_words = change.changes.get("renamed", ([], []))
    with transaction.atomic():
        set_picklist(ctx, change.title, before)
        ctx = replace(ctx, batch=uuid.uuid4())
        for place in _places(change.title):
            carry(ctx, place, dict(zip(new_words, old_words, strict=True)), of=change.batch)


def _places(picklist: str) -> Iterator[Place]:
    for rtype in registry.all():
        for name, spec in rtype.stored.items():
            if spec.picklist == picklist:
                yield rtype, name
