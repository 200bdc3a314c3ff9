"""Endpoints of white space: the grid of an account or a group, and the route that a cell calls for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.models import BusinessUnit
from trackline.accounts.rates import rates_in_force
from trackline.align import whitespace
from trackline.align.hot_zones import Zone, zone_json, zones_of
from trackline.align.whitespace import sums_json, wallet_json
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, query_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid, NotFound
from trackline.kit.records.queries import get, resolve, scoped, stored_json
from trackline.kit.records.types import registry

router = Router()

_CELL = {
    "business_unit": "12", "business_unit_name": "Nagoya plant", "account": "okada-brandt-mobility", "product": "9",
    "product_name": "Trace", "cell": "31", "state": "in_pipeline", "type": "cross_sell", "value": 420000, "contracted": None,
    "addressable": 1400000, "attainable_pct": 30, "wallet_pct": 0, "saturation_pct": 0, "colour": "red",
    "signals": 3, "hot": True, "owner": "katrin-vogel", "competitor": "Line Vision", "competitor_share": 60, "route": "17", "reviewed_on": "2027-01-12",
}  # fmt: skip
_TOTALS = {
    "value": 420000, "open": 4, "valued": 1, "deployed": 2, "counted": 6, "quantified_pct": 25, "penetration_pct": 33.3,
    "wallet_pct": 20, "saturation_pct": 57.1, "colour": "amber",
}  # fmt: skip


@router.get(
    "/accounts/{id}/whitespace",
    **operation(
        "get_account_whitespace",
        "White space of an account",
        tag="Accounts",
        permission=READ,
        description="Business units × products: state, value, competitor and open route of each cell, with totals by row and "
        "column. Contracts and routes count beside what people said of a cell; `cell` is the id of its record, if there is one. Where "
        "it is known what a unit spends, `wallet_pct` is our share of all of it and `saturation_pct` of what is attainable, with "
        "its `colour`: green is nearly used up, red untapped. `signals` counts recent pain points and notes that speak for a cell; with "
        "enough of them and of money it is `hot`, and somebody (`owner`) should answer for it.",
        parameters=[
            parameter(
                "group", {"type": "boolean", "default": False},
                "With all accounts below that the caller sees; in the book's currency where theirs differ.",
            )
        ],
        answers={
            200: returns(
                "The grid.",
                {"type": "object", "additionalProperties": True},
                {
                    "currency": "EUR", "as_of": "2027-01-12", "cells": [_CELL], "rows": [{"business_unit": "12"} | _TOTALS],
                    "columns": [{"product": "9"} | _TOTALS], "totals": _TOTALS, "left_out": 0, "unplaced": 1,
                },
            )
        },
        problems=(404,),
    ),
)  # fmt: skip
def account_whitespace(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Answer the grid of an account's white space."""
    ctx = context_of(request)
    params = query_of(request)
    group = params.pop("group", "false")
    if params or group not in ("true", "false"):
        name = next(iter(params), "group")
        raise BadRequest(
            f"{name[:80]}: true or false is expected for group, and nothing else.",
            [{"loc": ["query", name], "msg": "unknown"}],
        )
    account = get(ctx, registry.get("account"), id)
    rates = rates_in_force(ctx.today)
    seen = {account.pk: account.currency}
    if group == "true":
        below = scoped(ctx, registry.get("account")).filter(path__startswith=account.path)
        seen |= dict(below.values_list("pk", "currency"))
    currency = account.currency if len(set(seen.values())) == 1 else rates.book
    grid = whitespace.grid_of(list(seen), ctx.today, rates, currency or rates.book)
    cells = [cell for row in grid.rows for cell in row.cells]
    zones = zones_of(cells, list(seen), ctx.today)
    return answer(
        {
            "currency": grid.currency,
            "as_of": ctx.today,
            "cells": [_cell(cell, zones.get((cell.unit.pk, cell.product.pk))) for cell in cells],
            "rows": [
                {"business_unit": str(row.unit.pk)} | sums_json(row.totals) | wallet_json(row.wallet)
                for row in grid.rows
            ],
            "columns": [
                {"product": str(product.pk)} | sums_json(column) | wallet_json(wallet)
                for product, column, wallet in zip(grid.products, grid.columns, grid.wallets, strict=True)
            ],
            "totals": sums_json(grid.totals) | wallet_json(grid.wallet),
            "left_out": grid.left_out,
            "unplaced": grid.unplaced,
        }
    )


def _cell(cell: whitespace.GridCell, zone: Zone | None) -> dict[str, Any]:
    record = cell.record
    return {
        "business_unit": str(cell.unit.pk),
        "business_unit_name": cell.unit.name,
        "account": cell.unit.account.key,
        "product": str(cell.product.pk),
        "product_name": cell.product.name,
        "cell": str(record.pk) if record else None,
        "state": cell.state,
        "type": cell.kind or None,
        "value": cell.value,
        "contracted": cell.contracted,
        "addressable": cell.addressable,
        "attainable_pct": record.attainable_pct if record else None,
        **wallet_json(cell.wallet),
        **zone_json(cell, zone),
        "competitor": record.competitor if record else "",
        "competitor_share": record.competitor_share if record else None,
        "route": str(cell.route.pk) if cell.route else None,
        "reviewed_on": record.reviewed_on if record else None,
    }


@router.post(
    "/accounts/{id}/whitespace/route",
    **operation(
        "start_whitespace_route",
        "Start the route of a cell",
        tag="Accounts",
        permission=WRITE,
        description="Makes the route that a cell calls for: its type by what the unit buys already, its value that of the cell. "
        "409 where a route is open for the cell, or nothing can be sold there.",
        parameters=[IDEMPOTENCY_KEY],
        body={
            "type": "object",
            "properties": {
                "business_unit": {"type": "string", "description": "Its id; a unit of the account."},
                "product": {"type": "string", "description": "Its id."},
            },
            "required": ["business_unit", "product"],
            "additionalProperties": False,
        },
        example={"business_unit": "12", "product": "9"},
        answers={201: returns("The route.", ref("Route"), ETag="Its version.")},
        problems=(404, 409),
    ),
)
def whitespace_route(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Start the route of a cell."""
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    account = resolve(ctx, registry.get("account"), id)
    return once(request, ctx, body, lambda: _started(ctx, account, body))


def _started(ctx: Context, account: int, body: dict[str, Any]) -> HttpResponse:
    errors = {name: "There is no such field." for name in body if name not in ("business_unit", "product")}
    ids = {}
    for name in ("business_unit", "product"):
        try:
            ids[name] = resolve(ctx, registry.get(name), str(body.get(name, "")))
        except NotFound:
            errors[name] = "An id of one that exists is expected."
    if "business_unit" in ids and not BusinessUnit.objects.filter(pk=ids["business_unit"], account=account).exists():
        errors["business_unit"] = "A unit of this account is expected."
    if errors:
        raise Invalid.fields(errors)
    route = whitespace.start_route(ctx, ids["business_unit"], ids["product"], rates_in_force(ctx.today))
    found = stored_json(ctx, registry.get("route"), route.pk)
    return answer(found, 201, {"ETag": etag(found["version"], encode(found))})
