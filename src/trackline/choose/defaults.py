"""Playbooks every book starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from trackline.choose.models import Playbook
from trackline.choose.rules import shipped, templates
from trackline.kit.records.seeds import make_missing


def ensure(**_signal: Any) -> None:
    """Create the shipped playbooks in force that are missing; those that are there, edited or deleted, stay as they are."""
    rows = [
        {
            "key": one.key,
            "title": one.title,
            "description": one.description,
            "anchor": one.anchor,
            "counts_from": one.counts_from,
            "source": one.source,
            "steps": templates.read(list(one.steps)).steps,
        }
        for one in shipped.in_force(timezone.localdate())
    ]
    make_missing(Playbook, rows)
