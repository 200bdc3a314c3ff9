"""Scores that rules found on accounts, the parameters they rest on, and the ledger of their changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

JUDGED = ("weight", "points", "contribution", "band")


class Score(models.Model):
    """What a rule found on an account on a day, with its parts and what fed them.

    `value` is a number or None; `text` stands in for it in rules that find a word. `inputs` holds each value with the
    observations or records it came from, their day and age in days; `missing` each input without a value. `preset` is
    empty in rules that have none.
    """

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="scores", db_index=False)
    rule = models.CharField(max_length=80)
    preset = models.CharField(max_length=40, blank=True, default="")
    on = models.DateField("date")
    value = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    text = models.CharField(max_length=120, blank=True, default="")
    band = models.CharField(max_length=40, blank=True, default="")
    coverage_pct = models.DecimalField("coverage", max_digits=9, decimal_places=6)
    parts = models.JSONField(default=list)
    inputs = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    version = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "rule", "preset", "on"], name="score_account_rule_preset_day")
        ]
        indexes = [models.Index(fields=["rule", "preset", "on"], name="score_rule_day")]

    def __str__(self) -> str:
        found = self.text or (self.value if self.value is not None else "no score")
        return f"{self.rule} {found}, {self.on}"

    @property
    def key(self) -> tuple[int, str, str]:
        """Account, rule and preset: whose scores make one line."""
        return self.account_id, self.rule, self.preset

    @property
    def judged(self) -> list[tuple[Any, ...]]:
        """What each part earned, without the input itself: days that pass within one step move nothing."""
        return [(part["key"], *(part.get(name) for name in JUDGED)) for part in self.parts]

    @property
    def finding(self) -> tuple[Any, ...]:
        """What the rule says and which readings it rests on, without the day: two equal findings need not be kept."""
        read = {
            name: (told["observations"], told["value"]) for name, told in self.inputs.items() if "observations" in told
        }
        return self.value, self.text, self.band, self.judged, self.missing, self.notes, self.details, self.version, read


class ScoreVersion(models.Model):
    """The parameters behind a version of a rule, so that any stored score can be explained and compared."""

    version = models.CharField(max_length=12, unique=True)
    rule = models.CharField(max_length=80)
    preset = models.CharField(max_length=40, blank=True, default="")
    parameters = models.JSONField(default=dict)
    first_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rule} {self.version}"


class ScoreChange(models.Model):
    """One step of a score: from what to what, which parts, why, when and by whom.

    `on` is the day of the score, `at` the instant when it was computed. `difference` is that of the playbook; `cause`
    holds `kind` (`observation record parameters time first`) and, where there is one, the record with its label.
    """

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="score_changes", db_index=False)
    rule = models.CharField(max_length=80)
    preset = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    on = models.DateField("date")
    from_value = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    to_value = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    from_band = models.CharField(max_length=40, blank=True, default="")
    to_band = models.CharField(max_length=40, blank=True, default="")
    difference = models.JSONField(default=dict)
    cause = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["account", "rule", "preset", "id"], name="score_change_line")]

    def __str__(self) -> str:
        return f"{self.rule} {self.from_band or self.from_value} → {self.to_band or self.to_value}, {self.on}"


class RefreshRun(models.Model):
    """How far a refresh of the whole book has come on a day; one that was stopped goes on after `last_account`."""

    on = models.DateField("date")
    last_account = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Refresh of {self.on}: {self.done} accounts"
