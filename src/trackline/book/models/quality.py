"""Quality of the data: who answers for it, and what nights found."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.kit.records.models import ALIVE, Record


class DataSteward(Record):
    """Who answers for the data of a domain. Source: DQ-01."""

    class Domain(models.TextChoices):
        ACCOUNTS = "accounts", "Accounts"
        CONTACTS = "contacts", "Contacts"
        ROUTES = "routes", "Routes"
        CONTRACTS = "contracts", "Contracts and renewals"
        MEASURES = "measures", "Measures"
        PLAN = "plan", "Goals and work"

    domain = models.CharField(max_length=20, choices=Domain.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=ALIVE, name="data_steward_domain_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.get_domain_display()}: {self.person}"


class QualityReading(models.Model):
    """A dimension of a domain on a day: how many checks there were of the whole book, and how many failed. Source: DQ-06."""

    on = models.DateField()
    domain = models.SlugField(max_length=20)
    dimension = models.SlugField(max_length=20)
    failed = models.PositiveIntegerField()
    checked = models.PositiveIntegerField()

    class Meta:
        ordering = ["on", "domain", "dimension"]
        constraints = [models.UniqueConstraint(fields=["on", "domain", "dimension"], name="quality_reading_once")]

    def __str__(self) -> str:
        return f"{self.domain} {self.dimension} {self.on}"
