"""Accounts, their units, contacts and teams."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from trackline.accounts.models.choices import Band, Seniority
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PicklistField, ScaleField, TagsField
from trackline.kit.records.models import ALIVE, Record


class Account(Record):
    """A customer entity with its own contracts, routes and health; a tree by `parent`.

    `path` lists the ids from the top of the tree to this account (`/3/17/`), so that descendants are one prefix.
    `completeness` is the stored result of TRK-19 as of `completeness_on`, `health` the headline of HLT-00: value, band,
    day, model, coverage in % and change in 30 days. `follows` holds figures as the contracts in force
    said them last: one that still stands so follows them, one that somebody wrote since does not.
    """

    class Status(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        ONBOARDING = "onboarding", "Onboarding"
        ACTIVE = "active", "Active"
        AT_RISK = "at_risk", "At risk"
        CHURNED = "churned", "Churned"
        ARCHIVED = "archived", "Archived"

    class Tier(models.IntegerChoices):
        ONE = 1, "Tier 1"
        TWO = 2, "Tier 2"
        THREE = 3, "Tier 3"

    class Maturity(models.IntegerChoices):
        AD_HOC = 1, "1 Ad hoc"
        EMERGING = 2, "2 Emerging"
        DEFINED = 3, "3 Defined"
        MANAGED = 4, "4 Managed"
        OPTIMISED = 5, "5 Optimised"

    key = models.SlugField(max_length=80, allow_unicode=True, blank=True, help_text="Short name used in addresses.")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True, blank=True)
    industry = PicklistField(picklist="industry")
    business_model = PicklistField(picklist="business_model")
    maturity = models.PositiveSmallIntegerField(choices=Maturity.choices, null=True, blank=True)
    client_fte = models.DecimalField(
        "client headcount", max_digits=12, decimal_places=2, null=True, blank=True, help_text="People at the customer."
    )
    serving_fte = models.DecimalField(
        "serving FTE", max_digits=8, decimal_places=2, null=True, blank=True, help_text="Our people on the account."
    )
    segment = models.CharField(max_length=80, blank=True)
    primary_use_case = models.TextField(blank=True)
    currency = CurrencyField(blank=True)
    arr = MoneyField("ARR", null=True, blank=True, validators=[MinValueValidator(0)])
    go_live_on = models.DateField("live since", null=True, blank=True)
    renewal_date = models.DateField("renewal date", null=True, blank=True)
    enterprise = models.BooleanField(default=False)
    region = PicklistField(picklist="region")
    domain = models.CharField("web domain", max_length=253, blank=True)
    watch = models.BooleanField("on watch", default=False)
    exit_candidate = models.BooleanField(default=False)
    is_decision_level = models.BooleanField("scored on its own", default=True)
    description = models.TextField(blank=True)
    tags = TagsField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    exec_sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="our sponsor"
    )
    customer_sponsor = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="customer sponsor"
    )
    path = models.CharField(max_length=400, default="", editable=False, db_index=True)
    completeness = models.JSONField(default=dict, editable=False)
    completeness_on = models.DateField(null=True, editable=False)
    health = models.JSONField(default=dict, editable=False)
    follows = models.JSONField(default=dict, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=ALIVE, name="account_key_unique"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_not_own_parent"),
            models.CheckConstraint(condition=Q(tier__isnull=True) | Q(tier__range=(1, 3)), name="account_tier_1_3"),
            models.CheckConstraint(
                condition=Q(maturity__isnull=True) | Q(maturity__range=(1, 5)), name="account_maturity_1_5"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="account_name", condition=ALIVE),
            models.Index(fields=["-arr", "id"], name="account_arr", condition=ALIVE),
            models.Index(fields=["renewal_date", "id"], name="account_renewal", condition=ALIVE),
            models.Index(fields=["owner", "name"], name="account_owner", condition=ALIVE),
            # Totals of a list read these columns of every row; from the index that is a tenth of the table.
            models.Index(fields=["currency", "status", "renewal_date", "arr"], name="account_totals", condition=ALIVE),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def following(self) -> list[str]:
        """The figures that nobody wrote since the contracts said them."""
        return sorted(name for name, said in self.follows.items() if said == said_of(getattr(self, name)))


def said_of(figure: Decimal | date | None) -> str:
    """Return a figure as `follows` holds it."""
    return "" if figure is None else f"{figure:.2f}" if isinstance(figure, Decimal) else figure.isoformat()


class BusinessUnit(Record):
    """A department or place inside one account."""

    class Area(models.TextChoices):
        BUYING = "buying", "Buying team"
        USING = "using", "Using team"
        ADJACENT = "adjacent", "Adjacent team"

    account = models.ForeignKey(Account, models.CASCADE, related_name="business_units")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    area = models.CharField(max_length=10, choices=Area.choices, blank=True)
    location = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], condition=ALIVE, name="business_unit_name_unique"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="business_unit_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person at the customer, with buying role, influence and sentiment."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        MOVED = "moved", "Moved"
        DEPARTED = "departed", "Departed"

    class BuyingRole(models.TextChoices):
        CHAMPION = "champion", "Champion"
        ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
        TECHNICAL_GATEKEEPER = "technical_gatekeeper", "Technical gatekeeper"
        USER_INFLUENCER = "user_influencer", "User influencer"
        POTENTIAL_DETRACTOR = "potential_detractor", "Potential detractor"

    class Sentiment(models.TextChoices):
        DETRACTOR = "detractor", "Detractor"
        NEUTRAL = "neutral", "Neutral"
        POSITIVE = "positive", "Positive"
        ADVOCATE = "advocate", "Advocate"

    account = models.ForeignKey(Account, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=160, blank=True)
    function = models.CharField("functional area", max_length=120, blank=True)
    business_unit = models.ForeignKey(BusinessUnit, models.SET_NULL, null=True, blank=True, related_name="contacts")
    seniority = models.CharField(max_length=16, choices=Seniority.choices, blank=True)
    buying_role = models.CharField(max_length=24, choices=BuyingRole.choices, blank=True)
    is_exec_sponsor = models.BooleanField("executive sponsor", default=False)
    influence = ScaleField(default=3, help_text="1 little say, 5 decides. High from 4.")
    interest = ScaleField(null=True, blank=True)
    strength = ScaleField("strength of relationship", null=True, blank=True)
    sentiment = models.CharField(max_length=10, choices=Sentiment.choices, default=Sentiment.NEUTRAL)
    relationship = models.CharField(max_length=8, choices=Band.choices, default=Band.UNKNOWN)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    location = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    reports_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="direct_reports")
    same_as = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="also", verbose_name="same person as",
        help_text="Their entry in another account, where they have a role of its own.",
    )  # fmt: skip
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="our owner"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_on = models.DateField("status since", null=True, blank=True)
    last_touch_on = models.DateField("last two-way touch", null=True, blank=True)
    touch_days = models.PositiveSmallIntegerField("touch every, days", null=True, blank=True)
    next_action = models.CharField(max_length=200, blank=True)
    next_action_on = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("account"),
                Lower("email"),
                condition=ALIVE & ~Q(email=""),
                name="contact_email_unique",
            ),
            models.CheckConstraint(condition=Q(influence__range=(1, 5)), name="contact_influence_1_5"),
            models.CheckConstraint(condition=~Q(reports_to=F("id")), name="contact_not_own_boss"),
            models.CheckConstraint(condition=~Q(same_as=F("id")), name="contact_not_own_twin"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="contact_name", condition=ALIVE),
            models.Index(fields=["account", "-influence", "name"], name="contact_account", condition=ALIVE),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(Record):
    """Who of us works on an account, in which job role."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    job_role = PicklistField(picklist="job_role")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], condition=ALIVE, name="team_member_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user}"
