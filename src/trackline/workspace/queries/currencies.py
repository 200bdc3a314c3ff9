"""Currencies that amounts of the book are in, and those among them that no rate converts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from trackline.accounts.models import ExchangeRate
from trackline.accounts.settings import setting
from trackline.kit.records.types import registry

WITH_MONEY = ("account", "route", "contract", "product")


def currencies_in_use() -> dict[str, dict[str, int]]:
    """How many records of which type have amounts in each currency; one query a type."""
    used: dict[str, dict[str, int]] = {}
    for name in WITH_MONEY:
        rtype = registry.get(name)
        rows: Any = rtype.model.objects.filter(deleted_at__isnull=True).exclude(currency="")
        for code, count in rows.order_by().values_list("currency").annotate(n=Count("pk")):
            used.setdefault(code, {})[rtype.labels if count > 1 else rtype.label] = count
    return used


def unrated_currencies() -> list[str]:
    """The currencies in use, other than the book's, that have no rate at all."""
    rated = set(ExchangeRate.objects.order_by().values_list("currency", flat=True).distinct())
    return sorted(currencies_in_use().keys() - rated - {str(setting("book.currency"))})


def without_rate(codes: Sequence[str]) -> str:
    """What it means that these currencies have no rate, in a sentence."""
    return (
        f"{', '.join(codes)} {'is' if len(codes) == 1 else 'are'} in use without a rate: "
        "their amounts are left out of sums, and sums say so."
    )
