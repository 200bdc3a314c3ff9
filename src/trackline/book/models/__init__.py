"""Tables of the portfolio."""

from trackline.book.models.backtests import BackTest
from trackline.book.models.dashboards import Dashboard
from trackline.book.models.initiatives import Initiative
from trackline.book.models.quality import DataSteward, QualityReading
from trackline.book.models.scorecards import Scorecard, ScorecardBreach, ScorecardLine, ScorecardResult
from trackline.book.models.scoring import ScoringModel, ScoringRun, ScoringScenario, Standing
from trackline.book.models.stand_ups import StandUpEntry
from trackline.book.models.targets import BookingTarget
from trackline.book.models.tiers import TierDecision, TierOverride

__all__ = [
    "BackTest",
    "BookingTarget",
    "Dashboard",
    "DataSteward",
    "Initiative",
    "QualityReading",
    "Scorecard",
    "ScorecardBreach",
    "ScorecardLine",
    "ScorecardResult",
    "ScoringModel",
    "ScoringRun",
    "ScoringScenario",
    "StandUpEntry",
    "Standing",
    "TierDecision",
    "TierOverride",
]
