"""A: where growth comes from: routes, pipelines, products, projects, contracts."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from trackline.accounts.models.choices import Band, Level
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField, PicklistField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class RouteState(models.TextChoices):
    """The six states of TRACK; every stage of every pipeline maps to one of them."""

    IDENTIFIED = "identified", "Identified"
    QUALIFYING = "qualifying", "Qualifying"
    PURSUING = "pursuing", "Pursuing"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    PARKED = "parked", "Parked"


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
    budget = MoneyField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class Contract(Record):
    """What is signed with an account."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="contracts")
    ref = models.CharField("reference", max_length=120, blank=True)
    start_on = models.DateField("start", null=True, blank=True)
    end_on = models.DateField("end", null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(null=True, blank=True)
    auto_renew = models.BooleanField(default=False)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)
    currency = CurrencyField(blank=True)
    arr = MoneyField("ARR", null=True, blank=True)
    tcv = MoneyField("total value", null=True, blank=True)
    terms = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(end_on__isnull=True) | Q(end_on__gte=F("start_on")),
                name="contract_end_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.ref


class ContractItem(Record):
    """A product inside a contract, with its contracted quantity."""

    class Capacity(models.TextChoices):
        SEATS = "seats", "Seats"
        VOLUME = "volume", "Volume"
        FEATURES = "features", "Features"

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    capacity_type = models.CharField(max_length=10, choices=Capacity.choices, default=Capacity.SEATS)
    contracted_qty = models.DecimalField("quantity", max_digits=18, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    arr = MoneyField("ARR", null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.product}"


class Pipeline(Record):
    """An ordered set of stages, each mapped to a TRACK state."""

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="pipeline_key_unique")]

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """A stage of a pipeline."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=RouteState.choices)
    probability = PercentField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "key"], condition=ALIVE, name="stage_key_unique")]

    def __str__(self) -> str:
        return self.name


class RenewalCycle(Record):
    """One renewal of a contract, from preparation to signature; it owns one renewal route (ALN-11)."""

    class State(models.TextChoices):
        PREPARING = "preparing", "Preparing"
        PROPOSAL = "proposal", "Proposal"
        NEGOTIATION = "negotiation", "Negotiation"
        SIGNED = "signed", "Signed"
        LAPSED = "lapsed", "Lapsed"
        CHURNED = "churned", "Churned"

    class Forecast(models.TextChoices):
        COMMIT = "commit", "Commit"
        BEST_CASE = "best_case", "Best case"
        AT_RISK = "at_risk", "At risk"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="renewal_cycles")
    contract = models.ForeignKey(Contract, models.SET_NULL, null=True, blank=True, related_name="renewal_cycles")
    renewal_date = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARING)
    arr_up = MoneyField("ARR up for renewal", null=True, blank=True)
    proposed_arr = MoneyField("proposed ARR", null=True, blank=True)
    forecast = models.CharField(max_length=10, choices=Forecast.choices, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Renewal {self.renewal_date}"


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
    renewal = models.ForeignKey(RenewalCycle, models.SET_NULL, null=True, blank=True, related_name="routes")
    trigger_event = models.CharField("trigger", max_length=250, blank=True)
    description = models.TextField(blank=True)
    close_reason = PicklistField(picklist="close_reason")
    close_note = models.TextField(blank=True)
    revisit_on = models.DateField("revisit", null=True, blank=True)
    rework = models.BooleanField(default=False)
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
