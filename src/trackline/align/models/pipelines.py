"""Ordered stages that routes pass through, each mapped to a TRACK state."""

from __future__ import annotations

from django.db import models

from trackline.kit.records.model_fields import PercentField, TagsField
from trackline.kit.records.models import ALIVE, Record


class RouteState(models.TextChoices):
    """The six states of TRACK; every stage of every pipeline maps to one of them."""

    IDENTIFIED = "identified", "Identified"
    QUALIFYING = "qualifying", "Qualifying"
    PURSUING = "pursuing", "Pursuing"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    PARKED = "parked", "Parked"


class Pipeline(Record):
    """An ordered set of stages, each mapped to a TRACK state."""

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField("for new routes", default=False)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="pipeline_key_unique")]

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """A stage of a pipeline."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=RouteState.choices)
    probability = PercentField()
    position = models.PositiveSmallIntegerField(default=0)
    needs = TagsField("required", help_text="Checks without which no route enters, beside those of the state.")
    advises = TagsField("advised", help_text="Checks that a move warns of.")

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "key"], condition=ALIVE, name="stage_key_unique")]

    def __str__(self) -> str:
        return self.name
