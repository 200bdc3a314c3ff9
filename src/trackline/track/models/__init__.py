"""Tables of the room."""

from trackline.track.models.situation import (
    HealthSnapshot,
    Interaction,
    Issue,
    JourneyDimension,
    JourneyScore,
    Note,
    Risk,
)
from trackline.track.models.surveys import Invitation, Response, SurveyCase, SurveyLink, Wave

__all__ = [
    "HealthSnapshot",
    "Interaction",
    "Invitation",
    "Issue",
    "JourneyDimension",
    "JourneyScore",
    "Note",
    "Response",
    "Risk",
    "SurveyCase",
    "SurveyLink",
    "Wave",
]
