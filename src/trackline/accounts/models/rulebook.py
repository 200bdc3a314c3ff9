"""What administrators changed of the rulebook's figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.accounts.models.account import Account


class RuleOverride(models.Model):
    """One dated version of the figures that administrators lay over a rule's own, for all accounts, a tier or an account.

    A version replaces the one before it for the same scope and preset from its day on; one without changes takes that
    back. Rows are only added, so that what was in force on a day can always be told. `preset` is "" for every preset.
    """

    class Scope(models.TextChoices):
        ALL = "all", "All accounts"
        TIER = "tier", "One tier"
        ACCOUNT = "account", "One account"

    rule = models.CharField(max_length=120)
    number = models.PositiveIntegerField("version")
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.ALL)
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    preset = models.CharField(max_length=40, blank=True)
    changes = models.JSONField(default=dict)
    from_on = models.DateField("in force from")
    reason = models.CharField(max_length=500)
    moves = models.JSONField(default=list)
    """What it changed of the version before it: `{"path", "before", "after"}` each, as it was told when it was saved."""
    effect = models.JSONField(null=True)
    """What it did to the book when it was saved (`rulebook.preview.Preview.summary`); null where no account has the rule."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["rule", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_override_number"),
            models.CheckConstraint(
                condition=models.Q(scope="all", tier=None, account=None)
                | models.Q(scope="tier", tier__isnull=False, account=None)
                | models.Q(scope="account", tier=None, account__isnull=False),
                name="rule_override_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"
