"""The gross margin of accounts on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal

from trackline.accounts.models import Observation
from trackline.book.rules.tier_facts import wiring


def margins_on(ids: Collection[int], on: date) -> Mapping[int, Decimal]:
    """Return the newest gross margin of each account that is not too old on a day, in percent; one query."""
    wired = wiring()
    rows = Observation.objects.filter(
        deleted_at__isnull=True,
        account__in=list(ids),
        metric__key__in=wired.metrics["margin"],
        metric__account__isnull=True,
        on__range=(on - timedelta(days=wired.max_age_days), on),
    )
    return dict(rows.order_by("on").values_list("account", "value"))
