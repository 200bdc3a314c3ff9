"""Moves of a route: where it can go, the checks of a move, and the fields that fill what is missing in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackline.align import moves as ladder
from trackline.align.models import RouteState, Stage
from trackline.align.rules import gate
from trackline.align.services import gate_of, stage_gate
from trackline.kit import formats
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, forms
from trackline.workspace.records.facts import Facts, Item
from trackline.workspace.records.labels import labels
from trackline.workspace.records.words import words


def moves(item: Item) -> list[dict[str, str]]:
    """Return the moves that a route can make from its stage, the next one forward first."""
    stages = ladder.stages_of([item["pipeline"]]) if item["pipeline"] else []
    here = next((stage for stage in stages if stage.key == item["stage"]), None)
    return [{"to": to, "label": label} for to, label in ladder.moves(item["state"], here, stages)]


def checks(ctx: Context, pk: int, to: str) -> dict[str, Any]:
    """Return a move's checks with what they found, and a field for each that fails, to be filled in place."""
    rtype = registry.get("route")
    route = get(ctx, rtype, pk)
    stage = Stage.objects.filter(pipeline_id=route.pipeline_id, key=to).first() if route.pipeline_id else None
    state = stage.state if stage else to
    found = gate_of(route, state) if state in RouteState.values else []
    needed, advised = stage_gate(route, to, ctx.today)
    found += [check for check in needed if check["field"] not in {one["field"] for one in found}]
    known = labels(ctx, {"user": [route.owner_id, ctx.actor.user_id]})
    facts = Facts(rtype, ctx.today, ctx.actor.user_id, known)
    item = {"id": route.pk, "currency": route.currency}
    open_specs = [
        rtype.specs[check["field"]] for check in found if not check["passed"] and check["field"] in rtype.specs
    ]
    lists = forms.lists_for(open_specs)
    drawn: Sequence[FormField] = [
        forms.draw(rtype, spec, _suggested(ctx, spec.name), facts, lists, item=item, account=route.account_id)
        for spec in open_specs
    ]
    for field in drawn:
        field.required = True
    fix = addresses.panel(rtype, route.pk)
    return {
        "route": route,
        "to": to,
        "label": stage.name if stage else dict(RouteState.choices).get(to, to),
        "checks": [
            {
                **check,
                "words": _found(rtype, route, check, facts),
                "page": _page(route, check["field"]),
                "fix": "" if check["field"] in rtype.specs else fix,
            }
            for check in found
        ],
        "warnings": [
            {**check, "words": _found(rtype, route, check, facts), "page": _page(route, check["field"])}
            for check in advised
            if not check["passed"]
        ],
        "stopped": any(not check["passed"] and check["field"] not in rtype.specs for check in found),
        "passed": sum(check["passed"] for check in found),
        "fields": drawn,
        "reason_needed": gate.needs_admin(route.state),
    }


def _found(rtype: RecordType, route: Any, check: Mapping[str, Any], facts: Facts) -> str:
    """What a check found, in words; a score of the qualification as it is."""
    if check["field"] in rtype.specs:
        return words(rtype.specs[check["field"]], _row(route, check["field"]), facts)
    if "open" in check:
        return f"{len(check['open'])} open" if check["open"] else "all good"
    return "not asked" if check["value"] is None else formats.number(check["value"], 0)


def _page(route: Any, check: str) -> str:
    """The page of the account where a checklist is answered; empty for other checks."""
    tab = {"needs_advance": "needs", "competition_ready": "competition"}.get(check)
    return f"/accounts/{route.account.key}/track/{tab}#check-{check}" if tab else ""


def _row(route: Any, name: str) -> dict[str, Any]:
    value = getattr(route, f"{name}_id" if name in ("owner", "product", "business_unit", "goal") else name)
    return {"id": route.pk, "currency": route.currency, name: value}


def _suggested(ctx: Context, name: str) -> Any:
    return ctx.actor.user_id if name == "owner" else ctx.today if name == "closed_on" else None
