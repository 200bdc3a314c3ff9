"""Alerts that signals raised because of what an import brought, and that nobody has taken up: they go when it is taken back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Min, Q, QuerySet

from trackline.connectors.engine.sql import in_chunks
from trackline.kit.history.models import Change
from trackline.watch.models import Alert

OF_ITSELF = Q(created_by=None, updated_by=None, deleted_at=None)
"""Alerts that a signal raised and nobody has touched."""
_CHUNK = 900


def alerts_of(accounts: Iterable[int]) -> list[int]:
    """Untouched alerts of accounts that go."""
    return [pk for chunk in in_chunks(accounts, _CHUNK) for pk in _untouched(chunk).values_list("pk", flat=True)]


def held_since(batch: uuid.UUID, accounts: Iterable[int]) -> list[int]:
    """Untouched alerts of accounts that were raised since a batch began, and whose trigger still finds them."""
    since: datetime | None = Change.objects.filter(batch=batch).aggregate(at=Min("at"))["at"]
    found: list[int] = []
    for chunk in in_chunks(accounts, _CHUNK) if since else ():
        found += _untouched(chunk).filter(created_at__gte=since, holds=True).values_list("pk", flat=True)
    return found


def over(alerts: Iterable[int]) -> list[int]:
    """Those of some alerts whose trigger does not find them any more."""
    found = Alert.objects.filter(OF_ITSELF, holds=False)
    return [pk for chunk in in_chunks(alerts, _CHUNK) for pk in found.filter(pk__in=chunk).values_list("pk", flat=True)]


def _untouched(accounts: list[int]) -> QuerySet[Alert]:
    found: QuerySet[Alert] = Alert.objects.filter(OF_ITSELF, account__in=accounts)
    return found
