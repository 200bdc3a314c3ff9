"""Which template a deck is drawn on: the one chosen for its review, else the book's, else Trackline's own."""

from __future__ import annotations

from dataclasses import dataclass

from trackline.documents.deck_templates.files import master_of
from trackline.documents.decks.theme import Master
from trackline.documents.models import DeckFile, DeckTemplate, ReviewDeck
from trackline.kickoff.models import Meeting
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

OWN = "own"
"""The word for Trackline's own."""


@dataclass(frozen=True)
class Choice:
    """A template that a deck is drawn on, None for our own; `own` tells a review's own choice from the book's, and `lost` that
    the file of the one that was chosen is not here."""

    template: DeckTemplate | None
    of_review: bool = False
    lost: str = ""

    @property
    def master(self) -> Master | None:
        """Its master, None where our own is drawn on."""
        return master_of(self.template.file) if self.template else None


def chosen(meeting: Meeting | None = None) -> Choice:
    """Return the template of a review, or of what else is drawn of the book; at most three queries."""
    own = (
        ReviewDeck.objects.alive().filter(meeting=meeting).select_related("template").order_by("-pk").first()
        if meeting
        else None
    )
    if own is not None and (own.template is None or own.template.deleted_at is None):
        return _here(own.template, of_review=True)
    return _here(DeckTemplate.objects.alive().filter(is_default=True).first(), of_review=False)


def asked(ctx: Context, word: str, meeting: Meeting | None = None) -> Choice:
    """Return the template that a word asks for: an id, a name, `own`, or nothing for the one that is chosen.

    Raises `NotFound` for one that is not known or has no file.
    """
    if not word:
        return chosen(meeting)
    if word == OWN:
        return Choice(None)
    choice = _here(named(ctx, word), of_review=False)
    if choice.template is None:
        raise NotFound(f"The deck template {word[:80]} has no file; “{OWN}” is Trackline's own.")
    return choice


def named(ctx: Context, word: str) -> DeckTemplate:
    """Return a template by its name or id, with or without a file. Raises `NotFound`."""
    rows = scoped(ctx, registry.get("deck_template"))
    found: DeckTemplate | None = rows.filter(title__iexact=word).first()
    if found is None and word.isdecimal() and len(word) < 19:
        found = rows.filter(pk=int(word)).first()
    if found is None:
        raise NotFound(f"There is no deck template {word[:80]}; “{OWN}” is Trackline's own.")
    return found


def _here(template: DeckTemplate | None, *, of_review: bool) -> Choice:
    if template is not None and not DeckFile.objects.filter(fingerprint=template.file).exists():
        return Choice(None, of_review, template.title)
    return Choice(template, of_review)
