"""Records that every book starts with, read from data files and made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml
from django.utils import timezone

from trackline.kit.records.models import Record
from trackline.kit.records.text import search_text
from trackline.kit.records.types import registry


def rows_of(package: str, name: str) -> list[dict[str, Any]]:
    """Return the rows of a YAML data file beside the rules of a room."""
    found: list[dict[str, Any]] = yaml.safe_load(files(package).joinpath(name).read_text("utf-8"))
    return found


def make_missing(model: type[Record], rows: Sequence[Mapping[str, Any]], by: str = "key", **common: Any) -> None:
    """Make the rows whose key no record, living or deleted, has; records that are there stay as they are.

    All can be searched, also those that an earlier version made without their search text.
    """
    rtype = registry.by_model(model)
    known = set(model._default_manager.filter(**common).values_list(by, flat=True))
    now = timezone.now()
    made = [model(created_at=now, updated_at=now, **common, **row) for row in rows if row[by] not in known]
    for record in made:
        record.search_text = search_text(rtype, record)
    model._default_manager.bulk_create(made)
    unfindable = list(model._default_manager.filter(search_text="", **common))
    for record in unfindable:
        record.search_text = search_text(rtype, record)
    model._default_manager.bulk_update(unfindable, ["search_text"])
