"""Ways to grow an account, and how each of them moved."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.accounts.models.choices import Level
from trackline.align.models.catalogue import Product, Project
from trackline.align.models.contracts import RenewalCycle
from trackline.align.models.pipelines import Pipeline, RouteState
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField, PicklistField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Route(Record):
    """A way to grow the account, with a state that gates guard (ALN-02)."""

    class Type(models.TextChoices):
        UPSELL = "upsell", "Upsell"
        CROSS_SELL = "cross_sell", "Cross-sell"
        RENEWAL = "renewal", "Renewal"
        NEW_UNIT = "new_unit", "New unit"
        PARTNERSHIP = "partnership", "Partnership"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="routes")
    title = models.CharField(max_length=250)
    type = models.CharField(max_length=12, choices=Type.choices)
    state = models.CharField(max_length=10, choices=RouteState.choices, default=RouteState.IDENTIFIED)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.SlugField(max_length=40, blank=True)
    state_since = models.DateField(null=True, blank=True)
    probability = PercentField(null=True, blank=True)
    probability_override_reason = models.TextField("reason for the probability", blank=True)
    risk = models.CharField(max_length=6, choices=Level.choices, default=Level.MEDIUM)
    effort = models.CharField(max_length=6, choices=Level.choices, default=Level.MEDIUM)
    value = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(blank=True)
    expected_close_on = models.DateField("expected close", null=True, blank=True)
    closed_on = models.DateField("closed", null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="+")
    business_unit = models.ForeignKey("accounts.BusinessUnit", models.SET_NULL, null=True, blank=True, related_name="+")
    goal = models.ForeignKey("reveal.Goal", models.SET_NULL, null=True, blank=True, related_name="routes")
    business_case = models.ForeignKey(
        "reveal.BusinessCase", models.SET_NULL, null=True, blank=True, related_name="routes"
    )
    renewal = models.ForeignKey(RenewalCycle, models.SET_NULL, null=True, blank=True, related_name="routes")
    trigger_event = models.CharField("trigger", max_length=250, blank=True)
    description = models.TextField(blank=True)
    close_reason = PicklistField(picklist="close_reason")
    close_note = models.TextField(blank=True)
    revisit_on = models.DateField("revisit", null=True, blank=True)
    rework = models.BooleanField(default=False)
    pain_points: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "track.PainPoint", blank=True, related_name="routes"
    )
    projects = models.ManyToManyField(Project, blank=True, related_name="routes")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0), name="route_value_not_negative"),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 100)), name="route_probability_0_100"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "state"], name="route_account_state", condition=ALIVE),
            models.Index(fields=["-value", "id"], name="route_value", condition=ALIVE),
            models.Index(fields=["expected_close_on", "id"], name="route_close", condition=ALIVE),
        ]

    def __str__(self) -> str:
        return self.title


class RouteTransition(models.Model):
    """One move of a route, written by the gate."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="transitions")
    from_state = models.CharField(max_length=10, choices=RouteState.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=RouteState.choices)
    from_stage = models.CharField(max_length=40, blank=True)
    to_stage = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(blank=True)
    probability_before = PercentField(null=True)
    probability_after = PercentField(null=True)

    class Meta:
        ordering = ["route", "at"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
