"""Surveys: a wave goes to people of an account, each of them answers once, and low answers are followed up."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.accounts.models import Account
from trackline.kit.records.model_fields import PicklistField, ScaleField, TagsField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Audience(models.TextChoices):
    """Whom a survey asks (SUR-02)."""

    EXECUTIVE = "executive", "Executive"
    FUNCTIONAL = "functional", "Functional lead"
    END_USER = "end_user", "End user"


class About(models.TextChoices):
    """Whom the question on the last contact means (SUR-01)."""

    SUPPORT = "support", "Support"
    SALES = "sales", "Sales"
    DELIVERY = "delivery", "Delivery"


class SurveyRound(Record):
    """One survey for many accounts: who is asked is planned from it, and sending it opens a wave in each (SUR-03, SUR-16).

    Nothing is kept of the plan until the round is sent; the waves are what was sent.
    """

    class Survey(models.TextChoices):
        RELATIONSHIP = "relationship", "Relationship survey"
        PULSE = "pulse", "Pulse"

    class Rhythm(models.TextChoices):
        STAGGERED = "staggered", "Executives twice a year, others each quarter"
        PANEL = "panel", "Everybody each quarter"

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        NA = "na", "Does not apply"

    title = models.CharField(max_length=250)
    survey = models.CharField(max_length=12, choices=Survey.choices, default=Survey.RELATIONSHIP)
    about = models.CharField(
        "last contact with",
        max_length=10,
        choices=About.choices,
        default=About.SUPPORT,
        help_text="Whom the question on the last contact means.",
    )
    managed_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="accounts of",
        help_text="Only accounts of this manager.",
    )  # fmt: skip
    tier = models.PositiveSmallIntegerField("accounts of tier", choices=Account.Tier.choices, null=True, blank=True)
    region = PicklistField("accounts in region", picklist="region")
    industry = PicklistField("accounts in industry", picklist="industry")
    segment = models.CharField("accounts of segment", max_length=80, blank=True)
    group = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="accounts of the group",
        help_text="This account and all below it.",
    )  # fmt: skip
    without = models.ManyToManyField(Account, blank=True, related_name="left_out_of", verbose_name="accounts left out")
    rhythm = models.CharField(
        max_length=10,
        choices=Rhythm.choices,
        default=Rhythm.STAGGERED,
        help_text="How long somebody who was asked is left in peace.",
    )
    per_level = models.PositiveSmallIntegerField(
        "at most, of each level",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="People asked on each level of an account; everybody who is due where empty.",
    )
    left_out = models.ManyToManyField(
        "accounts.Contact", blank=True, related_name="left_out_of", verbose_name="people left out"
    )
    anonymous = models.BooleanField(
        "end users may stay anonymous",
        default=False,
        help_text="Offered to end users of an account where at least three of them are asked.",
    )
    closes_on = models.DateField("answers until", null=True, blank=True)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    localised = models.CharField(
        "wording fits each country, scales unchanged", max_length=3, choices=Answer.choices, blank=True
    )
    piloted = models.CharField("pilot was run", max_length=3, choices=Answer.choices, blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title


class Wave(Record):
    """One sending of a survey to people of an account (SUR-02, SUR-04)."""

    class Survey(models.TextChoices):
        RELATIONSHIP = "relationship", "Relationship survey"
        PULSE = "pulse", "Pulse"
        MICRO = "micro", "Micro-survey after a case"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="waves")
    title = models.CharField(max_length=250)
    survey = models.CharField(max_length=12, choices=Survey.choices, default=Survey.RELATIONSHIP)
    survey_version = models.PositiveSmallIntegerField("version of the survey", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    about = models.CharField(
        "last contact with",
        max_length=10,
        choices=About.choices,
        default=About.SUPPORT,
        help_text="Whom the question on the last contact means.",
    )
    sent_on = models.DateField("sent", null=True, blank=True)
    closes_on = models.DateField("answers until", null=True, blank=True)
    reminded_on = models.DateField("reminded", null=True, blank=True)
    anonymous = models.BooleanField(
        "end users may stay anonymous",
        default=False,
        help_text="Offered to end users where at least three of them are asked.",
    )
    contacts = models.ManyToManyField(
        "accounts.Contact", through="Invitation", blank=True, related_name="waves", verbose_name="people asked"
    )
    asked = models.PositiveIntegerField(
        "number asked",
        null=True,
        blank=True,
        help_text="How many were asked, where they were not asked through Trackline.",
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    round = models.ForeignKey(SurveyRound, models.SET_NULL, null=True, blank=True, related_name="waves")

    class Meta:
        indexes = [models.Index(fields=["account", "-sent_on"], name="wave_account_sent", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class Invitation(models.Model):
    """Somebody who is asked in a wave; `answered` keeps that they did, never what."""

    wave = models.ForeignKey(Wave, models.CASCADE)
    contact = models.ForeignKey("accounts.Contact", models.CASCADE)
    answered = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "contact"], name="invitation_unique")]

    def __str__(self) -> str:
        return f"{self.contact}"


class SurveyLink(models.Model):
    """What makes the links of a wave: without the serial none is valid, with another one all earlier are void."""

    wave = models.OneToOneField(Wave, models.CASCADE, related_name="link")
    serial = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"links of {self.wave}"


class Response(Record):
    """The answers of one person in a wave; without a contact they are anonymous (SUR-01, SUR-05)."""

    class Channel(models.TextChoices):
        LINK = "link", "Personal link"
        PHONE = "phone", "By phone"
        FILE = "file", "From a file"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="responses")
    contact = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="responses")
    audience = models.CharField(max_length=12, choices=Audience.choices, blank=True)
    on = models.DateField("date")
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.PHONE)
    recommend = models.PositiveSmallIntegerField(
        "would recommend us, 0–10", null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(10)]
    )
    reason = models.TextField("main reason", blank=True)
    expectations = ScaleField("last contact met expectations, 1–5", null=True, blank=True)
    quality = ScaleField("quality as agreed, 1–5", null=True, blank=True)
    communication = ScaleField("timely, relevant communication, 1–5", null=True, blank=True)
    ease = models.PositiveSmallIntegerField(
        "ease of reaching the goal, 1–7", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    ease_reason = models.TextField("what helped or hindered", blank=True)
    strategy = ScaleField("helps their strategic aims, 1–5", null=True, blank=True)
    innovation = ScaleField("seen as innovative, 1–5", null=True, blank=True)
    wishes = models.TextField("what would create most value", blank=True)
    note = models.ForeignKey(
        "track.Note", models.SET_NULL, null=True, blank=True, editable=False, related_name="responses",
        verbose_name="note of the wish",
    )  # fmt: skip
    tags = TagsField("themes")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "contact"], condition=ALIVE & Q(contact__isnull=False), name="response_wave_contact"
            )
        ]
        indexes = [models.Index(fields=["wave", "on"], name="response_wave_on", condition=ALIVE)]

    def __str__(self) -> str:
        who = self.contact.name if self.contact else "Anonymous"
        return who if self.recommend is None else f"{who}: {self.recommend} of 10"


class SurveyCase(Record):
    """A low answer that is followed up until it is verified (SUR-12, SUR-13)."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CONTACTED = "contacted", "Contacted"
        PLANNED = "planned", "Planned"
        VERIFYING = "verifying", "Verifying"
        RESOLVED = "resolved", "Resolved"
        REOPENED = "reopened", "Reopened"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="survey_cases")
    title = models.CharField(max_length=250)
    response = models.ForeignKey(Response, models.SET_NULL, null=True, blank=True, related_name="cases")
    contact = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("answered")
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    due_at = models.DateTimeField("next step due", null=True, editable=False)
    contacted_at = models.DateTimeField("contacted", null=True, editable=False)
    planned_at = models.DateTimeField("planned", null=True, editable=False)
    verified_at = models.DateTimeField("verified", null=True, editable=False)
    root_cause = models.TextField(blank=True)
    corrective = models.TextField("what mends it", blank=True)
    preventive = models.TextField("what keeps it from coming back", blank=True)
    outcome = models.TextField("what the customer says now", blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "status"], name="survey_case_account", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title
