"""Tables of the documents."""

from trackline.documents.models.plans import AccountPlan, PlanSection, PlanSignOff, PlanSuggestion, PlanVersion
from trackline.documents.models.reviews import ReviewFreeze
from trackline.documents.models.sharing import FormerAddress, ShareLink, ShareSecret, ShareVisit

__all__ = [
    "AccountPlan",
    "FormerAddress",
    "PlanSection",
    "PlanSignOff",
    "PlanSuggestion",
    "PlanVersion",
    "ReviewFreeze",
    "ShareLink",
    "ShareSecret",
    "ShareVisit",
]
