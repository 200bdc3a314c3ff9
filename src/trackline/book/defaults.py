"""The scoring model every book starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from trackline.book.models import ScoringModel
from trackline.book.rules.scoring_model import shipped
from trackline.kit.records.seeds import make_missing


def ensure(**_signal: Any) -> None:
    """Create the shipped model, which needs nobody's signature, where there has never been one; runs after each migrate."""
    if not ScoringModel.objects.exists():
        row = dict(shipped()) | {"signed_on": timezone.localdate()}
        row["search_text"] = row["name"].casefold()
        make_missing(ScoringModel, [row], by="name")
