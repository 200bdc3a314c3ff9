"""What a business unit could still buy: one cell for each product."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.align.models.catalogue import Product
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField
from trackline.kit.records.models import ALIVE, Record


def _score(name: str, says: str) -> Any:
    """A score from 0 to 5, 5 the best."""
    return models.DecimalField(
        name, max_digits=2, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(5)], help_text=f"0 to 5: {says}",
    )  # fmt: skip


class WhitespaceCell(Record):
    """A business unit × a product: what people know of it. Contracts and routes say the rest (WSP-01, WSP-07)."""

    class State(models.TextChoices):
        NOT_SOLD = "not_sold", "Not sold"
        PILOT = "pilot", "Pilot"
        IN_PIPELINE = "in_pipeline", "In pipeline"
        DEPLOYED = "deployed", "Deployed"
        NOT_APPLICABLE = "not_applicable", "Not applicable"

    business_unit = models.ForeignKey("accounts.BusinessUnit", models.CASCADE, related_name="whitespace")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    state = models.CharField(max_length=14, choices=State.choices, default=State.NOT_SOLD)
    value = MoneyField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What selling it here would bring in a year.",
    )
    currency = CurrencyField(blank=True)
    addressable = MoneyField(
        "addressable spend", null=True, blank=True, validators=[MinValueValidator(0)],
        help_text="What the unit spends a year on what this product does.",
    )  # fmt: skip
    attainable_pct = PercentField("attainable share", null=True, blank=True)
    competitor = models.CharField(max_length=120, blank=True)
    competitor_share = PercentField("share of the competitor", null=True, blank=True)
    strategic_fit = _score("strategic fit", "how well it fits the customer's strategy and ours.")
    economic_impact = _score("economic impact", "how much money is at stake.")
    feasibility = _score("feasibility", "how surely it can be built, sold and delivered.")
    relationship_leverage = _score("relationship leverage", "how far contacts would carry it.")
    champion = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Who of ours answers for it.",
    )  # fmt: skip
    pain_points: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "track.PainPoint", blank=True, related_name="whitespace", verbose_name="pain points it would relieve"
    )
    notes: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "track.Note", blank=True, related_name="whitespace", verbose_name="notes that speak for it"
    )
    reviewed_on = models.DateField("reviewed", null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business_unit", "product"], condition=ALIVE, name="whitespace_cell_unique"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0), name="whitespace_value_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.business_unit}"
