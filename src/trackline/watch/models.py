"""Alerts: what needs somebody's attention, with an owner and clocks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Alert(Record):
    """One firing of a rule on an account; a repeat while it is open raises `count` (CNV-09).

    Of an alert that a signal raised, `subject` tells what it is about within the account, `occurrence` what happened
    (empty for states), and `holds` whether its trigger still finds it: none of them fires again while it does.
    """

    class Severity(models.TextChoices):
        INFO = "info", "Info"
        WARN = "warn", "Warning"
        HIGH = "high", "High"
        CRITICAL = "critical", "Critical"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        DIAGNOSED = "diagnosed", "Diagnosed"
        ESCALATED = "escalated", "Escalated"
        CLOSED = "closed", "Closed"
        DISMISSED = "dismissed", "Dismissed"

    class Verdict(models.TextChoices):
        UNJUDGED = "unjudged", "Not judged"
        TRUE_POSITIVE = "true_positive", "It was real"
        FALSE_POSITIVE = "false_positive", "False alarm"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="alerts")
    title = models.CharField(max_length=250, blank=True)
    rule = models.CharField(max_length=80)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARN)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    backup = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    fired_at = models.DateTimeField(blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    count = models.PositiveIntegerField(default=1)
    ack_due_at = models.DateTimeField("acknowledge by", null=True, blank=True)
    diagnose_due_at = models.DateTimeField("diagnose by", null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    dedupe_key = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=80, blank=True, editable=False)
    occurrence = models.CharField(max_length=120, blank=True, editable=False)
    holds = models.BooleanField(default=False, editable=False)
    cleared_at = models.DateTimeField("over since", null=True, blank=True)
    acknowledged_at = models.DateTimeField("acknowledged", null=True, blank=True)
    eta_at = models.DateTimeField("answer expected", null=True, blank=True)
    diagnosed_at = models.DateTimeField("diagnosed", null=True, blank=True)
    diagnosis = models.TextField(blank=True)
    escalated_at = models.DateTimeField("escalated", null=True, blank=True)
    escalated_to = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, default=Verdict.UNJUDGED)
    note = models.TextField(blank=True)
    plays = models.ManyToManyField("choose.Play", blank=True, related_name="alerts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "rule", "dedupe_key"],
                condition=ALIVE & ~Q(state__in=("closed", "dismissed")) & ~Q(dedupe_key=""),
                name="alert_open_once",
            )
        ]
        indexes = [models.Index(fields=["account", "state"], name="alert_account_state", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title or self.rule
