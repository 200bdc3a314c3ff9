"""Keys that follow from a name: a word for people to type, unlike any other of its kind, living or deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify

from trackline.kit.policy import Context
from trackline.kit.records.models import Record

LONGEST = 60
ROOM_FOR_NUMBER = 8


def free_key(name: str, rows: QuerySet[Any], field: str = "key", *, otherwise: str, joint: str = "-") -> str:
    """Return the key of a name that no row has yet; `otherwise` where the name has no letters that a key can hold."""
    limit = min(rows.model._meta.get_field(field).max_length or LONGEST, LONGEST) - ROOM_FOR_NUMBER
    base = slugify(name).replace("-", joint)[:limit].strip(joint) or otherwise
    if base.isdecimal():
        base = f"{otherwise}{joint}{base}"  # so that it differs from an id
    return first_free(base, rows.filter(**{f"{field}__istartswith": base}).values_list(field, flat=True), joint)


def first_free(base: str, taken: Iterable[str], joint: str = "-") -> str:
    """Return `base`, or `base-2`, `base-3` …: the first that is not taken."""
    used = {key.casefold() for key in taken}
    return next(key for n in count(1) if (key := base if n == 1 else f"{base}{joint}{n}").casefold() not in used)


def key_from(model: type[Record], name: str, *, otherwise: str) -> Callable[[Context, dict[str, Any]], None]:
    """Return the intake hook that makes the `key` of a new record from its name where none is given."""

    def complete(_ctx: Context, data: dict[str, Any]) -> None:
        given = data.get(name)
        if not data.get("key") and isinstance(given, str):
            data["key"] = free_key(given, model.objects.all(), otherwise=otherwise)

    return complete
