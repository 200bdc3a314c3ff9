"""The rule machinery. A rule module needs this package and the standard library only; see docs/rules-howto.md."""

from trackline.core.playbook.difference import Difference, compare
from trackline.core.playbook.discovery import Rulebook, rulebook, run
from trackline.core.playbook.errors import RulebookInvalid, RuleUnknown, RunRefused, refuse
from trackline.core.playbook.explained import PROVISIONAL, Explained, Finding, Part, insufficient
from trackline.core.playbook.inputs import Inputs, absent, known
from trackline.core.playbook.parameters import (
    BandCuts,
    NormAnchors,
    Parameters,
    Shares,
    Table,
    WeightedParameters,
    Weights,
)
from trackline.core.playbook.rules import InForce, Rule, rule
from trackline.core.playbook.weighing import Measure, weigh

__all__ = [
    "PROVISIONAL",
    "BandCuts",
    "Difference",
    "Explained",
    "Finding",
    "InForce",
    "Inputs",
    "Measure",
    "NormAnchors",
    "Parameters",
    "Part",
    "Rule",
    "RuleUnknown",
    "Rulebook",
    "RulebookInvalid",
    "RunRefused",
    "Shares",
    "Table",
    "WeightedParameters",
    "Weights",
    "absent",
    "compare",
    "insufficient",
    "known",
    "refuse",
    "rule",
    "rulebook",
    "run",
    "weigh",
]
