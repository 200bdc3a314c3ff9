"""What is signed, of what, and its renewals."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from trackline.align.models.catalogue import Product
from trackline.kit.records.model_fields import CurrencyField, MoneyField
from trackline.kit.records.models import Record

USER = settings.AUTH_USER_MODEL
OPEN_CYCLES = ("preparing", "proposal", "negotiation")
"""States of a renewal that is not decided yet."""


class Contract(Record):
    """What is signed with an account."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="contracts")
    ref = models.CharField("reference", max_length=120, blank=True)
    start_on = models.DateField("start", null=True, blank=True)
    end_on = models.DateField("end", null=True, blank=True)
    term_months = models.PositiveSmallIntegerField("term, months", null=True, blank=True)
    auto_renew = models.BooleanField("renews by itself", default=False)
    notice_days = models.PositiveSmallIntegerField("notice, days", null=True, blank=True)
    currency = CurrencyField(blank=True)
    arr = MoneyField("ARR", null=True, blank=True, validators=[MinValueValidator(0)])
    tcv = MoneyField("total value", null=True, blank=True, validators=[MinValueValidator(0)])
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
    business_unit = models.ForeignKey(
        "accounts.BusinessUnit", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The unit that uses it: it counts as deployed there.",
    )  # fmt: skip
    capacity_type = models.CharField(max_length=10, choices=Capacity.choices, default=Capacity.SEATS)
    contracted_qty = models.DecimalField("quantity", max_digits=18, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    arr = MoneyField("ARR", null=True, blank=True, validators=[MinValueValidator(0)])
    usage_metric = models.ForeignKey(
        "accounts.Metric", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="What says how much of the quantity is used: a percentage, or an amount in the same unit.",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product}"


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
    arr_up = MoneyField("ARR up for renewal", null=True, blank=True, validators=[MinValueValidator(0)])
    proposed_arr = MoneyField("proposed ARR", null=True, blank=True, validators=[MinValueValidator(0)])
    forecast = models.CharField(max_length=10, choices=Forecast.choices, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Renewal {self.renewal_date}"
