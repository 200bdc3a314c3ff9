"""Custom fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from trackline.accounts.services.audit import CUSTOM_FIELD, note_change
from trackline.accounts.services.renaming import CUSTOM, carry, clean_words, renamed_in
from trackline.kit.history.models import Change
from trackline.kit.models import CustomField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.types import registry

CHANGEABLE = ("label", "help", "choices", "position", "active")


def define_custom_field(
    ctx: Context,
    record_type: str,
    label: str,
    kind: str = "text",
    *,
    key: str = "",
    choices: Iterable[str] = (),
    help: str = "",  # noqa: A002  (the field's own name)
) -> CustomField:
    """Add a typed field to a record type, or bring back one that was switched off."""
    ctx.require(ADMIN)
    label, listed = " ".join(label.split()), clean_words(choices)
    _check(record_type, label, kind, listed, help)
    with transaction.atomic():
        there = CustomField.objects.filter(record_type=record_type)
        key = key or _free_key(label, there.filter(active=True).values_list("key", flat=True))
        found, made = there.get_or_create(
            record_type=record_type,
            key=key,
            defaults={"label": label, "kind": kind, "choices": listed, "help": help, "position": there.count()},
        )
        if not made and found.active:
            raise Invalid.fields({"key": f"There is already a field {key!r}."})
        if not made:
            return change_custom_field(ctx, found.pk, active=True, label=label)
        changes = {"label": [None, label], "kind": [None, kind]} | ({"choices": [None, listed]} if listed else {})
        title = f"{record_type}.{key}"
        note_change(ctx, CUSTOM_FIELD, found.pk, title, changes, Change.Action.CREATE)
    return found


def change_custom_field(ctx: Context, pk: int, *, of: uuid.UUID | None = None, **changes: Any) -> CustomField:
    """Change label, help, choices, position or `active` of a custom field; its kind and key stay, values are kept.

    A choice in the place of another is its new name in the records and saved views that hold it; with `of` only in the
    records that this batch changed.
    """
    ctx.require(ADMIN)
    found = CustomField.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such custom field.")
    if beyond := set(changes) - set(CHANGEABLE):
        raise Invalid.fields(dict.fromkeys(beyond, "This cannot be changed."))
    if "choices" in changes:
        changes["choices"] = clean_words(changes["choices"])
    if "label" in changes:
        changes["label"] = " ".join(str(changes["label"]).split())
    held = {name: getattr(found, name) for name in changes}
    wanted = {"label": found.label, "choices": found.choices, "help": found.help} | changes
    _check(found.record_type, wanted["label"], found.kind, wanted["choices"], wanted["help"])
    moved = {name: [held[name], value] for name, value in changes.items() if held[name] != value}
    if not moved:
        return found
    ctx = replace(ctx, batch=uuid.uuid4())  # its own, so that a way back finds these records and no others
    with transaction.atomic():
        for name, (_before, after) in moved.items():
            setattr(found, name, after)
        found.save(update_fields=list(moved))
        if "choices" in moved:
            carry(ctx, (registry.get(found.record_type), CUSTOM + found.key), renamed_in(*moved["choices"]), of)
        note_change(ctx, CUSTOM_FIELD, pk, f"{found.record_type}.{found.key}", moved)
    return found


def order_custom_fields(ctx: Context, record_type: str, pks: Iterable[int]) -> None:
    """Put the custom fields of a record type into an order."""
    ctx.require(ADMIN)
    there = {row.pk: row for row in CustomField.objects.filter(record_type=record_type)}
    first = [pk for pk in pks if pk in there]
    rest = [pk for pk in there if pk not in first]
    for position, pk in enumerate([*first, *rest]):
        there[pk].position = position
    CustomField.objects.bulk_update(there.values(), ["position"])


def _free_key(label: str, taken: Iterable[str]) -> str:
    """The key that follows from a label; a field that was switched off gives its key back."""
    base = slugify(label).replace("-", "_")[:50] or "field"
    used, key, number = set(taken), base, 1
    while key in used and base == "field":
        number += 1
        key = f"{base}_{number}"
    return key


def _check(record_type: str, label: str, kind: str, choices: list[str], told: str) -> None:
    errors = {}
    if registry.find(record_type) is None:
        errors["record_type"] = f"There is no record type {record_type!r}."
    if kind not in CustomField.Kind.values:
        errors["kind"] = f"One of {', '.join(CustomField.Kind.values)} is expected."
    if not label:
        errors["label"] = "Needed, but empty."
    elif len(label) > 120:
        errors["label"] = "At most 120 characters."
    if kind == "choice" and not choices:
        errors["choices"] = "A choice needs at least one word to choose."
    if len(told) > 200:
        errors["help"] = "At most 200 characters."
    if errors:
        raise Invalid.fields(errors)
