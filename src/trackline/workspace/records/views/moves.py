"""Moves with a meaning of their own: routes through their gate, the next meetings of a cadence."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.align.services import advance_route
from trackline.kickoff.services import follow_rhythm, kick_off_defaults, schedule_meetings
from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue
from trackline.workspace.records import addresses, forms, route_moves
from trackline.workspace.records.views.common import counted, done, touched
from trackline.workspace.web import page


@page("GET")
def gate(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """The checks of a route's move as a dialog, with a field for each that fails."""
    ctx.require(registry.get("route").write_permission)
    context = route_moves.checks(ctx, pk, request.GET.get("to", ""))
    return render(request, "workspace/records/gate.html", context | _gate(pk))


@page("POST")
def advance(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Move a route (`to`); what its checks ask for may be sent along. A refused move answers its checks (409)."""
    ctx.require(registry.get("route").write_permission)
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "").strip()
    try:
        fields = _fields(request)
        moved = advance_route(ctx, pk, to, reason, **fields)
    except (Refused, Invalid, Forbidden) as problem:
        return refusal(request, ctx, pk, to, problem)
    change = getattr(moved, "last_change", None)
    response = done(f"{moved.title}: {moved.get_state_display()}", registry.get("route"), moved, change)
    return htmx.close_dialog(response)


def refusal(
    request: HttpRequest, ctx: Context, pk: int, to: str, problem: Refused | Invalid | Forbidden
) -> HttpResponse:
    """Answer a refused move with its checks, in the dialog: for any view that moves routes."""
    context = route_moves.checks(ctx, pk, to)
    errors = forms.errors_of(problem)
    for field in context["fields"]:
        if field.name in request.POST:
            field.value = request.POST[field.name]
            field.errors = errors.get(field.name, ())
    context |= {"problem": problem, "reason": request.POST.get("reason", "")}
    response = render(request, "workspace/records/gate.html", context | _gate(pk), status=problem.status)
    if isinstance(problem, Forbidden):
        response.status_code = Refused.status
    return htmx.retarget(response, "#dialog", "innerHTML")


@page("POST")
def schedule(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Set the coming meetings of a cadence where none is set yet."""
    rtype = registry.get("cadence")
    ctx.require(rtype.write_permission)
    cadence = get(ctx, rtype, pk)
    made = schedule_meetings(ctx, pk)
    if not made:
        return htmx.toast(htmx.done(), "All meetings of the next twelve months are set already")
    batch = made[0].last_change.batch
    response = htmx.toast(
        htmx.done(), f"{counted(registry.get('meeting'), len(made))} set", addresses.undo_batch(batch)
    )
    return touched(htmx.changed(response), rtype, cadence)


@page("POST")
def follow(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Move the coming meetings of a cadence to its rhythm as it is now."""
    rtype = registry.get("cadence")
    ctx.require(rtype.write_permission)
    batch = ctx.batched()
    gone, made = follow_rhythm(batch, pk)
    response = htmx.toast(
        htmx.done(), f"{made} set, {gone} taken away", addresses.undo_batch(batch.batch) if gone or made else None
    )
    return touched(htmx.changed(response), rtype, get(ctx, rtype, pk))


@page("POST")
def kick_off(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """Create the cadences that the account's tier starts with."""
    rtype = registry.get("cadence")
    ctx.require(rtype.write_permission)
    account = get(ctx, registry.get("account"), key)
    batch = ctx.batched()
    made = kick_off_defaults(batch, account)
    response = htmx.toast(htmx.done(), f"{counted(rtype, len(made))} kicked off", addresses.undo_batch(batch.batch))
    return htmx.changed(response)


def _fields(request: HttpRequest) -> dict[str, object]:
    rtype = registry.get("route")
    specs = [spec for name, spec in rtype.specs.items() if name in request.POST and name not in ("state", "stage")]
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, typed in forms.posted(request.POST, specs).items():
        if not typed:
            continue
        try:
            values[name] = rtype.specs[name].parse_text(typed)
        except BadValue as error:
            errors[name] = str(error)
    if errors:
        raise Invalid.fields(errors)
    return values


def _gate(pk: int) -> dict[str, str]:
    return {"action": addresses.act(registry.get("route"), pk, "advance")}
