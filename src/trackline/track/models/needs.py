"""What hurts the customer, and how much the customer's own people say it does (NEED)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.kit.records.model_fields import MoneyField, ScaleField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class PainPoint(Record):
    """A problem in the customer's words, with what it costs and why it cannot wait."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"
        DROPPED = "dropped", "Dropped"

    class Source(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        SUPPLIER = "supplier", "Us"
        BOTH = "both", "Customer and us"

    class Driver(models.TextChoices):
        REGULATORY = "regulatory", "Regulation"
        SEASONAL = "seasonal", "Season"
        BOARD = "board", "Board"
        NONE = "none", "Nothing"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="pain_points")
    title = models.CharField("problem", max_length=250, help_text="One sentence in the customer's words.")
    symptom = models.TextField(blank=True)
    root_causes = models.TextField(blank=True, help_text="Ask why five times; name the evidence.")
    consequence = models.TextField(blank=True)
    desired_outcome = models.TextField(blank=True)
    metric = models.ForeignKey("accounts.Metric", models.SET_NULL, null=True, blank=True, related_name="+")
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField("desired", max_digits=18, decimal_places=4, null=True, blank=True)
    money_impact = MoneyField("costs a year", null=True, blank=True, validators=[MinValueValidator(0)])
    hours_impact = models.PositiveIntegerField("hours lost a year", null=True, blank=True)
    figures_from = models.CharField(max_length=8, choices=Source.choices, blank=True)
    time_driver = models.CharField("why now", max_length=10, choices=Driver.choices, blank=True)
    deadline = models.DateField(null=True, blank=True)
    contacts: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "accounts.Contact", blank=True, related_name="pain_points", verbose_name="who is affected"
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)

    class Meta:
        indexes = [models.Index(fields=["account", "status"], name="pain_point_account", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class PainPointVote(Record):
    """How much a pain point matters to one person at the customer."""

    pain_point = models.ForeignKey(PainPoint, models.CASCADE, related_name="votes")
    contact = models.ForeignKey("accounts.Contact", models.CASCADE, related_name="+")
    impact = ScaleField()
    urgency = ScaleField()
    on = models.DateField("date")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pain_point", "contact"], condition=ALIVE, name="pain_point_vote_once"),
            models.CheckConstraint(
                condition=Q(impact__range=(1, 5)) & Q(urgency__range=(1, 5)), name="pain_point_vote_1_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.impact} × {self.urgency}"
