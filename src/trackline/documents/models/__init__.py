"""Tables of the documents."""

from trackline.documents.models.plans import PlanSection
from trackline.documents.models.sharing import ShareLink, ShareSecret, ShareVisit

__all__ = ["PlanSection", "ShareLink", "ShareSecret", "ShareVisit"]
