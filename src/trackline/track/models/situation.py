"""T: what happened on an account and where it stands."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.accounts.models.choices import Band, Severity
from trackline.kit.records.model_fields import MoneyField, PicklistField, ScaleField, TagsField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class HealthSnapshot(Record):
    """The manager's own two colours on a day; the computed score stands beside it."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="health_snapshots")
    on = models.DateField("date")
    delivery = models.CharField(max_length=8, choices=Band.choices, default=Band.UNKNOWN)
    relationship = models.CharField(max_length=8, choices=Band.choices, default=Band.UNKNOWN)
    note = models.TextField(blank=True)
    override_reason = models.TextField(blank=True)
    author = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "on"], condition=ALIVE, name="health_snapshot_account_day")
        ]

    def __str__(self) -> str:
        return f"Health snapshot {self.on}"


class JourneyDimension(Record):
    """One axis of the customer journey."""

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    set_key = models.SlugField("set", max_length=40, default="strategic_5")
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="journey_dimension_key_unique")]

    def __str__(self) -> str:
        return self.name


class JourneyScore(Record):
    """How far the account has come on a dimension: 1–5 in steps of 0.5."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="journey_scores")
    dimension = models.ForeignKey(JourneyDimension, models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=3, decimal_places=1, validators=[MinValueValidator(1), MaxValueValidator(5)])
    on = models.DateField("date")
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "dimension", "on"], condition=ALIVE, name="journey_score_account_dimension_day"
            ),
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="journey_score_1_5"),
        ]

    def __str__(self) -> str:
        return f"{self.score}"


class Issue(Record):
    """A problem that somebody has been asked to solve."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        IN_PROGRESS = "in_progress", "In progress"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="issues")
    title = models.CharField(max_length=250)
    body = models.TextField("details", blank=True)
    category = PicklistField(picklist="issue_category")
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.MEDIUM)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    contact = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    opened_on = models.DateField(null=True, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    resolution = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    tags = TagsField()

    class Meta:
        indexes = [models.Index(fields=["account", "status"], name="issue_account_status", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class Note(Record):
    """A remark worth keeping."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="notes")
    title = models.CharField(max_length=250)
    body = models.TextField("text", blank=True)
    category = PicklistField(picklist="note_category")
    contact = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    on = models.DateField("date")
    tags = TagsField()
    pinned = models.BooleanField(default=False)
    author = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["account", "-on"], name="note_account_on", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class Risk(Record):
    """Likelihood times impact, with what is done about it (RSK)."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        MITIGATING = "mitigating", "Mitigating"
        CLOSED = "closed", "Closed"
        OCCURRED = "occurred", "Occurred"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="risks")
    title = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    category = PicklistField(picklist="risk_category")
    likelihood = ScaleField(default=3)
    impact = ScaleField(default=3)
    money_impact = MoneyField("money at risk", null=True, blank=True)
    mitigation = models.TextField(blank=True)
    contingency_trigger = models.TextField("trigger for the contingency", blank=True)
    residual_likelihood = ScaleField(null=True, blank=True)
    residual_impact = ScaleField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    reviewed_on = models.DateField(null=True, blank=True)
    due_on = models.DateField("mitigated by", null=True, blank=True)
    issue = models.ForeignKey(Issue, models.SET_NULL, null=True, blank=True, related_name="risks")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5)) & Q(impact__range=(1, 5)), name="risk_likelihood_impact_1_5"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Interaction(Record):
    """A contact that happened. Two-way ones count as touch (TRK-22)."""

    class Kind(models.TextChoices):
        MEETING = "meeting", "Meeting"
        WORKSHOP = "workshop", "Workshop"
        SITE_VISIT = "site_visit", "Site visit"
        INTERVIEW = "interview", "Interview"
        CALL = "call", "Call"
        EMAIL = "email", "E-mail"
        MESSAGE = "message", "Message"
        EVENT = "event", "Event"

    class Channel(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        VIDEO = "video", "Video"
        PHONE = "phone", "Phone"
        ASYNC = "async", "In writing"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="interactions")
    on = models.DateField("date")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CALL)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    two_way = models.BooleanField(default=True)
    summary = models.TextField(blank=True)
    sentiment = models.SmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(-1), MaxValueValidator(1)]
    )
    our_agenda_items = models.PositiveSmallIntegerField(null=True, blank=True)
    client_agenda_items = models.PositiveSmallIntegerField(null=True, blank=True)
    contacts = models.ManyToManyField("accounts.Contact", blank=True, related_name="interactions")
    users: models.ManyToManyField[Any, Any] = models.ManyToManyField(USER, blank=True, related_name="+")
    author = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["account", "-on"], name="interaction_account_on", condition=ALIVE)]

    def __str__(self) -> str:
        return self.summary[:80] or f"{self.get_kind_display()} on {self.on}"
