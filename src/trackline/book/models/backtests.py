"""What back-tests of the scoring model found, one a year."""

from __future__ import annotations

from django.db import models

from trackline.book.models.scoring import ScoringModel


class BackTest(models.Model):
    """A back-test that was kept: the book of the day `on`, scored by a model, against what became of it until `until` (PF-09).

    `outcomes` lists `{"key", "label", "rho", "band", "verdict", "accounts", "left_out", "chance_pct"}`. `version` names the
    model and the rule's parameters of then, `model_name` what the model was called.
    """

    on = models.DateField("scored as of")
    until = models.DateField("looked at on", unique=True)
    computed_at = models.DateTimeField()
    model = models.ForeignKey(ScoringModel, models.SET_NULL, null=True, related_name="+")
    model_name = models.CharField(max_length=200)
    version = models.CharField(max_length=12)
    coverage_pct = models.DecimalField("coverage", max_digits=9, decimal_places=6)
    scored = models.PositiveIntegerField()
    outcomes = models.JSONField(default=list)

    class Meta:
        ordering = ["-until"]

    def __str__(self) -> str:
        return f"Back-test of {self.on} to {self.until}"
