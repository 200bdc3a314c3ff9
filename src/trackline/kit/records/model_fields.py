"""Model fields that carry a meaning the record kernel can read."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # generic in the stubs only
    """An amount in the record's currency: 18 digits, 2 decimals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


class PercentField(models.DecimalField):  # type: ignore[type-arg]  # generic in the stubs only
    """Percentage points, 0–100."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 6)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("validators", [MinValueValidator(0), MaxValueValidator(100)])
        super().__init__(*args, **kwargs)


class ScaleField(models.PositiveSmallIntegerField):  # type: ignore[type-arg]  # generic in the stubs only
    """A whole number on the 1–5 scale."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [MinValueValidator(1), MaxValueValidator(5)])
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class PicklistField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A word from a list that administrators maintain; a new word is accepted and offered to them."""

    def __init__(self, *args: Any, picklist: str = "", **kwargs: Any) -> None:
        self.picklist = picklist
        kwargs.setdefault("max_length", 80)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the list's key in migrations."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["picklist"] = self.picklist
        return name, path, args, kwargs


class TagsField(models.JSONField):
    """A list of short words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
