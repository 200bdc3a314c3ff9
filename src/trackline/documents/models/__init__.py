"""Tables of the documents."""

from trackline.documents.models.plans import PlanSection

__all__ = ["PlanSection"]
