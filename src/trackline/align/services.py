"""What writes in the A section mean: the gate of routes, contracts, products."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from trackline.accounts.settings import setting
from trackline.align import gates, moves
from trackline.align.models import OPEN_CYCLES, Pipeline, RenewalCycle, Route, RouteState, RouteTransition, Stage
from trackline.align.rules import gate
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.values import storable

Links = dict[str, list[int]]


def prepare_route(ctx: Context, route: Any, changed: set[str], _links: Links) -> None:
    """Keep stage and state together, hold moves to the gate, default the probability (ALN-02, ALN-03)."""
    creating = route._state.adding
    if creating and not route.currency:
        route.currency = route.account.currency
    before = None if creating else Route.objects.filter(pk=route.pk).values("state", "stage", "probability").first()
    _align_stage(route, changed, before)
    if before and before["state"] != route.state:
        _pass_gate(ctx, route, before["state"])
    if before and before["stage"] != route.stage and route.stage:
        _pass_stage(ctx, route, before["stage"])
    if creating or (before and before["state"] != route.state):
        if not ("state_since" in changed and route.state_since):
            route.state_since = ctx.today
        if route.state in ("won", "lost") and route.closed_on is None and not creating:
            route.closed_on = ctx.today
    if "probability" not in changed and (before is None or _moved(route, before)):
        route.probability = default_probability(route)
    if {"value", "probability"} & changed:
        _check_amounts(route)


def after_route(ctx: Context, route: Any, changed: set[str], created: bool) -> None:
    """Write the transition where the route has moved."""
    last = RouteTransition.objects.filter(route=route).order_by("-at", "-id").first()
    if last is not None and (last.to_state, last.to_stage) == (route.state, route.stage):
        return
    RouteTransition.objects.create(
        route=route,
        from_state=last.to_state if last else "",
        to_state=route.state,
        from_stage=last.to_stage if last else "",
        to_stage=route.stage,
        at=ctx.now,
        by_id=ctx.actor.user_id,
        reason=ctx.note,
        probability_before=last.probability_after if last else None,
        probability_after=route.probability,
    )


def advance_route(ctx: Context, pk: Any, to: str, reason: str = "", **fields: Any) -> Any:
    """Move a route to a state or a stage of its pipeline; `fields` are set in the same write.

    Raises `Refused` (409) naming each check that fails, `Invalid` for a state that does not exist.
    """
    route = get(ctx, registry.get("route"), pk)
    data = dict(fields)
    stage = _stage(route, to)
    if stage is None and to not in RouteState.values:
        raise Invalid.fields({"to": f"One of {', '.join(RouteState.values)} is expected."})
    data.update({"stage": stage.key, "state": stage.state} if stage else {"state": to})
    if reason and to in ("lost", "parked") and not route.close_reason and "close_reason" not in data:
        data["close_reason"] = reason[:80]
    noted = Context(ctx.actor, ctx.now, ctx.via, ctx.batch, reason or ctx.note)
    return records.update(noted, registry.get("route"), pk, data)


def state_meant(route: Any, to: str) -> str | None:
    """Return the state that a word names: a state itself, or a stage of the route's pipeline."""
    stage = _stage(route, to)
    if stage is not None:
        return str(stage.state)
    return to if to in RouteState.values else None


def gate_of(route: Any, to: str) -> list[dict[str, Any]]:
    """Return the checks of a move with what they found: `{field, needs, passed, value}`."""
    return [
        {"field": name, "needs": words, "passed": passed, "value": _facts(route)[name]}
        for name, words, passed in gate.checks(to, route.state, _facts(route))
    ]


def stage_gate(route: Any, to: str, on: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the stage of a move asks for, required and advised, each with what it found; nothing on the way back."""
    stage = gates.target(route, to)
    if stage is None:
        return [], []
    needs, advises = gates.asked(stage, route.stage)
    return gates.checks_of(route, needs, on), gates.checks_of(route, advises, on)


def default_probability(route: Any) -> Decimal:
    """Return the default of the stage, else of the state (ALN-03)."""
    stage = _stage(route, route.stage) if route.pipeline_id and route.stage else None
    return stage.probability if stage else gate.DEFAULT_PROBABILITY[route.state]


def prepare_contract(_ctx: Context, contract: Any, _changed: set[str], _links: Links) -> None:
    """Check the dates; take currency from the account; number a contract that nobody gave a reference."""
    if contract.start_on and contract.end_on and contract.end_on < contract.start_on:
        raise Invalid.fields({"end_on": f"The contract starts on {contract.start_on}. Choose a later date."})
    if contract._state.adding and not contract.currency:
        contract.currency = contract.account.currency
    if not contract.ref:
        contract.ref = f"Contract {contract.account.contracts.exclude(pk=contract.pk).count() + 1}"


def after_contract(ctx: Context, contract: Any, _changed: set[str], created: bool) -> None:
    """Have open renewals that stood on the contract's end follow it; an undo of the contract takes them back likewise."""
    before, after = ("", "") if created else contract.last_change.changes.get("end_on", ("", ""))
    if not before or not after:
        return
    cycles = RenewalCycle.objects.alive().filter(contract=contract, renewal_date=before, state__in=OPEN_CYCLES)
    for pk in cycles.order_by("pk").values_list("pk", flat=True):
        records.update(ctx, registry.get("renewal_cycle"), pk, {"renewal_date": contract.end_on})


def prepare_renewal_cycle(_ctx: Context, cycle: Any, _changed: set[str], _links: Links) -> None:
    """Take the date from the contract's end, else from the account, where none is given."""
    if cycle.renewal_date is None:
        cycle.renewal_date = (cycle.contract.end_on if cycle.contract else None) or cycle.account.renewal_date
    if cycle.renewal_date is None:
        raise Invalid.fields({"renewal_date": "Needed: neither the contract nor the account has a date."})


def _pass_gate(ctx: Context, route: Any, before: str) -> None:
    labels = dict(RouteState.choices)
    if not gate.allowed(before, route.state, moves.absent(route, gate.between(before, route.state))):
        ways = ", ".join(str(labels[state]) for state in gate.ALLOWED[before])
        raise Refused(
            f"A route cannot go from {labels[before]} to {labels[route.state]}; from here it can go to {ways}.",
            [{"loc": ["state"], "msg": f"{before} → {route.state} is not a move"}],
            rule="ALN-02",
        )
    if gate.needs_admin(before):
        ctx.require(ADMIN)
        if not ctx.note.strip():
            raise Refused("Reopening a closed route needs a reason.", [{"loc": ["reason"], "msg": "A reason"}])
        route.closed_on = None
    if route.state == "won" and route.closed_on is None:
        route.closed_on = ctx.today
    facts = _facts(route)
    missing = [(name, words) for name, words, passed in gate.checks(route.state, before, facts) if not passed]
    if missing:
        needed = ", ".join(words[0].lower() + words[1:] for _, words in missing)
        raise Refused(
            f"Not moved to {labels[route.state]}: {needed} {'is' if len(missing) == 1 else 'are'} missing.",
            [{"loc": [name], "msg": f"{words} is needed."} for name, words in missing],
            rule="ALN-02",
        )
    if route.state == "parked":
        _check_revisit(route.revisit_on, ctx.today)


def _pass_stage(ctx: Context, route: Any, before: str) -> None:
    stage = _stage(route, route.stage)
    if stage is None:
        return
    needs, _ = gates.asked(stage, before)
    missing = [check for check in gates.checks_of(route, needs, ctx.today) if not check["passed"]]
    if missing:
        verb = "is" if len(missing) == 1 and "open" not in missing[0] else "are"
        raise Refused(
            f"Not moved to {stage.name}: {gates.missing_words(missing)} {verb} missing.",
            [
                {"loc": [check["field"]], "msg": f"{check['needs']} {'are' if 'open' in check else 'is'} needed."}
                for check in missing
            ],
            rule="PIPE-03",
        )


def _moved(route: Any, before: Mapping[str, Any]) -> bool:
    """Whether a write moves a route on: its probability is then that of where it stands (PIPE-06). A stage found for a route
    that had none is no move."""
    return bool(before["state"] != route.state or (before["stage"] and before["stage"] != route.stage))


def _check_revisit(revisit_on: date, today: date) -> None:
    problem = gate.revisit_problem(revisit_on, today, setting("route.park_max_days"))
    if problem:
        raise Invalid.fields({"revisit_on": problem})


def _check_amounts(route: Any) -> None:
    if route.value is not None and route.value < 0:
        raise Invalid.fields({"value": "A route's value is 0 or more."})


def _facts(route: Any) -> Mapping[str, Any]:
    names = ("type", "value", "probability", "risk", "effort", "expected_close_on", "closed_on", "close_reason")
    return {name: getattr(route, name) for name in names} | {"owner": route.owner_id, "revisit_on": route.revisit_on}


def _stage(route: Any, key: str) -> Stage | None:
    found = Stage.objects.filter(pipeline_id=route.pipeline_id, key=key, deleted_at__isnull=True)
    return found.first() if route.pipeline_id and storable(key) else None


def _align_stage(route: Any, changed: set[str], before: Mapping[str, Any] | None) -> None:
    if route.stage and route.pipeline_id is None:
        found = Pipeline.objects.filter(stages__key=route.stage, active=True).order_by("-is_default").first()
        route.pipeline = found
    elif route.pipeline_id is None:
        route.pipeline = moves.for_new_routes()
    if "stage" in changed and route.stage:
        stage = _stage(route, route.stage)
        if stage is None:
            known = Stage.objects.filter(pipeline_id=route.pipeline_id) if route.pipeline_id else Stage.objects.all()
            raise Invalid.fields({"stage": f"One of {', '.join(known.values_list('key', flat=True))} is expected."})
        if "state" not in changed or before is None:
            route.state = stage.state
    elif route.pipeline_id is None:
        route.stage = ""
    elif before is None or {"state", "pipeline"} & changed:
        current = _stage(route, route.stage) if route.stage else None
        if current is None or current.state != route.state:
            mine = Stage.objects.alive().filter(pipeline_id=route.pipeline_id, state=route.state)
            first = mine.order_by("position").first()
            route.stage = first.key if first else ""
