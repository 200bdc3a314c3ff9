"""Tables of the room."""

from trackline.track.models.competition import CompetitivePosition, Competitor, CompetitorSighting
from trackline.track.models.needs import PainPoint, PainPointVote
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
    "CompetitivePosition",
    "Competitor",
    "CompetitorSighting",
    "HealthSnapshot",
    "Interaction",
    "Invitation",
    "Issue",
    "JourneyDimension",
    "JourneyScore",
    "Note",
    "PainPoint",
    "PainPointVote",
    "Response",
    "Risk",
    "SurveyCase",
    "SurveyLink",
    "Wave",
]
