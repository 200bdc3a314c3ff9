"""A company's own templates for decks, and which one the deck of a review is drawn on."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from trackline.kit.records.models import Record

FINGERPRINT = 32
"""Letters of a fingerprint: the first of the SHA-256 of what was sent."""


class DeckFile(models.Model):
    """A PowerPoint file as it was taken in: without its slides, checked, described. Never changed; kept while a template names it."""

    fingerprint = models.CharField(max_length=FINGERPRINT, primary_key=True)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    found = models.JSONField(default=dict)
    """What it is; see `decks/checking.py`."""
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DeckTemplate(Record):
    """Layouts, colours and faces of a company, on which decks are drawn. Its earlier files stand in its history."""

    title = models.CharField("name", max_length=120)
    file = models.CharField(
        max_length=FINGERPRINT,
        blank=True,
        validators=[
            RegexValidator(rf"^[0-9a-f]{{{FINGERPRINT}}}$", "The fingerprint of an uploaded file is expected.")
        ],
        help_text="Fingerprint of its file, as uploading it answers. Put a new file in its place under Settings, Deck templates.",
    )
    note = models.TextField(blank=True, help_text="When to use it.")
    is_default = models.BooleanField(
        "for the book", default=False, help_text="Decks are drawn on it unless a review has one of its own."
    )

    def __str__(self) -> str:
        return self.title


class ReviewDeck(Record):
    """Which template the deck of a review is drawn on, where it is not the book's; the newest choice counts."""

    meeting = models.ForeignKey("kickoff.Meeting", models.CASCADE, related_name="review_decks", verbose_name="review")
    template = models.ForeignKey(
        DeckTemplate, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="template",
        help_text="Left empty, its deck is drawn on Trackline's own.",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"Deck on {self.template or 'Trackline’s own'}"
