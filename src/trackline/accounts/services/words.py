"""The words of picklists. A word that is renamed is renamed in the records that use it, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from trackline.accounts.services.audit import PICKLIST, note_change
from trackline.kit.history.models import Change
from trackline.kit.models import PicklistValue
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType, registry

LONGEST_WORD = 80
BATCH = 500


def clean_words(values: Iterable[str]) -> list[str]:
    """Return words as lists keep them: once each, with single spaces."""
    return list(dict.fromkeys(" ".join(value.split()) for value in values if value.strip()))


def renamed_in(before: Iterable[str], after: Iterable[str]) -> dict[str, str]:
    """Return which words another one stands in the place of, `{old: new}`: the lists are as long, and neither word moved."""
    held, wanted = list(before), clean_words(after)
    if len(held) != len(wanted):
        return {}
    pairs = zip(held, wanted, strict=True)
    return {old: new for old, new in pairs if old != new and old not in wanted and new not in held}


def set_picklist(
    ctx: Context, picklist: str, values: Iterable[str], renamed: Mapping[str, str] | None = None
) -> Change | None:
    """Replace the words that a picklist offers; returns what was noted, if anything.

    Records keep the words they have, except where `renamed` (`{old: new}`) gives them another.
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
        for old, new in renamed.items():
            _carry(ctx, picklist, old, new)
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
        for old, new in zip(old_words, new_words, strict=True):
            _carry(ctx, change.title, new, old, of=change.batch)


def _carry(ctx: Context, picklist: str, old: str, new: str, of: uuid.UUID | None = None) -> None:
    """Give the living records that hold a word another one; with `of` only those that this batch changed."""
    for rtype, name in _places(picklist):
        rows = rtype.model.objects.filter(**{name: old}, deleted_at__isnull=True)
        if of is not None:
            touched = Change.objects.filter(batch=of, record_type=rtype.name)
            rows = rows.filter(pk__in=touched.values("record_id"))
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(pks), BATCH):
            _write(ctx, rtype, name, new, list(rtype.model.objects.filter(pk__in=pks[start : start + BATCH])))


def _write(ctx: Context, rtype: RecordType, name: str, word: str, records: list[Any]) -> None:
    lines = []
    for record in records:
        before = getattr(record, name)
        setattr(record, name, word)
        record.version += 1
        record.updated_at, record.updated_by_id = ctx.now, ctx.actor.user_id
        record.search_text = search_text(rtype, record)
        lines.append(
            Change(
                at=ctx.now,
                actor_id=ctx.actor.user_id,
                via=ctx.via,
                action=Change.Action.UPDATE,
                record_type=rtype.name,
                record_id=record.pk,
                account_id=rtype.account_of(record),
                version=record.version,
                title=str(record)[:250],
                changes={name: [before, word]},
                note=ctx.note,
                batch=ctx.batch,
            )
        )
    rtype.model.objects.bulk_update(records, [name, "version", "updated_at", "updated_by", "search_text"])
    Change.objects.bulk_create(lines)


def _places(picklist: str) -> Iterator[tuple[RecordType, str]]:
    for rtype in registry.all():
        for name, spec in rtype.stored.items():
            if spec.picklist == picklist:
                yield rtype, name
