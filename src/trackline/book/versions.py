"""Which version of the scoring model is in force."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.db.models import F, Q

from trackline.book.models import ScoringModel


def model_in_force(on: date) -> ScoringModel | None:
    """Return the newest model that has begun by a day."""
    rows = ScoringModel.objects.alive().filter(Q(from_on__isnull=True) | Q(from_on__lte=on))
    return cast("ScoringModel | None", rows.order_by(F("from_on").desc(nulls_last=True), "-pk").first())
