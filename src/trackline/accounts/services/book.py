"""Settings, exchange rates, custom fields and picklists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from trackline.accounts.models import ExchangeRate, Setting
from trackline.accounts.settings import DEFAULTS
from trackline.kit.models import CustomField, PicklistValue
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, NotFound
from trackline.kit.records.types import registry


def change_setting(ctx: Context, key: str, value: Any, *, valid_from: date | None = None) -> Setting:
    """Set a setting of the book from a day on. Raises `Invalid` for an unknown key or another type of value."""
    ctx.require(ADMIN)
    if key not in DEFAULTS:
        raise Invalid.fields({"key": f"There is no setting {key!r}."})
    kind = type(DEFAULTS[key])
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Invalid.fields({"value": f"A value like {DEFAULTS[key]!r} is expected."})
    if key == "book.currency" and not re.fullmatch(r"[A-Z]{3}", value):
        raise Invalid.fields({"value": "A currency code of three letters is expected, for example EUR."})
    if key == "perm.account_scope" and value not in ("all", "team"):
        raise Invalid.fields({"value": "One of all, team is expected."})
    found, _ = Setting.objects.update_or_create(
        key=key,
        valid_from=valid_from or ctx.today,
        defaults={"value": value, "changed_by_id": ctx.actor.user_id, "changed_at": ctx.now},
    )
    return found


def set_exchange_rate(ctx: Context, currency: str, on: date, rate: Decimal) -> ExchangeRate:
    """Keep what one unit of a currency is worth in the book's currency on a day."""
    ctx.require(ADMIN)
    errors = {}
    if not re.fullmatch(r"[A-Z]{3}", currency):
        errors["currency"] = "A currency code of three letters is expected, for example USD."
    if rate <= 0:
        errors["rate"] = "More than 0 is expected."
    if errors:
        raise Invalid.fields(errors)
    found, _ = ExchangeRate.objects.update_or_create(currency=currency, on=on, defaults={"rate": rate})
    return found


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
    errors = {}
    if registry.find(record_type) is None:
        errors["record_type"] = f"There is no record type {record_type!r}."
    if kind not in CustomField.Kind.values:
        errors["kind"] = f"One of {', '.join(CustomField.Kind.values)} is expected."
    if not label.strip():
        errors["label"] = "Needed, but empty."
    listed = [item.strip() for item in choices if item.strip()]
    if kind == "choice" and not listed:
        errors["choices"] = "A choice needs at least one word to choose."
    key = key or slugify(label).replace("-", "_")[:60] or "field"
    if errors:
        raise Invalid.fields(errors)
    with transaction.atomic():
        found, made = CustomField.objects.get_or_create(
            record_type=record_type,
            key=key,
            defaults={
                "label": label.strip(),
                "kind": kind,
                "choices": listed,
                "help": help,
                "position": CustomField.objects.filter(record_type=record_type).count(),
            },
        )
        if not made and found.active:
            raise Invalid.fields({"key": f"There is already a field {key!r}."})
        if not made:
            found.active, found.label = True, label.strip()
            found.save(update_fields=["active", "label"])
    return found


def change_custom_field(ctx: Context, pk: int, **changes: Any) -> CustomField:
    """Change label, help, choices, position or `active` of a custom field; its kind and key stay, values are kept."""
    ctx.require(ADMIN)
    found = CustomField.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such custom field.")
    allowed = {"label", "help", "choices", "position", "active"}
    if set(changes) - allowed:
        raise Invalid.fields(dict.fromkeys(set(changes) - allowed, "This cannot be changed."))
    for name, value in changes.items():
        setattr(found, name, value)
    found.save()
    return found


def set_picklist(ctx: Context, picklist: str, values: Iterable[str]) -> None:
    """Replace the words that a picklist offers; records keep the words they have."""
    ctx.require(ADMIN)
    wanted = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    if any(len(value) > 80 for value in wanted):
        raise Invalid.fields({"values": "At most 80 characters a word."})
    with transaction.atomic():
        PicklistValue.objects.filter(picklist=picklist).delete()
        PicklistValue.objects.bulk_create(
            PicklistValue(picklist=picklist, value=value, position=position) for position, value in enumerate(wanted)
        )
