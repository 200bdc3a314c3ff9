"""What we sell and deliver: products and projects."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from trackline.accounts.models.choices import Band
from trackline.kit.records.model_fields import CurrencyField, MoneyField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Product(Record):
    """Something we sell."""

    name = models.CharField(max_length=200)
    family = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    list_price = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), condition=ALIVE, name="product_name_unique")]

    def __str__(self) -> str:
        return self.name


class Project(Record):
    """Delivery work that a won route leads to. Without an account it serves several."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ACTIVE = "active", "Active"
        ON_HOLD = "on_hold", "On hold"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=60, blank=True)
    account = models.ForeignKey("accounts.Account", models.CASCADE, null=True, blank=True, related_name="projects")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    start_on = models.DateField("start", null=True, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    delivery_rag = models.CharField("delivery colour", max_length=8, choices=Band.choices, default=Band.UNKNOWN)
    budget = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name
