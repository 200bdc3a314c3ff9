"""Where records are now that became part of others."""

from __future__ import annotations

from trackline.kit.records.models import Merge
from trackline.kit.records.types import RecordType


def survivor_of(rtype: RecordType, text: str) -> int | None:
    """Return the id of the record that one with this id or key became part of, or None."""
    known = Merge.objects.filter(record_type=rtype.name, undone_at__isnull=True)
    if text.isascii() and text.isdecimal() and len(text) < 19:
        query = known.filter(merged_id=int(text))
    elif text and "\x00" not in text:
        query = known.filter(merged_key=text)
    else:
        return None
    found: int | None = query.order_by("-id").values_list("survivor_id", flat=True).first()
    seen: set[int] = set()
    while found is not None and found not in seen:
        seen.add(found)
        further = known.filter(merged_id=found).order_by("-id").values_list("survivor_id", flat=True).first()
        if further is None:
            return found
        found = further
    return None


def merged_into(rtype: RecordType) -> dict[int, int]:
    """Return where all records of a type went that became part of others, `{id: id of the survivor}`, in one query."""
    known = Merge.objects.filter(record_type=rtype.name, undone_at__isnull=True).order_by("id")
    step = dict(known.values_list("merged_id", "survivor_id"))
    found: dict[int, int] = {}
    for pk in step:
        at, seen = pk, set[int]()
        while at in step and at not in seen:
            seen.add(at)
            at = step[at]
        found[pk] = at
    return found
