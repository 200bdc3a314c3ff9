"""Endpoints of routes: their gate, their moves, their qualification."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.rulebook.overrides import Overrides
from trackline.align import qualification, services
from trackline.align.ageing import stood_of
from trackline.align.models import RouteState
from trackline.align.rules import gate
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, query_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid
from trackline.kit.records.parsing import parse_values
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry

router = Router()

_GATE = {
    "to": "pursuing",
    "allowed": True,
    "passed": False,
    "checks": [{"field": "expected_close_on", "needs": "An expected close date", "passed": False, "value": None}],
    "warnings": [{"field": "qualification", "needs": "A qualification at its cut", "passed": False, "value": 61}],
}


@router.get(
    "/routes/{id}/gate",
    **operation(
        "get_route_gate",
        "What a move needs",
        tag="Routes",
        permission=READ,
        description="The checks of a move to a state or a stage, with what they find now. Nothing is written.",
        parameters=[parameter("to", {"type": "string"}, "A state, or a stage of the route's pipeline.", required=True)],
        answers={
            200: returns(
                "The checks.",
                {
                    "type": "object",
                    "properties": {
                        "to": {"type": "string"},
                        "allowed": {
                            "type": "boolean",
                            "description": "Whether the route may go there from where it is.",
                        },
                        "passed": {"type": "boolean", "description": "Whether the move would succeed."},
                        "checks": {"type": "array", "items": {"type": "object"}},
                        "warnings": {
                            "type": "array",
                            "items": {"type": "object"},
                            "description": "What the stage advises and does not find; it stops no move.",
                        },
                    },
                    "required": ["to", "allowed", "passed", "checks", "warnings"],
                },
                _GATE,
            )
        },
        problems=(404,),
    ),
)
def route_gate(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer what a move of a route needs."""
    ctx = context_of(request)
    params = query_of(request)
    for name in params:
        if name != "to":
            raise BadRequest(f"{name[:80]}: there is no such parameter.", [{"loc": ["query", name], "msg": "unknown"}])
    route = get(ctx, registry.get("route"), id)
    state = services.state_meant(route, params.get("to", ""))
    if state is None:
        message = f"One of {', '.join(RouteState.values)}, or a stage of the route's pipeline, is expected."
        raise BadRequest(f"to: {message}", [{"loc": ["query", "to"], "msg": message}])
    needed, advised = services.stage_gate(route, params["to"], ctx.today)
    given = services.gate_of(route, state)
    given += [check for check in needed if check["field"] not in {one["field"] for one in given}]
    checks = [check | {"value": _shown(check["value"])} for check in given]
    allowed = state == route.state or gate.allowed(route.state, state)
    return answer(
        {
            "to": state,
            "allowed": allowed,
            "passed": allowed and all(check["passed"] for check in checks),
            "checks": checks,
            "warnings": [check | {"value": _shown(check["value"])} for check in advised if not check["passed"]],
        }
    )


def _shown(value: Any) -> Any:
    return str(value) if type(value) is int else None if value == "" else value  # ids are text


@router.post(
    "/routes/{id}/advance",
    **operation(
        "advance_route",
        "Move a route",
        tag="Routes",
        permission=WRITE,
        description="Moves a route to a state or a stage of its pipeline. What the gate misses comes back with 409; fields "
        "given beside `to` are set in the same write.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "to": {"type": "string", "description": "A state, or a stage of the route's pipeline."},
                "reason": {"type": "string", "description": "Kept in the history; needed to reopen a closed route."},
            },
            "required": ["to"],
            "additionalProperties": True,
        },
        example={"to": "qualifying", "reason": "Budget confirmed by the COO", "value": 480000},
        answers={200: returns("Moved.", ref("Route"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)
def route_advance(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Move a route through its gate."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    pk = resolve(ctx, registry.get("route"), id)
    return once(request, ctx, body, lambda: _advanced(ctx, pk, body))


def _advanced(ctx: Context, pk: int, body: dict[str, Any]) -> HttpResponse:
    fields = dict(body)
    to, reason = fields.pop("to", None), fields.pop("reason", "")
    errors = {}
    if not isinstance(to, str) or not to:
        errors["to"] = "A state or a stage is expected."
    if reason is not None and (not isinstance(reason, str) or "\x00" in reason):
        errors["reason"] = "Text is expected."
    for name in ("state", "stage"):
        if name in fields:
            errors[name] = "Say it with `to`."
    if errors:
        raise Invalid.fields(errors)
    rtype = registry.get("route")
    values = parse_values(rtype, fields, "json", creating=False)
    services.advance_route(ctx, pk, str(to), reason or "", **values)
    found = stored_json(ctx, rtype, pk)
    return answer(found, headers={"ETag": etag(found["version"], encode(found))})


_QUALIFICATION = {
    "value": 62.0,
    "cut": 75,
    "passed": False,
    "failed_because": ["composite"],
    "on": "2027-01-12",
    "stale_days": None,
    "dimensions": [
        {
            "key": "metrics", "label": "Metrics", "score": 3, "evidence": "Time study of line 3", "contact": "17",
            "on": "2027-01-12", "weakest": False, "ask": "Has finance checked the baseline and the effect?",
        }
    ],
    "standing": {"days": 48, "usual_days": 60, "won_routes": 0, "times": 0.8, "band": "green"},
}  # fmt: skip


@router.get(
    "/routes/{id}/qualification",
    **operation(
        "get_route_qualification",
        "Where a deal stands",
        tag="Routes",
        permission=READ,
        description="The deal by MEDDICC+ under the figures in force for its account, by the newest finding of each dimension, "
        "with what to ask next; and how long the route has stood against what is usual (null once it is closed).",
        answers={200: returns("Where it stands.", {"type": "object", "additionalProperties": True}, _QUALIFICATION)},
        problems=(404,),
    ),
)
def route_qualification(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer where a route stands."""
    ctx = context_of(request)
    route = get(ctx, registry.get("route"), id)
    overrides = Overrides.load(ctx.today)
    about: dict[str, Any] = {"tier": route.account.tier, "account_id": route.account_id}
    found = qualification.standing(
        qualification.findings_of([route.pk]).get(route.pk, {}), overrides, ctx.today, **about
    )
    stood = stood_of([route], ctx.today, overrides, **about).get(route.pk)
    return answer(
        {
            "value": found.result.value,
            **{name: found.result.details[name] for name in ("cut", "passed", "failed_because")},
            "on": found.on,
            "stale_days": found.stale_days,
            "dimensions": [_dimension(gap) for gap in found.gaps],
            "standing": stood
            and {
                "days": stood.days,
                "usual_days": stood.usual,
                "won_routes": stood.won,
                "times": stood.times,
                "band": stood.band,
            },
        }
    )


def _dimension(gap: qualification.Gap) -> dict[str, Any]:
    found = gap.finding
    return {
        "key": gap.key,
        "label": gap.topic.label,
        "score": gap.score,
        "evidence": found.evidence if found else "",
        "contact": str(found.contact_id) if found and found.contact_id else None,
        "on": found.on if found else None,
        "weakest": gap.weak,
        "ask": gap.question,
    }
