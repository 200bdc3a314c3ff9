"""A word of a list that gets another name is renamed in the records and saved views that use it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from trackline.accounts.models import SavedView
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.text import search_text
from trackline.kit.records.types import RecordType

BATCH = 500
CUSTOM = "custom."
Place = tuple[RecordType, str]
"""A record type and its field as filters call it: `region`, `custom.segment`."""


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


def carry(ctx: Context, place: Place, renamed: Mapping[str, str], of: uuid.UUID | None = None) -> None:
    """Give the living records and the saved views that hold a word another one, `{old: new}`.

    With `of` only those records that this batch changed.
    """
    rtype, name = place
    for old, new in renamed.items():
        rows = rtype.model.objects.filter(**{name.replace(".", "__"): old}, deleted_at__isnull=True)
        if of is not None:
            touched = Change.objects.filter(batch=of, record_type=rtype.name)
            rows = rows.filter(pk__in=touched.values("record_id"))
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(pks), BATCH):
            _write(ctx, place, new, list(rtype.model.objects.filter(pk__in=pks[start : start + BATCH])))
    _carry_views(place, renamed)


def _write(ctx: Context, place: Place, word: str, records: list[Any]) -> None:
    (rtype, name), lines = place, []
    for record in records:
        before = _set(record, name, word)
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
    column = name.partition(".")[0]
    rtype.model.objects.bulk_update(records, [column, "version", "updated_at", "updated_by", "search_text"])
    Change.objects.bulk_create(lines)


def _set(record: Any, name: str, word: str) -> Any:
    """Put a word into a field; returns the one before."""
    if not name.startswith(CUSTOM):
        before = getattr(record, name)
        setattr(record, name, word)
        return before
    key = name.removeprefix(CUSTOM)
    before = record.custom[key]
    record.custom = {**record.custom, key: word}
    return before


def _carry_views(place: Place, renamed: Mapping[str, str]) -> None:
    rtype, name = place
    moved = []
    for view in SavedView.objects.filter(record_type=rtype.name, query__contains=name):
        pairs = parse_qsl(view.query)
        after = [
            (param, _renamed(value, renamed) if param in (name, f"{name}__not") else value) for param, value in pairs
        ]
        if after != pairs:
            view.query = urlencode(after, safe=",")
            moved.append(view)
    SavedView.objects.bulk_update(moved, ["query"])


def _renamed(value: str, renamed: Mapping[str, str]) -> str:
    """A filter's value is one word, or several with commas between."""
    return renamed.get(value) or ",".join(renamed.get(word, word) for word in value.split(","))
