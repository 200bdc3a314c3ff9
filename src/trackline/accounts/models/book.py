"""The book's own settings, exchange rates and saved views."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Setting(models.Model):
    """A dated value of a setting of the book; the newest one not after today is in force."""

    key = models.CharField(max_length=120)
    value = models.JSONField()
    valid_from = models.DateField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "valid_from"], name="setting_key_day")]

    def __str__(self) -> str:
        return self.key


class ExchangeRate(models.Model):
    """What one unit of `currency` is worth in the book's currency at the end of a month."""

    currency = models.CharField(max_length=3)
    on = models.DateField("month end")
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["currency", "-on"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="exchange_rate_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on}"


class SavedView(models.Model):
    """Filters, columns and order of a list under a name; private unless shared."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["user", "record_type", "name"], name="saved_view_name_unique")]

    def __str__(self) -> str:
        return self.name
