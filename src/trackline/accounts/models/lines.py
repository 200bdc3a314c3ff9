"""Relationship lines: what one contact does to another, beside who reports to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from trackline.accounts.models.account import Account, Contact
from trackline.kit.records.models import ALIVE, Record


class RelationshipLine(Record):
    """One contact influences, supports or blocks another of the same account."""

    class Kind(models.TextChoices):
        INFLUENCES = "influences", "Influences"
        SUPPORTS = "supports", "Supports"
        BLOCKS = "blocks", "Blocks"

    account = models.ForeignKey(Account, models.CASCADE, related_name="relationship_lines")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="lines_from", verbose_name="who")
    kind = models.CharField("does what", max_length=10, choices=Kind.choices)
    toward = models.ForeignKey(Contact, models.CASCADE, related_name="lines_to", verbose_name="whom")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "toward", "kind"], condition=ALIVE, name="relationship_line_unique"
            ),
            models.CheckConstraint(condition=~Q(toward=F("contact")), name="relationship_line_not_own"),
        ]
        indexes = [models.Index(fields=["account", "contact"], name="relationship_line_account", condition=ALIVE)]

    def __str__(self) -> str:
        return f"{self.contact} {self.get_kind_display().lower()} {self.toward}"
