"""The base of every record."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models


class RecordQuerySet(models.QuerySet[Any]):
    """Querysets that know about deletion."""

    def alive(self) -> Self:
        """Leave out deleted records."""
        return self.filter(deleted_at__isnull=True)


class Record(models.Model):
    """What every record has: authorship, a version for concurrent edits, deletion that can be undone, custom values.

    `version` grows by one with each write. `deletion` names the batch that deleted the record, so that undo brings
    back the record and all that went with it. `search_text` is the normalised text that `q` looks through.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, db_index=False
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, db_index=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deletion = models.UUIDField(null=True, editable=False)
    custom = models.JSONField(default=dict, editable=False)
    search_text = models.TextField(default="", editable=False)

    objects: ClassVar[models.Manager[Any]] = RecordQuerySet.as_manager()

    class Meta:
        abstract = True


ALIVE = models.Q(deleted_at__isnull=True)


class ExternalId(models.Model):
    """The id that another system gives a record; unique per system and record type."""

    record_type = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    system = models.SlugField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        app_label = "kit"
        constraints = [
            models.UniqueConstraint(fields=["record_type", "system", "value"], name="external_id_unique"),
            models.UniqueConstraint(fields=["record_type", "record_id", "system"], name="external_id_per_system"),
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.value}"


class Merge(models.Model):
    """A record that became part of another one of its type (DQ-03).

    Its id, and the key it had, lead to the survivor. `journal` holds every row that moved, as it was and as it is, so that the
    merge can be taken back whole; what was folded with it (`part_of`) has a line of its own and no journal. `left_out` names
    what stood there twice.
    """

    record_type = models.CharField(max_length=40)
    merged_id = models.BigIntegerField()
    merged_key = models.CharField(max_length=200, blank=True)
    survivor_id = models.BigIntegerField()
    title = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    batch = models.UUIDField()
    part_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    journal = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_batch = models.UUIDField(null=True)

    class Meta:
        app_label = "kit"
        indexes = [
            models.Index(fields=["record_type", "merged_id"], name="merge_of_record"),
            models.Index(fields=["batch"], name="merge_batch"),
        ]

    def __str__(self) -> str:
        return self.title


class Apart(models.Model):
    """Two records of a type that look alike and are not the same, as somebody said; the smaller id first."""

    record_type = models.CharField(max_length=40)
    one_id = models.BigIntegerField()
    other_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "kit"
        constraints = [models.UniqueConstraint(fields=["record_type", "one_id", "other_id"], name="apart_once")]

    def __str__(self) -> str:
        return f"{self.record_type} {self.one_id} and {self.other_id}"


class CustomField(models.Model):
    """A typed field that an administrator added to a record type; values live in `Record.custom`."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        LONGTEXT = "longtext", "Long text"
        NUMBER = "decimal", "Number"
        DATE = "date", "Date"
        BOOLEAN = "boolean", "Yes or no"
        CHOICE = "choice", "Choice"
        URL = "url", "Link"

    record_type = models.CharField(max_length=40)
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    help = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        app_label = "kit"
        ordering = ["record_type", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["record_type", "key"], name="custom_field_key_unique")]

    def __str__(self) -> str:
        return self.label


class PicklistValue(models.Model):
    """A word that a picklist offers."""

    picklist = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        app_label = "kit"
        ordering = ["picklist", "position", "value"]
        constraints = [models.UniqueConstraint(fields=["picklist", "value"], name="picklist_value_unique")]

    def __str__(self) -> str:
        return self.value
