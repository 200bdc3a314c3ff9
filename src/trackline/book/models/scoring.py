"""How accounts are scored, and what that found of each."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models

from trackline.kit.records.models import Record

USER = settings.AUTH_USER_MODEL


class ScoringModel(Record):
    """A dated version of how accounts are scored. The newest that is signed and has begun is in force (PF-02, PF-16).

    `criteria` lists `{"key", "label", "group", "weight", "direction", "feeds", …}` as `rules/scoring_model.py` reads it;
    weights sum to 100. A version that has scored accounts stays as it is: a change is a new version. People sign for
    finance, strategy and the customer-facing side; `signed_on` is the day of the last signature that was needed.
    """

    class Normaliser(models.TextChoices):
        MINMAX = "minmax", "By range"
        ZCDF = "zcdf", "By normal distribution"

    class Cutoffs(models.TextChoices):
        PERCENTILE = "percentile", "Percentiles 90, 55, 20"
        BAND = "band", "Percentiles 87.5, 52.5"
        BOOK = "book", "Percentiles 80, 20"
        ABSOLUTE = "absolute", "Scores 70, 50, 30"
        ELBOW = "elbow", "Elbow of the scores"

    name = models.CharField(max_length=120)
    from_on = models.DateField("in force from", null=True, blank=True)
    normaliser = models.CharField(max_length=6, choices=Normaliser.choices, default=Normaliser.MINMAX)
    cutoffs = models.CharField("cut-offs", max_length=10, choices=Cutoffs.choices, blank=True)
    criteria = models.JSONField(default=list, blank=True)
    note = models.TextField("reason", blank=True)
    finance = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="signs for finance"
    )
    finance_signed = models.BooleanField("finance has signed", default=False)
    finance_on = models.DateField("finance signed", null=True, blank=True)
    strategy = models.ForeignKey(
        USER, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="signs for strategy"
    )
    strategy_signed = models.BooleanField("strategy has signed", default=False)
    strategy_on = models.DateField("strategy signed", null=True, blank=True)
    customer_facing = models.ForeignKey(
        USER,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="signs for customers",
    )
    customer_facing_signed = models.BooleanField("customer-facing side has signed", default=False)
    customer_facing_on = models.DateField("customer-facing side signed", null=True, blank=True)
    signed_on = models.DateField("signed", null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def begins_on(self) -> date | None:
        """The day from which a signed version counts: it has begun and is signed. None: from the start, or not signed."""
        return max(self.from_on, self.signed_on) if self.from_on and self.signed_on else None


class ScoringScenario(Record):
    """What would be if weights, figures, cut-offs or the room in tiers were others; it never becomes the live ranking (PF-11).

    `weights` and `figures` hold factors by key of a criterion: on its weight, and on its normalised figure (at most 1).
    `cuts` are scores at which tiers begin, in place of those of `cutoffs`; `capacities` the most accounts of a tier. Both by
    the number of the tier.
    """

    name = models.CharField(max_length=120)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    weights = models.JSONField("factors on weights", default=dict, blank=True)
    figures = models.JSONField("factors on figures", default=dict, blank=True)
    cutoffs = models.CharField("cut-offs", max_length=10, choices=ScoringModel.Cutoffs.choices, blank=True)
    cuts = models.JSONField("scores at which tiers begin", default=dict, blank=True)
    capacities = models.JSONField("most accounts of a tier", default=dict, blank=True)
    note = models.TextField("what it asks", blank=True)

    def __str__(self) -> str:
        return self.name


class ScoringRun(models.Model):
    """A scoring of the whole book on a day; the newest run of a week is kept (PF-14).

    `criteria` echoes what each criterion was fed by, its weight and scale; `cuts` are where tiers 1 to 3 begin, in points
    from 0 to 100. `version` names the model and the rule's parameters.
    """

    on = models.DateField("date", unique=True)
    computed_at = models.DateTimeField()
    model = models.ForeignKey(ScoringModel, models.PROTECT, related_name="runs")
    version = models.CharField(max_length=12)
    normaliser = models.CharField(max_length=6)
    cutoffs = models.CharField(max_length=10)
    criteria = models.JSONField(default=list)
    cuts = models.JSONField(default=list)
    coverage_pct = models.DecimalField("coverage", max_digits=9, decimal_places=6)
    provisional = models.BooleanField(default=False)
    notes = models.JSONField(default=list)
    scored = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"Scores of {self.on}"


class Standing(models.Model):
    """Where an account stood in a run: score from 0 to 100, rank among all, and what each criterion added.

    `criteria` lists `{"key", "raw", "normalised", "contribution", "imputed", "source"}`, contributions in points.
    """

    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="standings", db_index=False)
    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="standings")
    score = models.DecimalField(max_digits=9, decimal_places=6)
    rank = models.PositiveIntegerField()
    percentile = models.DecimalField(max_digits=9, decimal_places=6)
    tier = models.PositiveSmallIntegerField("tier proposed", null=True)
    volatility = models.PositiveIntegerField(default=0)
    tier_changes = models.BooleanField(default=False)
    flagged = models.BooleanField(default=False)
    provisional = models.BooleanField(default=False)
    imputed_pct = models.DecimalField(max_digits=9, decimal_places=6)
    criteria = models.JSONField(default=list)

    class Meta:
        ordering = ["rank", "account"]
        constraints = [models.UniqueConstraint(fields=["run", "account"], name="standing_run_account")]
        indexes = [models.Index(fields=["run", "rank"], name="standing_run_rank")]

    def __str__(self) -> str:
        return f"{self.rank}: {self.score}"
