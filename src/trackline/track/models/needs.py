"""What hurts the customer, and how much the customer's own people say it does (NEED)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.kit.records.model_fields import MoneyField, PercentField, ScaleField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


def _amount(label: str) -> MoneyField:
    return MoneyField(label, null=True, blank=True, validators=[MinValueValidator(0)])


def _figure(label: str, digits: int, places: int) -> Any:
    return models.DecimalField(
        label, max_digits=digits, decimal_places=places, null=True, blank=True, validators=[MinValueValidator(0)]
    )


def _rating(label: str) -> Any:
    """A mark of the failure analysis, 1 to 10."""
    marks = [MinValueValidator(1), MaxValueValidator(10)]
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=marks)


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


class ValueGap(Record):
    """What closing a pain point is worth, worked out by one of four methods from figures that are kept (NEED-06).

    Each method reads its own figures; the others stay empty.
    """

    class Method(models.TextChoices):
        TCO = "tco", "Total cost of ownership"
        RISK = "risk", "Risk that falls"
        REVENUE = "revenue", "Revenue gained"
        CAPITAL = "working_capital", "Working capital set free"

    pain_point = models.ForeignKey(PainPoint, models.CASCADE, related_name="value_gaps")
    title = models.CharField("what changes", max_length=250)
    method = models.CharField(max_length=16, choices=Method.choices, default=Method.TCO)
    figures_from = models.CharField(max_length=8, choices=PainPoint.Source.choices, blank=True)
    source = models.CharField("where the figures come from", max_length=250, blank=True)
    current_annual = _amount("cost a year today")
    proposed_annual = _amount("cost a year then")
    years = _figure("years", 6, 2)
    one_time = _amount("once, to get there")
    likelihood_before = PercentField("likelihood in a year today, %", null=True, blank=True)
    loss_before = _amount("loss today, if it happens")
    likelihood_after = PercentField("likelihood in a year then, %", null=True, blank=True)
    loss_after = _amount("loss then, if it happens")
    severity_before = _rating("severity today, 1–10")
    occurrence_before = _rating("occurrence today, 1–10")
    detection_before = _rating("hard to detect today, 1–10")
    severity_after = _rating("severity then, 1–10")
    occurrence_after = _rating("occurrence then, 1–10")
    detection_after = _rating("hard to detect then, 1–10")
    base_volume = _figure("volume a year", 18, 4)
    rate_points = _figure("rate gained, points", 9, 4)
    unit_value = _amount("worth of one")
    days_gained = _figure("days gained", 9, 4)
    annual_base = _amount("turnover a year that they touch")

    def __str__(self) -> str:
        return self.title


class Pilot(Record):
    """A trial of a solution with the customer, measured by what its pain points are measured by (NEED-09)."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="pilots")
    title = models.CharField(max_length=250)
    pain_points: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        PainPoint, blank=True, related_name="pilots", verbose_name="pain points it is to ease"
    )
    metrics: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "accounts.Metric", blank=True, related_name="+", verbose_name="metrics that decide"
    )
    threshold = models.TextField("passes when", blank=True)
    start_on = models.DateField("starts", null=True, blank=True)
    due_on = models.DateField("decided by", null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PLANNED)
    outcome = models.TextField("what came of it", blank=True)

    def __str__(self) -> str:
        return self.title


class DataSource(Record):
    """Where an insight comes from, who keeps it fresh, and how good it is (NEED-01). Without an account it serves the book."""

    class Family(models.TextChoices):
        NUMBERS = "internal_numbers", "Our own figures"
        WORDS = "internal_words", "Our own notes and talks"
        CUSTOMER = "customer", "From the customer"
        MARKET = "market", "Market and ecosystem"
        THIRD = "third_party", "Third party"
        RULES = "regulatory", "Regulation and sustainability"

    class Quality(models.TextChoices):
        A = "a", "A"
        B = "b", "B"
        C = "c", "C"

    class Refresh(models.IntegerChoices):
        DAILY = 1, "Daily"
        WEEKLY = 7, "Weekly"
        MONTHLY = 31, "Monthly"
        QUARTERLY = 92, "Quarterly"
        YEARLY = 366, "Yearly"

    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, null=True, blank=True, related_name="data_sources",
        help_text="Empty for a source that serves all accounts.",
    )  # fmt: skip
    title = models.CharField("insight", max_length=250)
    source = models.CharField(max_length=250, help_text="The system, the person or the publication.")
    family = models.CharField(max_length=16, choices=Family.choices, default=Family.NUMBERS)
    metric = models.ForeignKey("accounts.Metric", models.SET_NULL, null=True, blank=True, related_name="+")
    priority = models.BooleanField(default=False, help_text="Decisions rest on it.")
    high_stakes = models.BooleanField(
        default=False, help_text="Share of wallet, value or spend: one source alone leaves it unverified."
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    refresh = models.PositiveSmallIntegerField(choices=Refresh.choices, null=True, blank=True)
    max_age_days = models.PositiveIntegerField(
        "old after, days", null=True, blank=True, help_text="Where it differs from what its rhythm says."
    )
    last_refreshed_on = models.DateField("refreshed", null=True, blank=True)
    quality = models.CharField(max_length=1, choices=Quality.choices, blank=True)
    consent = models.BooleanField("consent documented", default=False)
    independent = models.PositiveSmallIntegerField(
        "independent sources", default=1, help_text="How many say the same without knowing of each other."
    )
    failures = models.PositiveSmallIntegerField("times found wrong", default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(independent__gte=1), name="data_source_has_a_source")]

    def __str__(self) -> str:
        return self.title
