"""The ledger of changes: one row per record write, whatever the channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Change(models.Model):
    """One write of one record: who, when, through what, and each field's from → to.

    `changes` maps field names to `[before, after]` in ledger form (see `FieldSpec.to_ledger`). A create holds none:
    the values are the record's own, less later changes. `batch` groups what belongs together: a cascade, an import run.
    """

    class Action(models.TextChoices):
        CREATE = "create", "created"
        UPDATE = "update", "changed"
        DELETE = "delete", "deleted"
        RESTORE = "restore", "restored"

    class Via(models.TextChoices):
        WEB = "web", "browser"
        API = "api", "API"
        CLI = "cli", "command line"
        AGENT = "agent", "agent"
        IMPORT = "import", "import"
        SYSTEM = "system", "Trackline"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    via = models.CharField(max_length=8, choices=Via.choices)
    action = models.CharField(max_length=8, choices=Action.choices)
    record_type = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=250, blank=True)
    changes = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    batch = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["record_type", "record_id", "id"], name="change_record"),
            models.Index(fields=["account_id", "-at"], name="change_account"),
            models.Index(fields=["batch"], name="change_batch", condition=models.Q(batch__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} {self.action}"
