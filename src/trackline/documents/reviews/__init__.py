"""The deck of a review (QBR, EBR): gathered as of a day, in full and in the customer's, as slides."""

from trackline.documents.reviews.deck import deck_of
from trackline.documents.reviews.facts import Edition, frozen_facts, meeting_of, newest_freeze, review_facts

__all__ = ["Edition", "deck_of", "frozen_facts", "meeting_of", "newest_freeze", "review_facts"]
