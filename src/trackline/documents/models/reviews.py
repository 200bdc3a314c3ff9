"""What the deck of a review keeps: its figures on the day they were frozen."""

from __future__ import annotations

from django.db import models

from trackline.kit.records.models import ALIVE, Record


class ReviewFreeze(Record):
    """The figures of a review as they stood when they were frozen, never changed again. Source: portfolio:QBR-03, portfolio:QBR-09."""

    meeting = models.ForeignKey("kickoff.Meeting", models.CASCADE, related_name="freezes", verbose_name="review")
    title = models.CharField(max_length=60, editable=False)
    number = models.PositiveIntegerField(editable=False)
    as_of = models.DateField(
        "figures of", null=True, blank=True, help_text="The day that the figures are of. Left empty, it is today."
    )
    note = models.TextField(blank=True, help_text="Why figures that were frozen are frozen again.")
    frozen = models.JSONField(default=dict, editable=False)
    """The facts of the review in full; see `reviews/facts.py`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="review_freeze_number_once", condition=ALIVE)
        ]

    def __str__(self) -> str:
        return self.title
