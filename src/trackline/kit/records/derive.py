"""Facts of a field, derived from its model field or from what an administrator defined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import capfirst

from trackline.kit.records.fields import LARGEST_WHOLE, FieldSpec
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField, PicklistField, TagsField
from trackline.kit.records.models import CustomField

_KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (MoneyField, "money"),
    (PercentField, "percent"),
    (CurrencyField, "currency"),
    (PicklistField, "picklist"),
    (TagsField, "tags"),
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.BooleanField, "boolean"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
    (models.JSONField, "object"),
    (models.ManyToManyField, "refs"),
    (models.ForeignKey, "ref"),
)


def spec_of(field: models.Field[Any, Any], *, required: bool | None = None, read_only: bool = False) -> FieldSpec:
    """Derive the facts of a model field."""
    kind = next((kind for cls, kind in _KINDS if isinstance(field, cls)), "text")
    choices = tuple((key, str(label)) for key, label in (field.choices or ()))
    if choices and kind in ("text", "integer"):
        kind = "choice"
    needed = not field.blank and not field.null and not field.has_default() and kind != "refs"
    minimum = maximum = None
    for validator in field.validators if kind not in ("ref", "refs") else ():
        if isinstance(validator, MinValueValidator):
            minimum = Decimal(str(validator.limit_value))
        elif isinstance(validator, MaxValueValidator):
            maximum = Decimal(str(validator.limit_value))
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField) and minimum is None:
        minimum = Decimal(0)
    if isinstance(field, models.PositiveSmallIntegerField | models.SmallIntegerField):
        maximum = Decimal(32767) if maximum is None or maximum > 32767 else maximum
    if kind == "integer":
        # What the database could hold is more than what every reader of JSON can.
        minimum = max(minimum, Decimal(-LARGEST_WHOLE)) if minimum is not None else None
        maximum = min(maximum, Decimal(LARGEST_WHOLE)) if maximum is not None else None
    target = ""
    if kind in ("ref", "refs"):
        related = field.remote_field.model  # type: ignore[union-attr]
        target = related if isinstance(related, str) else related._meta.label
    return FieldSpec(
        name=field.name,
        kind=kind,
        label=capfirst(str(field.verbose_name)),
        help=str(field.help_text),
        required=needed if required is None else required,
        read_only=read_only,
        choices=choices,
        picklist=getattr(field, "picklist", ""),
        target=target,
        minimum=minimum,
        maximum=maximum,
        max_length=field.max_length if kind not in ("refs", "ref", "object", "tags") else None,
        decimals=getattr(field, "decimal_places", None),
        digits=getattr(field, "max_digits", None),
        nullable=field.null,
        blank=field.blank,
        default=field.default if field.has_default() and not callable(field.default) else None,
    )


def spec_of_custom(row: CustomField) -> FieldSpec:
    """Derive the facts of a field that an administrator defined."""
    return FieldSpec(
        name=row.key,
        kind=row.kind,
        label=row.label,
        help=row.help,
        choices=tuple((str(item), str(item)) for item in row.choices),
        max_length=10_000 if row.kind in ("text", "longtext", "url") else None,
        decimals=6 if row.kind == "decimal" else None,
        digits=20 if row.kind == "decimal" else None,
        custom=True,
    )
