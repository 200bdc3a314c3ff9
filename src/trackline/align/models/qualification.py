"""What is known of a deal by MEDDICC+: dated findings, each on one dimension."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from trackline.align.models.routes import Route
from trackline.kit.records.models import ALIVE, Record


class Qualification(Record):
    """A finding on one dimension of a route; the newest of each dimension counts, older ones are its history (QUAL-01)."""

    class Dimension(models.TextChoices):
        METRICS = "metrics", "Metrics"
        ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
        DECISION_CRITERIA = "decision_criteria", "Decision criteria"
        DECISION_PROCESS = "decision_process", "Decision process"
        IDENTIFY_PAIN = "identify_pain", "Identified pain"
        CHAMPION = "champion", "Champion"
        COMPETITION = "competition", "Competition"
        PLUS = "plus", "Plus"

    class Level(models.IntegerChoices):
        UNKNOWN = 0, "0, unknown"
        ASSUMED = 1, "1, assumed"
        STATED = 2, "2, stated by one contact"
        DOCUMENTED = 3, "3, documented"
        CONFIRMED = 4, "4, confirmed by the buyer's side"
        FAVOURABLE = 5, "5, confirmed and favourable to us"

    route = models.ForeignKey(Route, models.CASCADE, related_name="qualification")
    dimension = models.CharField(max_length=20, choices=Dimension.choices)
    score = models.PositiveSmallIntegerField(choices=Level.choices)
    evidence = models.TextField(blank=True, help_text="What says so: needed from a score of 3.")
    on = models.DateField(help_text="The day on which this was found.")
    contact = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Who said it; the economic buyer is named from a score of 3.",
    )  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__range=(0, 5)), name="qualification_score_0_5")]
        indexes = [
            models.Index(fields=["route", "dimension", "-on", "-id"], name="qualification_newest", condition=ALIVE)
        ]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()}: {self.score}"
