"""Dashboards: figures, charts and lists that a person arranges."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.kit.records.models import Record


class Dashboard(Record):
    """Tiles in an order, for its owner alone or for everybody.

    `tiles` lists `{"id", "kind", "title", "w", "h", "options"}` as `dashboards/tiles.py` reads them: `kind` is a key of the
    gallery, `w` its width in twelfths, `h` its height in rows. `filters` narrows the accounts of all tiles unless the reader
    asks for others: name and value of each filter of the book.
    """

    name = models.CharField(max_length=80)
    description = models.CharField(max_length=250, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    shared = models.BooleanField(
        default=False, help_text="Everybody sees it, and who may write arranges it; without this its owner alone."
    )
    filters = models.JSONField(default=dict, blank=True)
    tiles = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name
