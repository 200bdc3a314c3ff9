"""Scorecards: metrics against three targets, what they found on a day, and who answers when one turns worse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.accounts.models import Account, Contact, Metric
from trackline.book.rules.card_checks import DOMAINS
from trackline.kit.records.model_fields import TagsField
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


def _amount(verbose: str = "", says: str = "") -> Any:
    return models.DecimalField(verbose or None, max_digits=20, decimal_places=6, null=True, blank=True, help_text=says)


class Scorecard(Record):
    """Eight to twelve metrics by which one audience decides: of an account, of a manager's accounts, or of the whole book."""

    class Level(models.TextChoices):
        ACCOUNT = "account", "An account"
        MANAGER = "manager", "A manager's accounts"
        BOOK = "book", "The whole book"

    class Mode(models.TextChoices):
        WEIGHTED = "weighted", "By weights"
        PRIORITY = "priority", "By flags"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SHADOW = "shadow", "In shadow"
        LIVE = "live", "Live"
        ARCHIVED = "archived", "Archived"

    name = models.CharField(max_length=200)
    level = models.CharField("of", max_length=7, choices=Level.choices, default=Level.ACCOUNT)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="scorecards")
    manager = models.ForeignKey(
        USER, models.CASCADE, null=True, blank=True, related_name="+", help_text="Whose accounts it counts."
    )
    audience = models.CharField(max_length=120, blank=True, help_text="Who reads it: one role.")
    decisions = TagsField(
        help_text="What is decided by it: resource_allocation, bonus_gating, renewal_risk, executive_forecast, other."
    )
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.WEIGHTED)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    preset = models.SlugField(max_length=60, blank=True, editable=False)
    shadow_on = models.DateField("in shadow since", null=True, blank=True)
    live_on = models.DateField("live since", null=True, blank=True)
    archived_on = models.DateField("archived", null=True, blank=True)
    note = models.TextField(blank=True)

    held: Sequence[ScorecardLine]
    """Its metrics, where `cards.judging.with_lines` read them."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(level="account") & Q(account__isnull=False) & Q(manager__isnull=True))
                | (Q(level="manager") & Q(account__isnull=True) & Q(manager__isnull=False))
                | (Q(level="book") & Q(account__isnull=True) & Q(manager__isnull=True)),
                name="scorecard_of_what_it_says",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScorecardLine(Record):
    """A metric of a scorecard with its targets, what it weighs, who answers for it and what is done when it is missed.

    Better than `committed` is met, worse than `minimum` is breached; in between it is missed. The guardrail is another metric
    that must not pay for this one.
    """

    class Flag(models.TextChoices):
        CRITICAL = "critical", "Critical"
        IMPORTANT = "important", "Important"
        WATCH = "watch", "Watch"

    class Side(models.TextChoices):
        AT_LEAST = "at_least", "At least"
        AT_MOST = "at_most", "At most"

    class Method(models.TextChoices):
        UPLIFT = "uplift", "Uplift of the baseline"
        BENCHMARK = "benchmark", "Benchmark"
        BACKCAST = "backcast", "Back from a later goal"
        CONTRACT = "contract", "Contract"
        STANDARD = "standard", "Standard of the book"

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines")
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True, help_text="Without one, that of the metric.")
    domain = models.CharField(max_length=3, choices=list(DOMAINS.items()))
    weight = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    flag = models.CharField(
        max_length=9,
        choices=Flag.choices,
        default=Flag.WATCH,
        help_text="What hangs on it where the card goes by flags.",
    )
    minimum = _amount(says="Worse than this is breached.")
    committed = _amount(says="This and better is met.")
    stretch = _amount(says="Full attainment.")
    baseline = _amount(says="Where it stood when the target was set.")
    baseline_on = models.DateField("baseline as of", null=True, blank=True)
    due_on = models.DateField("target date", null=True, blank=True)
    method = models.CharField(max_length=9, choices=Method.choices, blank=True)
    rationale = models.TextField(blank=True, help_text="Why this target.")
    serves = models.CharField(max_length=250, blank=True, help_text="The objective that it serves.")
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="our owner")
    client_owner = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="customer's owner"
    )
    guardrail = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="+", help_text="What must not pay for it."
    )
    guardrail_side = models.CharField(max_length=8, choices=Side.choices, default=Side.AT_LEAST)
    guardrail_limit = _amount()
    action = models.CharField(max_length=250, blank=True, help_text="What is done when it is missed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "metric"], condition=ALIVE, name="scorecard_metric_once")
        ]

    def __str__(self) -> str:
        return self.name


class ScorecardBreach(Record):
    """A metric of a scorecard turned worse: its owner answers within the hours of the rule (SC-08)."""

    class State(models.TextChoices):
        OPEN = "open", "Unanswered"
        ANSWERED = "answered", "Answered"
        OVER = "over", "Over"

    class Verdict(models.TextChoices):
        UNJUDGED = "unjudged", "Not judged"
        REAL = "real", "It was real"
        FALSE = "false", "False alarm"

    class Band(models.TextChoices):
        GREEN = "green", "Met"
        AMBER = "amber", "Missed"
        RED = "red", "Breached"

    line = models.ForeignKey(ScorecardLine, models.CASCADE, related_name="breaches")
    title = models.CharField(max_length=250, blank=True)
    from_band = models.CharField("from", max_length=5, choices=Band.choices, default=Band.GREEN)
    to_band = models.CharField("to", max_length=5, choices=Band.choices, default=Band.RED)
    value = _amount()
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField("opened", blank=True)
    due_at = models.DateTimeField("answer by", null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    shadow = models.BooleanField("in shadow", default=False)
    answer = models.TextField(blank=True, help_text="Why it turned, and what is done about it.")
    actions = models.ManyToManyField("kickoff.Action", blank=True, related_name="breaches")
    verdict = models.CharField(max_length=8, choices=Verdict.choices, default=Verdict.UNJUDGED)
    answered_at = models.DateTimeField("answered", null=True, blank=True)
    over_at = models.DateTimeField("over since", null=True, blank=True)
    escalated_at = models.DateTimeField("escalated", null=True, blank=True)
    escalated_to = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=ALIVE & ~Q(state="over"), name="scorecard_breach_open_once"
            )
        ]
        indexes = [models.Index(fields=["owner", "state"], name="breach_owner_state", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class ScorecardResult(models.Model):
    """What a scorecard found on a day, with the targets and weights that it was judged by then (SC-13).

    `lines` holds one map a metric: value, targets, weight, flag, attainment, band. The last result of a fiscal quarter is `locked`.
    """

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="results")
    on = models.DateField("date")
    value = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    band = models.CharField(max_length=7)
    coverage_pct = models.DecimalField("coverage", max_digits=9, decimal_places=6)
    provisional = models.BooleanField(default=False)
    mode = models.CharField(max_length=8)
    lines = models.JSONField(default=list)
    version = models.CharField(max_length=12)
    locked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scorecard", "on"], name="scorecard_result_day")]
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.on}"
