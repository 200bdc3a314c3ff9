"""What bookings should bring in."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.kit.records.model_fields import CurrencyField, MoneyField
from trackline.kit.records.models import ALIVE, Record


class BookingTarget(Record):
    """What routes won in a month, quarter or year should bring in: of the whole book, or of one person's accounts."""

    class Period(models.TextChoices):
        MONTH = "month", "Month"
        QUARTER = "quarter", "Quarter"
        YEAR = "year", "Year"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+",
        help_text="Whose accounts it is for; without one it is for the whole book.",
    )  # fmt: skip
    period = models.CharField(max_length=7, choices=Period.choices, default=Period.QUARTER)
    from_on = models.DateField("first day")
    value = MoneyField("target", validators=[MinValueValidator(0)])
    currency = CurrencyField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "period", "from_on"], condition=ALIVE, name="booking_target_owner_unique"
            ),
            models.UniqueConstraint(
                fields=["period", "from_on"], condition=ALIVE & Q(owner__isnull=True), name="booking_target_book_unique"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="booking_target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()} from {self.from_on}"
