"""Tables every room shares."""

from trackline.accounts.models.account import Account, BusinessUnit, Contact, TeamMember
from trackline.accounts.models.book import ExchangeRate, SavedView, Setting
from trackline.accounts.models.lines import RelationshipLine
from trackline.accounts.models.measures import Kpi, Metric, Observation
from trackline.accounts.models.pending import PendingScore, Recomputation
from trackline.accounts.models.people import Role, Token, User
from trackline.accounts.models.putting_off import PutOff
from trackline.accounts.models.rulebook import RuleOverride
from trackline.accounts.models.scores import RefreshRun, Score, ScoreChange, ScoreVersion
from trackline.accounts.models.sign_in import FailedSignIn

__all__ = [
    "Account",
    "BusinessUnit",
    "Contact",
    "ExchangeRate",
    "FailedSignIn",
    "Kpi",
    "Metric",
    "Observation",
    "PendingScore",
    "PutOff",
    "Recomputation",
    "RefreshRun",
    "RelationshipLine",
    "Role",
    "RuleOverride",
    "SavedView",
    "Score",
    "ScoreChange",
    "ScoreVersion",
    "Setting",
    "TeamMember",
    "Token",
    "User",
]
