"""Pictures of A: routes as board, table and timeline; white space."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from trackline.align.models import Route
from trackline.kit.forms import FormField
from trackline.kit.policy import ADMIN, Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account import align, route_timeline
from trackline.workspace.queries.account import whitespace as grids
from trackline.workspace.queries.account.head import Head

Drawn = dict[str, Any]
VIEWS = (("", "Board"), ("table", "Table"), ("timeline", "Timeline"))


def routes(request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    """Return the routes as board, as table (`?view=table`) or over time (`?view=timeline`)."""
    base = f"{head.url}/align/routes"
    view = request.GET.get("view", "")
    views = [
        {"label": label, "url": f"{base}?view={key}" if key else base, "current": key == view} for key, label in VIEWS
    ]
    if view == "table":
        return {"picture": "workspace/account/routes_bar.html", "views": views}
    add = acts.create("route", "Route", account=head.account.pk) if head.can_write else None
    if view == "timeline":
        return {
            "picture": "workspace/account/route_timeline.html",
            "instead": True,
            "views": views,
            "plan": route_timeline.route_timeline(head),
            "add": add,
        }
    owner, kind = request.GET.get("owner", ""), request.GET.get("type", "")
    rows = Route.objects.filter(account=head.account, deleted_at__isnull=True, owner__isnull=False)
    owners = [
        (str(pk), name) for pk, name in rows.order_by("owner__name").values_list("owner", "owner__name").distinct()
    ]
    return {
        "picture": "workspace/account/route_board.html",
        "instead": True,
        "views": views,
        "board": align.route_board(head, owner=owner, kind=kind, can_reopen=ctx.actor.may(ADMIN)),
        "filters": [
            FormField(name="owner", kind="choice", label="Owner", choices=owners, value=owner, placeholder="Owner: anyone"),
            FormField(name="type", kind="choice", label="Type", choices=Route.Type.choices, value=kind, placeholder="Type: all"),
        ],
        "narrowed": bool(owner or kind),
        "add": add,
    }  # fmt: skip


def whitespace(request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the grid of business units and products, with all accounts below on `?group=1`."""
    group = bool(head.below) and request.GET.get("group") == "1"
    base = f"{head.url}/align/whitespace"
    views = [
        {"label": "This account", "url": base, "current": not group},
        {"label": f"With {len(head.below)} below", "url": f"{base}?group=1", "current": group},
    ]
    add = acts.create("business_unit", "Add a business unit", account=head.account.pk) if head.can_write else None
    return {
        "picture": "workspace/account/whitespace.html",
        "ws": grids.whitespace_page(head, group),
        "views": views if head.below else [],
        "add_unit": add,
    }
