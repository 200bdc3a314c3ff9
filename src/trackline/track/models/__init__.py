"""Tables of the room."""

from trackline.track.models.checklists import ChecklistAnswer
from trackline.track.models.competition import CompetitivePosition, Competitor, CompetitorSighting
from trackline.track.models.needs import DataSource, PainPoint, PainPointVote, Pilot, ValueGap
from trackline.track.models.situation import (
    HealthSnapshot,
    Interaction,
    Issue,
    JourneyDimension,
    JourneyScore,
    Note,
    Risk,
)
from trackline.track.models.surveys import Invitation, Response, SurveyCase, SurveyLink, SurveyRound, Wave

__all__ = [
    "ChecklistAnswer",
    "CompetitivePosition",
    "Competitor",
    "CompetitorSighting",
    "DataSource",
    "HealthSnapshot",
    "Interaction",
    "Invitation",
    "Issue",
    "JourneyDimension",
    "JourneyScore",
    "Note",
    "PainPoint",
    "PainPointVote",
    "Pilot",
    "Response",
    "Risk",
    "SurveyCase",
    "SurveyLink",
    "SurveyRound",
    "ValueGap",
    "Wave",
]
