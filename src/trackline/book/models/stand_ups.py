"""What the weekly stand-up said about accounts at risk."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.accounts.models import Account
from trackline.kit.records.models import ALIVE, Record


class StandUpEntry(Record):
    """That an account was discussed at the stand-up of a week, by whom, and what was said. `week_on` is the week's Monday."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="stand_up_entries")
    week_on = models.DateField("week", help_text="Any day of the week: its Monday is kept.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="who ticked it"
    )
    note = models.TextField("what was said", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "week_on"], condition=ALIVE, name="stand_up_entry_week_unique")
        ]
        indexes = [models.Index(fields=["week_on"], name="stand_up_entry_week", condition=ALIVE)]

    def __str__(self) -> str:
        return f"Week of {self.week_on}"
