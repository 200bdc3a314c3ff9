"""Pipelines every book starts with."""

from __future__ import annotations

from typing import Any

from trackline.align.models import Pipeline, Stage
from trackline.kit.records.seeds import make_missing, rows_of


def ensure(**_signal: Any) -> None:
    """Create the default pipelines and their stages where missing; runs after each migrate."""
    for row in rows_of("trackline.align.rules", "pipelines.yaml"):
        stages = row.pop("stages")
        if Pipeline.objects.filter(key=row["key"]).exists():
            continue
        make_missing(Pipeline, [row])
        for position, stage in enumerate(stages):
            stage["position"] = position
        make_missing(Stage, stages, pipeline=Pipeline.objects.get(key=row["key"]))
