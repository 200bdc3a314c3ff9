"""Moves of accounts between tiers: decisions that people sign, and overrides that end by themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trackline.accounts.models import Account
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class TierDecision(Record):
    """A move of an account to another tier, from the draft of its brief to the end of its watch (PF-23, PF-24).

    `answers` hold facts that no record tells, by the names of the tests' inputs. `evidence` is what the tests found when
    the brief went to its signatures; it stays as it was. `churn_before` is the churn-risk index on the day it took effect.
    """

    class Kind(models.TextChoices):
        UPGRADE = "upgrade", "Upgrade"
        DOWNGRADE = "downgrade", "Downgrade"
        EXIT = "exit", "Exit from the program"
        ENTRY = "entry", "Entry into the program"

    class Trigger(models.TextChoices):
        CYCLE = "cycle", "Formal cycle"
        ACQUISITION = "acquisition", "Acquisition"
        REVENUE_DROP = "revenue_drop", "Sharp drop of revenue"
        COMPLIANCE = "compliance_breach", "Breach of compliance"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGN_OFF = "sign_off", "Waits for signatures"
        COMMITTEE = "committee", "Before the committee"
        APPROVED = "approved", "Approved"
        EFFECTIVE = "effective", "In effect"
        REJECTED = "rejected", "Rejected"
        DEFERRED = "deferred", "Deferred"
        WITHDRAWN = "withdrawn", "Withdrawn"

    account = models.ForeignKey(Account, models.CASCADE, related_name="tier_decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    from_tier = models.PositiveSmallIntegerField("from tier", choices=Account.Tier.choices, null=True, blank=True)
    to_tier = models.PositiveSmallIntegerField(
        "to tier", choices=Account.Tier.choices, null=True, blank=True,
        help_text="One tier up or down where not given; none for an exit.",
    )  # fmt: skip
    trigger = models.CharField(
        max_length=20, choices=Trigger.choices, default=Trigger.CYCLE,
        help_text="Outside the formal cycle only an event like these calls for a decision.",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    rationale = models.TextField("strategic rationale", blank=True)
    roi = models.TextField("projected return", blank=True)
    resources = models.TextField("impact on people and money", blank=True)
    customer_message = models.TextField(
        "what the customer is told", blank=True, help_text="What changes for them, and what does not."
    )
    sunset_plan = models.TextField("plan of the exit", blank=True)
    waiver = models.TextField(
        "reason in spite of the tests", blank=True, help_text="Needed where the tests do not propose this move."
    )
    answers = models.JSONField("facts that no record tells", default=dict, blank=True)
    fits_strategy = models.BooleanField("fits the three-year strategy", default=False)
    anomalies_resolved = models.BooleanField("anomalies are resolved or annotated", default=False)
    funded = models.BooleanField("people and money are funded", default=False)
    customer_value = models.BooleanField("the message tells the customer's value", default=False)
    monitor_owner = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="who watches for 90 days"
    )
    kam_leader = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="KAM leader"
    )
    kam_leader_signed = models.BooleanField("KAM leader has signed", default=False)
    kam_leader_on = models.DateField("KAM leader signed", null=True, blank=True)
    finance_head = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="head of finance"
    )
    finance_head_signed = models.BooleanField("head of finance has signed", default=False)
    finance_head_on = models.DateField("head of finance signed", null=True, blank=True)
    exec_sponsor = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="executive sponsor"
    )
    exec_sponsor_signed = models.BooleanField("executive sponsor has signed", default=False)
    exec_sponsor_on = models.DateField("executive sponsor signed", null=True, blank=True)
    committee_on = models.DateField("committee", null=True, blank=True)
    committee_note = models.TextField("what the committee said", blank=True)
    effective_on = models.DateField("takes effect", null=True, blank=True)
    team_told_on = models.DateField("account team told", null=True, blank=True)
    systems_done_on = models.DateField("people, money and promises updated", null=True, blank=True)
    customer_told_on = models.DateField("customer told", null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    submitted_on = models.DateField("went to its signatures", null=True, blank=True)
    decided_on = models.DateField("decided", null=True, blank=True)
    applied_on = models.DateField("took effect", null=True, blank=True)
    watch_until = models.DateField("watched until", null=True, blank=True)
    churn_before = models.DecimalField("churn risk before", max_digits=9, decimal_places=6, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=ALIVE & Q(status__in=("draft", "sign_off", "committee", "approved")),
                name="tier_decision_open_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="exit", to_tier__isnull=True) | (~Q(kind="exit") & Q(to_tier__isnull=False)),
                name="tier_decision_to_tier_or_exit",
            ),
        ]
        indexes = [models.Index(fields=["account", "-applied_on"], name="tier_decision_applied", condition=ALIVE)]

    def __str__(self) -> str:
        to = f"to tier {self.to_tier}" if self.to_tier else "from the program"
        return f"{self.get_kind_display().partition(' ')[0]} {to}"


class TierOverride(Record):
    """A tier that somebody of rank sets beside the model, with a reason, until a day on which it ends by itself (PF-15).

    Whoever asks for one names who is to grant it; it counts from then on. `lapsed_to` is the tier that the account took
    when the override ended.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Asked for"
        ACTIVE = "active", "In force"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    account = models.ForeignKey(Account, models.CASCADE, related_name="tier_overrides")
    tier = models.PositiveSmallIntegerField(choices=Account.Tier.choices)
    from_tier = models.PositiveSmallIntegerField("from tier", choices=Account.Tier.choices, null=True, blank=True)
    reason = models.TextField()
    requested_by = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    approver = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Of the rank VP or above."
    )
    board_visible = models.BooleanField("the board sees it", default=True)
    granted_on = models.DateField("granted", null=True, blank=True)
    sunset_on = models.DateField("ends", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    ended_on = models.DateField("ended", null=True, blank=True)
    lapsed_to = models.PositiveSmallIntegerField("lapsed to", choices=Account.Tier.choices, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=ALIVE & Q(state__in=("requested", "active")), name="tier_override_once"
            ),
            models.CheckConstraint(
                condition=Q(granted_on__isnull=True) | Q(sunset_on__gt=F("granted_on")), name="tier_override_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"Tier {self.tier} until {self.sunset_on}"
