"""Imports that were run, and maps of columns that people keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedMap(models.Model):
    """What somebody decided about the columns of an export, to be used for the next one."""

    name = models.CharField(max_length=120, unique=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One import: its files, the plan, what it did. `batch` groups its changes in the ledger, so that it can be undone.

    `folder` holds uploads, rejected rows and progress, below `imports` in the data folder.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Not imported yet"
        RUNNING = "running", "Running"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    via = models.CharField(max_length=8, default="cli")
    folder = models.CharField(max_length=64, blank=True)
    batch = models.UUIDField(unique=True)
    plan = models.JSONField(default=dict)
    map = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
