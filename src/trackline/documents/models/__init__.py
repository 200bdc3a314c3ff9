"""Tables of the documents."""

from trackline.documents.models.plans import AccountPlan, PlanSection, PlanSignOff, PlanVersion
from trackline.documents.models.reviews import ReviewFreeze
from trackline.documents.models.sharing import FormerAddress, ShareLink, ShareSecret, ShareVisit

__all__ = [
    "AccountPlan",
    "FormerAddress",
    "PlanSection",
    "PlanSignOff",
    "PlanVersion",
    "ReviewFreeze",
    "ShareLink",
    "ShareSecret",
    "ShareVisit",
]
