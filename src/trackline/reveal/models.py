"""R: what must come true for the customer, and proof that it did."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trackline.accounts.models.choices import Direction, Unit
from trackline.kit.records.model_fields import MoneyField, PercentField, ScaleField
from trackline.kit.records.models import ALIVE, Record
from trackline.reveal.rules.value import LAST_YEAR

USER = settings.AUTH_USER_MODEL


class CustomerPriority(Record):
    """One of the customer's top three priorities of a fiscal year, with its source."""

    class Source(models.TextChoices):
        EBR = "ebr", "Executive review"
        QBR = "qbr", "Quarterly review"
        ANNUAL_REPORT = "annual_report", "Annual report"
        EXEC_INTERVIEW = "exec_interview", "Executive interview"
        OTHER = "other", "Other"

    class Rank(models.IntegerChoices):
        FIRST = 1, "1"
        SECOND = 2, "2"
        THIRD = 3, "3"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="priorities")
    title = models.CharField("priority", max_length=250)
    rank = models.PositiveSmallIntegerField(choices=Rank.choices)
    source = models.CharField(max_length=16, choices=Source.choices)
    source_ref = models.CharField("where it is said", max_length=250, blank=True)
    on = models.DateField("as of")
    fiscal_year = models.PositiveSmallIntegerField(blank=True)
    pain_points: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "track.PainPoint", blank=True, related_name="priorities"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fiscal_year", "rank"], condition=ALIVE, name="priority_account_year_rank"
            ),
            models.CheckConstraint(condition=Q(rank__range=(1, 3)), name="priority_rank_1_3"),
        ]

    def __str__(self) -> str:
        return self.title


class Objective(Record):
    """Our own objective of a period; goals of accounts contribute to it."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    title = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    period = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    progress_pct = PercentField("progress", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    external_ref = models.CharField("external reference", max_length=250, blank=True)

    def __str__(self) -> str:
        return self.title


class KeyResult(Record):
    """A measured result of an objective."""

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="key_results")
    title = models.CharField(max_length=250)
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    current = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Goal(Record):
    """A customer outcome with baseline and target. `progress_pct` follows from them (REV-03)."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        ON_TRACK = "on_track", "On track"
        AT_RISK = "at_risk", "At risk"
        OFF_TRACK = "off_track", "Off track"
        ACHIEVED = "achieved", "Achieved"
        MISSED = "missed", "Missed"
        CANCELLED = "cancelled", "Cancelled"

    class Mode(models.TextChoices):
        AUTO = "auto", "From progress and dates"
        MANUAL = "manual", "Set by hand"

    class ProgressMode(models.TextChoices):
        VALUE = "value", "From its own value"
        KPI = "kpi", "From its KPIs"
        MANUAL = "manual", "Set by hand"

    class Domain(models.TextChoices):
        GROWTH = "growth", "Growth"
        VALUE_CREATION = "value_creation", "Value creation"
        RELATIONSHIP_HEALTH = "relationship_health", "Relationship health"
        INNOVATION = "innovation", "Innovation"
        SUSTAINABILITY = "sustainability_compliance", "Sustainability and compliance"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="goals")
    title = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    domain = models.CharField(max_length=26, choices=Domain.choices, blank=True)
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.COUNT)
    direction = models.CharField(max_length=10, choices=Direction.choices, blank=True)
    baseline = models.DecimalField(max_digits=20, decimal_places=6)
    target = models.DecimalField(max_digits=20, decimal_places=6)
    current = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    progress_mode = models.CharField(max_length=8, choices=ProgressMode.choices, default=ProgressMode.VALUE)
    progress_pct = models.DecimalField("progress", max_digits=9, decimal_places=4, null=True, editable=False)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NOT_STARTED)
    status_mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.AUTO)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    client_owner = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="customer's owner"
    )
    priority = models.ForeignKey(CustomerPriority, models.SET_NULL, null=True, blank=True, related_name="goals")
    start_on = models.DateField("start", null=True, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    kpis = models.ManyToManyField(
        "accounts.Kpi", through="GoalKpi", blank=True, related_name="goals", verbose_name="KPIs"
    )
    pain_points: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "track.PainPoint", blank=True, related_name="goals"
    )
    objectives = models.ManyToManyField(Objective, through="GoalObjective", blank=True, related_name="goals")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gt=F("start_on")),
                name="goal_due_after_start",
            ),
            models.CheckConstraint(
                condition=Q(progress_mode="manual") | ~Q(baseline=F("target")), name="goal_baseline_not_target"
            ),
        ]
        indexes = [models.Index(fields=["account", "status"], name="goal_account_status", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class GoalKpi(models.Model):
    """A KPI that measures a goal, with its weight."""

    goal = models.ForeignKey(Goal, models.CASCADE)
    kpi = models.ForeignKey("accounts.Kpi", models.CASCADE)
    weight = models.DecimalField(max_digits=8, decimal_places=3, default=1)
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "kpi"], name="goal_kpi_unique")]

    def __str__(self) -> str:
        return f"{self.goal} · {self.kpi}"


class GoalObjective(models.Model):
    """An objective of ours that a goal contributes to."""

    goal = models.ForeignKey(Goal, models.CASCADE)
    objective = models.ForeignKey(Objective, models.CASCADE)
    contribution_note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["goal", "objective"], name="goal_objective_unique")]

    def __str__(self) -> str:
        return f"{self.goal} · {self.objective}"


class CheckIn(Record):
    """A dated update of a goal; the newest one sets its current value."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="check_ins")
    on = models.DateField("date")
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    progress_override = PercentField("progress by hand", null=True, blank=True)
    confidence = ScaleField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Goal.Status.choices, blank=True)
    comment = models.TextField(blank=True)
    author = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["goal", "-on"], name="check_in_goal_on", condition=ALIVE)]

    def __str__(self) -> str:
        return f"Check-in {self.on}"


class ValueOutcome(Record):
    """Value delivered: before and after, in the customer's money, verified by a name and a date."""

    class Basis(models.TextChoices):
        LABOUR = "labour", "Labour"
        REVENUE = "revenue", "Revenue"
        COST = "cost", "Cost"
        RISK = "risk", "Risk"
        WORKING_CAPITAL = "working_capital", "Working capital"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="value_outcomes")
    title = models.CharField(max_length=250)
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="value_outcomes")
    kpi = models.ForeignKey(
        "accounts.Kpi", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="KPI"
    )
    before = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    after = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    unit = models.CharField(max_length=10, choices=Unit.choices, blank=True)
    period = models.CharField(max_length=40, blank=True)
    money = MoneyField("worth", null=True, blank=True)
    committed = MoneyField("committed worth", null=True, blank=True)
    basis = models.CharField(max_length=16, choices=Basis.choices, blank=True)
    baseline_source = models.CharField(max_length=250, blank=True)
    on = models.DateField("as of", null=True, blank=True)
    verified_by = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    verified_on = models.DateField(null=True, blank=True)
    evidence_url = models.URLField("link to the evidence", max_length=500, blank=True)

    def __str__(self) -> str:
        return self.title


class BusinessCase(Record):
    """The cash flows of a promise to the customer, in the account's currency; its lines hold them year by year (VAL-04)."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="business_cases")
    title = models.CharField(max_length=250)
    goal = models.ForeignKey(Goal, models.SET_NULL, null=True, blank=True, related_name="business_cases")
    discount_rate_pct = models.DecimalField(
        "discount rate",
        max_digits=7,
        decimal_places=3,
        default=Decimal(10),
        validators=[MinValueValidator(-99), MaxValueValidator(1000)],
        help_text="A year, in %. 10 where the customer names none.",
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title


class CaseLine(Record):
    """A benefit or a cost of one year of a business case; year 0 is today. Lines of one title are one row over the years."""

    class Kind(models.TextChoices):
        REVENUE = "revenue", "Revenue"
        SAVING = "saving", "Saving"
        ONE_TIME_COST = "one_time_cost", "One-time cost"
        RECURRING_COST = "recurring_cost", "Recurring cost"
        INTERNAL_CHANGE = "internal_change", "Internal change"
        CAPEX = "capex", "Capital expenditure"
        WORKING_CAPITAL = "working_capital", "Working capital"

    business_case = models.ForeignKey(BusinessCase, models.CASCADE, related_name="lines")
    year = models.PositiveSmallIntegerField(validators=[MaxValueValidator(LAST_YEAR)])
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=16, choices=Kind.choices, blank=True)
    benefit = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    cost = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])

    def __str__(self) -> str:
        return f"{self.title}, year {self.year}"
