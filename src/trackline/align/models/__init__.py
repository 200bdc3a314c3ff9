"""Tables of A, by noun."""

from trackline.align.models.catalogue import Product, Project
from trackline.align.models.contracts import OPEN_CYCLES, Contract, ContractItem, RenewalCycle
from trackline.align.models.pipelines import Pipeline, RouteState, Stage
from trackline.align.models.qualification import Qualification
from trackline.align.models.routes import Route, RouteTransition
from trackline.align.models.whitespace import WhitespaceCell

__all__ = [
    "OPEN_CYCLES",
    "Contract",
    "ContractItem",
    "Pipeline",
    "Product",
    "Project",
    "Qualification",
    "RenewalCycle",
    "Route",
    "RouteState",
    "RouteTransition",
    "Stage",
    "WhitespaceCell",
]
