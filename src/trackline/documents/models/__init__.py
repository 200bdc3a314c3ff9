"""Tables of the documents."""

from trackline.documents.models.plans import AccountPlan, PlanSection, PlanSignOff, PlanSuggestion, PlanVersion
from trackline.documents.models.reviews import ReviewFreeze
from trackline.documents.models.sharing import FormerAddress, ShareLink, ShareSecret, ShareVisit
from trackline.documents.models.templates import DeckFile, DeckTemplate, ReviewDeck

__all__ = [
    "AccountPlan",
    "DeckFile",
    "DeckTemplate",
    "FormerAddress",
    "PlanSection",
    "PlanSignOff",
    "PlanSuggestion",
    "PlanVersion",
    "ReviewDeck",
    "ReviewFreeze",
    "ShareLink",
    "ShareSecret",
    "ShareVisit",
]
