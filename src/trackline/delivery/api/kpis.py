"""Endpoints of the KPI library: what can be measured, and making a metric of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.kpis import STATES, journey_json, journey_of, kpi_json, kpi_rows
from trackline.accounts.rules.kpi_library import library
from trackline.accounts.services.adopting import adopt, kpi_named
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, parameter, returns
from trackline.kit.api.requests import context_of, query_of
from trackline.kit.policy import ADMIN, READ, Context
from trackline.kit.problems import BadRequest

router = Router()
TAG = "Metrics"

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_KPI = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("code", "name", "domain", "tells", "formula", "unit", "direction", "kind", "cadence"), _TEXT),
        "owner": {"type": "string", "description": "The role that usually owns it."},
        "reads": {"type": "string", "description": "Where its figures come from."},
        "bands": {
            "type": "object",
            "description": "Cuts by band; worse is red. Empty where `judged` says it in words.",
        },
        "judged": _MAYBE,
        "limits_by": {"type": "string", "enum": ["stated", "ours"], "description": "Who set the limits."},
        "rule": {"type": ["string", "null"], "description": "The rule that computes it."},
        "metric": {"type": ["string", "null"], "description": "Key of the book's metric for it."},
        "accounts": {"type": "integer", "description": "Accounts that the caller sees with a reading of it."},
        "stage": {
            "type": ["string", "null"],
            "enum": [*library().stages, None],
            "description": "Where on the customer's way it tells something; null for those of the programme.",
        },
    },
    "required": ["code", "name", "bands", "rule", "metric", "accounts"],
}
_EXAMPLE = {
    "code": "KPI-016",
    "name": "Net promoter score",
    "domain": "relationship",
    "tells": "Whether people at the customer would recommend us",
    "formula": "share of answers 9 and 10 − share of answers 0 to 6",
    "unit": "score",
    "direction": "increase",
    "kind": "leading",
    "cadence": "quarterly",
    "owner": "Account manager",
    "reads": "surveys",
    "bands": {"green": ">= 40", "amber": ">= 10"},
    "judged": None,
    "limits_by": "stated",
    "rule": "track.survey.nps",
    "metric": "nps",
    "accounts": 12,
    "stage": "advocacy",
}
_ITEMS = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": _KPI},
        "journey": {
            "type": "array",
            "items": {"type": "object"},
            "description": "How many KPIs of each stage have a reading; `lacking`: too few.",
        },
    },
    "required": ["items", "journey"],
}
_JOURNEY = {"stage": "advocacy", "label": "Advocacy and referral", "measured": 6, "of": 14, "lacking": False}


@router.get(
    "/kpi-library",
    **operation(
        "list_kpi_library",
        "The KPI library",
        tag=TAG,
        permission=READ,
        description="Every KPI that the library knows, in its order, with the metric that measures it in this book.",
        parameters=[
            parameter("q", _TEXT, "All these words in code, name, formula or what it tells."),
            parameter("domain", {"type": "string", "enum": list(library().domains)}, "Only of this domain."),
            parameter(
                "state", {"type": "string", "enum": list(STATES)}, "Measured, computed by a rule, or not measured."
            ),
            parameter(
                "stage", {"type": "string", "enum": list(library().stages)}, "Only of this stage of the journey."
            ),
        ],
        answers={200: returns("The KPIs.", _ITEMS, {"items": [_EXAMPLE], "journey": [_JOURNEY]})},
    ),
)
def kpi_library(request: HttpRequest) -> HttpResponse:
    """Answer the KPIs that were asked for."""
    ctx = context_of(request)
    ctx.require(READ)
    asked = query_of(request)
    known = {"q": None, "domain": list(library().domains), "state": list(STATES), "stage": list(library().stages)}
    for name, text in asked.items():
        choices = known.get(name, [])
        if choices is not None and text not in choices:
            words = f"one of {', '.join(choices)} is expected." if choices else "there is no such parameter."
            raise BadRequest(f"{name[:80]}: {words}", [{"loc": ["query", name[:80]], "msg": words}])
    rows = kpi_rows(ctx, *(asked.get(name, "") for name in known))
    return answer({"items": [kpi_json(row) for row in rows], "journey": journey_json(journey_of(ctx))})


@router.get(
    "/kpi-library/{code}",
    **operation(
        "get_kpi_of_library",
        "A KPI of the library",
        tag=TAG,
        permission=READ,
        description="One KPI by its code, such as `KPI-016`.",
        answers={200: returns("The KPI.", _KPI, _EXAMPLE)},
        problems=(404,),
    ),
)
def kpi_of_library(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a KPI."""
    ctx = context_of(request)
    ctx.require(READ)
    return answer(_told(ctx, code))


@router.post(
    "/kpi-library/{code}/adopt",
    **operation(
        "adopt_kpi_of_library",
        "Measure a KPI of the library",
        tag=TAG,
        permission=ADMIN,
        description="Makes a metric of the book out of a KPI, with its unit, direction, rhythm and formula. A KPI that the "
        "book measures already is refused.",
        answers={200: returns("The KPI with its metric.", _KPI, _EXAMPLE)},
        problems=(404, 409),
    ),
)
def adopt_kpi(request: HttpRequest, code: str) -> HttpResponse:
    """Make a metric of a KPI and answer the KPI."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    adopt(ctx, code)
    return answer(_told(ctx, code))


def _told(ctx: Context, code: str) -> dict[str, Any]:
    found = kpi_named(code)
    return next(kpi_json(row) for row in kpi_rows(ctx) if row.kpi is found)
