"""Everything measured: a metric, what an account agreed on, and the dated values."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.accounts.models.choices import Direction, Rhythm, Unit
from trackline.kit.records.models import ALIVE, Record


class Lead(models.TextChoices):
    """Leading metrics announce, lagging ones confirm."""

    LEADING = "leading", "Leading"
    LAGGING = "lagging", "Lagging"


class Metric(Record):
    """The definition of something measured. `key` is its code; a metric of one account alone names that account."""

    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    account = models.ForeignKey("accounts.Account", models.CASCADE, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.COUNT)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.INCREASE)
    kind = models.CharField("leading or lagging", max_length=8, choices=Lead.choices, default=Lead.LAGGING)
    refresh = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.MONTHLY)
    adds_up = models.BooleanField(
        "adds up over accounts",
        default=False,
        help_text="Values of several accounts make a sum, as revenue and tickets do; rates, scores and times do not.",
    )
    formula = models.TextField(blank=True)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="metric_key_unique")]

    def __str__(self) -> str:
        return self.name


class Kpi(Record):
    """A metric agreed on with an account, with baseline and target. `current` is the newest observation."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="kpis")
    metric = models.ForeignKey(Metric, models.PROTECT, blank=True, related_name="kpis")
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=10, choices=Unit.choices, blank=True)
    direction = models.CharField(max_length=10, choices=Direction.choices, blank=True)
    kind = models.CharField("leading or lagging", max_length=8, choices=Lead.choices, default=Lead.LAGGING)
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target_on = models.DateField("target date", null=True, blank=True)
    current = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    current_on = models.DateField("as of", null=True, blank=True)
    refresh = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.MONTHLY)
    source = models.CharField(max_length=200, blank=True)
    agreed_with_customer = models.BooleanField(default=False)
    finance_approved = models.BooleanField("finance approved target and limits", default=False)
    in_incentives = models.BooleanField("counts in incentive plans", default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="our owner"
    )
    client_owner = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="customer's owner"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "metric"], condition=ALIVE, name="kpi_account_metric_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Observation(Record):
    """One dated value of a metric on an account."""

    class Quality(models.TextChoices):
        OK = "ok", "Measured"
        ESTIMATED = "estimated", "Estimated"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="+", db_index=False)
    kpi = models.ForeignKey(Kpi, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="KPI")
    value = models.DecimalField(max_digits=20, decimal_places=6)
    on = models.DateField("date")
    source = models.CharField(max_length=200, blank=True)
    quality = models.CharField(max_length=10, choices=Quality.choices, default=Quality.OK)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "metric", "on"], condition=ALIVE, name="observation_account_metric_day"
            )
        ]
        indexes = [models.Index(fields=["metric", "on"], name="observation_metric_on")]

    def __str__(self) -> str:
        return f"{self.value} on {self.on}"
