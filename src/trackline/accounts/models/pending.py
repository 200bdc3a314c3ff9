"""Scores that are to be computed anew, and what made that necessary."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.accounts.models.rulebook import RuleOverride


class Recomputation(models.Model):
    """An event that made scores of many accounts out of date: another version of figures, other feeds.

    `cause` is that of the ledger; `rule` is "" where it is about several. `accounts` says how many it reached when it began,
    null while its day is to come; `effect` counts what it has done so far, in the shape of `RuleOverride.effect`.
    """

    rule = models.CharField(max_length=120, blank=True)
    override = models.ForeignKey(RuleOverride, models.CASCADE, null=True, related_name="recomputations")
    cause = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    due_on = models.DateField()
    accounts = models.PositiveIntegerField(null=True)
    effect = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], name="recomputation_open", condition=models.Q(finished_at__isnull=True))
        ]

    def __str__(self) -> str:
        return str(self.cause.get("label", "")) or f"Recomputation of {self.at}"


class PendingScore(models.Model):
    """A rule that is to be computed on an account, or "" for every rule and for completeness. It stands here from the write that made it necessary until its score
    is kept, so that nothing is forgotten where the work is stopped."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=120)
    recomputation = models.ForeignKey(Recomputation, models.CASCADE, related_name="pending")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "rule"], name="pending_score_account_rule")]

    def __str__(self) -> str:
        return f"{self.rule} on account {self.account_id}"
