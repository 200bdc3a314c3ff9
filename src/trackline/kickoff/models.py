"""K: in which rhythm the plan runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trackline.accounts.models.choices import Direction, Unit
from trackline.kit.records.model_fields import ScaleField, TagsField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Cadence(Record):
    """A rhythm of meetings with its participants."""

    class Type(models.TextChoices):
        INTERNAL_SYNC = "internal_sync", "Internal sync"
        CLIENT_CHECKIN = "client_checkin", "Customer check-in"
        QBR = "qbr", "Quarterly business review"
        EXEC_SPONSOR = "exec_sponsor", "Executive sponsor meeting"
        OTHER = "other", "Other"

    class Frequency(models.TextChoices):
        DAILY = "daily", "Every business day"
        WEEKLY = "weekly", "Weekly"
        BI_WEEKLY = "bi_weekly", "Every two weeks"
        MONTHLY = "monthly", "Monthly"
        BI_MONTHLY = "bi_monthly", "Every two months"
        QUARTERLY = "quarterly", "Quarterly"
        SEMIANNUAL = "semiannual", "Twice a year"
        ANNUAL = "annual", "Yearly"
        AD_HOC = "ad_hoc", "When needed"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="cadences")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=16, choices=Type.choices)
    frequency = models.CharField(max_length=12, choices=Frequency.choices)
    anchor_on = models.DateField("first meeting", null=True, blank=True)
    at_time = models.TimeField("time of day", null=True, blank=True)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        help_text="In which the time of day is kept, through summer and winter. Empty: the book's.",
    )
    duration_min = models.PositiveSmallIntegerField("minutes", default=60)
    chair = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    participants: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, through="CadenceParticipant", blank=True, related_name="cadences"
    )
    client_participants = models.ManyToManyField(
        "accounts.Contact", blank=True, related_name="cadences", verbose_name="customer's participants"
    )
    purpose = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class CadenceParticipant(models.Model):
    """One of us who takes part."""

    class Role(models.TextChoices):
        CHAIR = "chair", "Chair"
        FACILITATOR = "facilitator", "Facilitator"
        SCRIBE = "scribe", "Scribe"
        MEMBER = "member", "Member"

    cadence = models.ForeignKey(Cadence, models.CASCADE)
    user = models.ForeignKey(USER, models.CASCADE)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.MEMBER)
    required = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cadence", "user"], name="cadence_participant_unique")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Agenda(Record):
    """What meetings start from: blocks with their minutes, one a line. Meetings take over its text and keep it."""

    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    type = models.CharField(
        "offered first for", max_length=16, choices=Cadence.Type.choices, blank=True,
        help_text="Reviews are offered those for quarterly business reviews first.",
    )  # fmt: skip
    duration_min = models.PositiveSmallIntegerField(
        "minutes", null=True, blank=True, help_text="Empty: what the blocks add up to."
    )
    text = models.TextField("blocks", help_text="One a line, as “15 min Value delivered”.")
    source = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="agenda_key_unique")]

    def __str__(self) -> str:
        return self.title


class Meeting(Record):
    """One dated sitting; a review when `review` says so."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        HELD = "held", "Held"
        RESCHEDULED = "rescheduled", "Rescheduled"
        CANCELLED_BY_US = "cancelled_by_us", "Cancelled by us"
        CANCELLED_BY_CUSTOMER = "cancelled_by_customer", "Cancelled by the customer"
        NO_SHOW = "no_show", "No show"

    class Review(models.TextChoices):
        QBR = "qbr", "Quarterly business review"
        EBR = "ebr", "Executive business review"
        OTHER = "other", "Other review"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="meetings")
    cadence = models.ForeignKey(Cadence, models.SET_NULL, null=True, blank=True, related_name="meetings")
    title = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField("date and time")
    duration_min = models.PositiveSmallIntegerField("minutes", null=True, blank=True)
    review = models.CharField(max_length=8, choices=Review.choices, blank=True)
    status = models.CharField(max_length=24, choices=Status.choices, default=Status.SCHEDULED)
    attendees: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, through="Attendance", blank=True, related_name="+", verbose_name="our attendees"
    )
    contacts = models.ManyToManyField(
        "accounts.Contact",
        through="ClientAttendance",
        blank=True,
        related_name="meetings",
        verbose_name="customer's attendees",
    )
    confirmed: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, blank=True, related_name="+", verbose_name="ours who confirmed"
    )
    confirmed_contacts = models.ManyToManyField(
        "accounts.Contact", blank=True, related_name="+", verbose_name="customer's who confirmed"
    )
    present: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, blank=True, related_name="+", verbose_name="ours who were there"
    )
    present_contacts = models.ManyToManyField(
        "accounts.Contact", blank=True, related_name="meetings_attended", verbose_name="customer's who were there"
    )
    agenda = models.TextField(blank=True, help_text="A line like “15 min Value delivered” is a block with its time.")
    prepared = TagsField("prepared", blank=True)
    notes = models.TextField(blank=True)
    pre_read_sent_at = models.DateTimeField("pre-read sent", null=True, blank=True)
    summary_sent_at = models.DateTimeField("summary sent", null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    recording_url = models.URLField("link to the recording", max_length=500, blank=True)
    effectiveness = models.DecimalField(
        "effectiveness, 0 to 10",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
    )

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="meeting_account_at", condition=ALIVE),
            models.Index(fields=["at"], name="meeting_at", condition=ALIVE),
        ]

    def __str__(self) -> str:
        return self.title or "Meeting"


class Attendance(models.Model):
    """One of us who is invited to a meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE)
    user = models.ForeignKey(USER, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="attendance_unique")]

    def __str__(self) -> str:
        return f"{self.user}"


class ClientAttendance(models.Model):
    """One of the customer's people who is invited to a meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE)
    contact = models.ForeignKey("accounts.Contact", models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "contact"], name="client_attendance_unique")]

    def __str__(self) -> str:
        return f"{self.contact}"


class Sponsorship(Record):
    """One of our executives paired with one of the customer's, for a purpose and a time (SPON)."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="sponsorships")
    sponsor = models.ForeignKey(USER, models.CASCADE, related_name="sponsorships", verbose_name="our sponsor")
    contact = models.ForeignKey(
        "accounts.Contact", models.CASCADE, related_name="sponsorships", verbose_name="customer's executive"
    )
    purpose = models.TextField(
        help_text="What it is for, as a sponsor says it: a renewal, joint innovation, a rollout."
    )
    authority_gap = models.PositiveSmallIntegerField(
        "levels between them", null=True, blank=True, validators=[MaxValueValidator(9)], help_text="0: peers."
    )
    domain_fit = ScaleField("shared domain", null=True, blank=True)
    culture_fit = ScaleField("shared culture", null=True, blank=True)
    hours_month = models.DecimalField(
        "hours a month", max_digits=5, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    charter_signed_on = models.DateField("charter signed", null=True, blank=True)
    active_from = models.DateField(null=True, blank=True)
    active_to = models.DateField("active until", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "sponsor", "contact"], condition=ALIVE, name="sponsorship_pair_unique"
            ),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_from__isnull=True) | Q(active_to__gte=F("active_from")),
                name="sponsorship_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sponsor} with {self.contact}"


class CalendarFeed(models.Model):
    """A person's calendar feeds are on; the serial is part of their addresses, so that a new one makes the old ones void."""

    user = models.OneToOneField(USER, models.CASCADE, primary_key=True, related_name="calendar_feed")
    serial = models.PositiveIntegerField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"Calendar of {self.user}"


class Decision(Record):
    """What was, or has to be, decided."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DECIDED = "decided", "Decided"
        REJECTED = "rejected", "Rejected"
        DEFERRED = "deferred", "Deferred"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="decisions")
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, blank=True, related_name="decisions")
    title = models.CharField("decision", max_length=250)
    recommended = models.TextField("recommendation", blank=True)
    outcome = models.TextField(blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    due_on = models.DateField("due", null=True, blank=True)
    decided_on = models.DateField("decided", null=True, blank=True)
    success_metric = models.CharField(max_length=250, blank=True)

    def __str__(self) -> str:
        return self.title


class Action(Record):
    """Who does what by when."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    class Side(models.TextChoices):
        US = "us", "Us"
        CUSTOMER = "customer", "Customer"

    class Origin(models.TextChoices):
        MEETING = "meeting", "Meeting"
        ALERT = "alert", "Alert"
        CHECKLIST = "checklist", "Checklist"
        RENEWAL = "renewal", "Renewal"
        SAVE = "save", "Save plan"
        SURVEY = "survey", "Survey"
        PLAN = "plan", "Plan"
        RISK = "risk", "Risk"
        MANUAL = "manual", "By hand"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="actions")
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, blank=True, related_name="actions")
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, blank=True, related_name="actions")
    title = models.CharField("action", max_length=250)
    side = models.CharField(max_length=8, choices=Side.choices, default=Side.US)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    client_owner = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="customer's owner"
    )
    due_on = models.DateField("due", null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    done_on = models.DateField("done", null=True, blank=True)
    success_metric = models.CharField(max_length=250, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.MANUAL)
    joint = models.BooleanField(default=False, help_text="Agreed with the customer: it stands on the page they see.")

    class Meta:
        indexes = [models.Index(fields=["due_on"], name="action_due", condition=ALIVE & Q(status="open"))]

    def __str__(self) -> str:
        return self.title


class ExecutionMetric(Record):
    """How well the rhythm itself runs (KCK-08), on one account."""

    class Formula(models.TextChoices):
        QBR_COMPLETION = "qbr_completion", "Reviews held of those due"
        ACTIONS_CLOSED = "actions_closed", "Actions closed"
        ACTIONS_ON_TIME = "actions_on_time", "Actions closed on time"
        MEETING_ADHERENCE = "meeting_adherence", "Meetings held of those scheduled"
        PREREAD_ON_TIME = "preread_on_time", "Pre-reads sent on time"
        DECISION_TO_ACTION = "decision_to_action", "Hours from decision to action"
        PLAYS_ON_TIME = "plays_on_time", "Plays done on time"
        CHECKINS_ON_TIME = "checkins_on_time", "Goals with a check-in in time"
        MANUAL = "manual", "Entered by hand"

    class Period(models.TextChoices):
        MONTH = "month", "Month"
        QUARTER = "quarter", "Quarter"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="execution_metrics")
    name = models.CharField(max_length=200)
    formula_key = models.CharField("formula", max_length=24, choices=Formula.choices, default=Formula.MANUAL)
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.PERCENT)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.INCREASE)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    period = models.CharField(max_length=8, choices=Period.choices, default=Period.QUARTER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], condition=ALIVE, name="execution_metric_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class ExecutionReading(Record):
    """One period's value of an execution metric."""

    metric = models.ForeignKey(ExecutionMetric, models.CASCADE, related_name="readings")
    period_start = models.DateField("period from")
    numerator = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "period_start"], condition=ALIVE, name="execution_reading_period_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_start}"
