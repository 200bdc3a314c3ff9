"""Which version of the scoring model is in force."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.functions import Greatest

from trackline.book.models import ScoringModel


def model_in_force(on: date) -> ScoringModel | None:
    """Return the signed model that began last by a day: it begins once its day has come and it is signed.

    A version without a day counts from the start once it is signed; any that has one comes before it.

    Source: PF-02, PF-16.
    """
    rows = ScoringModel.objects.alive().filter(
        Q(from_on__isnull=True, signed_on__isnull=False) | Q(from_on__lte=on, signed_on__lte=on)
    )
    begins = Case(
        When(from_on__isnull=True, then=Value(None)), default=Greatest("from_on", "signed_on"), output_field=DateField()
    )
    rows = rows.annotate(begins=begins).order_by(F("begins").desc(nulls_last=True), "-pk")
    return cast("ScoringModel | None", rows.first())
