"""The gross margin of accounts on a day, and what customers spend."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.models import Observation
from trackline.book.rules.tier_facts import wiring


def margins_on(ids: Collection[int], on: date) -> Mapping[int, Decimal]:
    """Return the newest gross margin of each account that is not too old on a day, in percent; one query."""
    return _newest("margin", ids, on)


def spend_on(ids: Collection[int], on: date) -> Mapping[int, Decimal]:
    """Return what each customer spends a year in our category, likewise, in the account's currency; one query."""
    return _newest("addressable", ids, on)


def _newest(name: str, ids: Collection[int], on: date) -> Mapping[int, Decimal]:
    wired = wiring()
    rows = Observation.objects.filter(
        deleted_at__isnull=True,
        account__in=list(ids),
        metric__key__in=wired.metrics[name],
        metric__account__isnull=True,
        on__range=(on - timedelta(days=wired.max_age_days), on),
    )
    return dict(rows.order_by("on").values_list("account", "value"))
