"""The Alerts list: what needs somebody, the gravest first, with its clocks."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from trackline.kit import htmx
from trackline.kit.policy import WRITE, Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.alerts.asked import PATH, Asked
from trackline.workspace.queries.alerts.listing import alerts_page, fields
from trackline.workspace.views.view_tabs import Views
from trackline.workspace.web import page

VIEWS = Views(
    "alert",
    "alerts",
    PATH,
    "Alerts",
    "search and filters",
    Asked.of,
    (
        ("open", "Not settled", ""),
        ("mine", "Mine", "owner=me"),
        ("new", "Not acknowledged", "state=open"),
        ("late", "Clock ran out", "clock=late"),
        ("grave", "Critical and high", "severity=critical,high"),
        ("settled", "Settled", "state=closed,dismissed"),
    ),
)


@page()
def listing(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The alerts that the address asks for; without a word the user's default view."""
    if not request.GET and not htmx.is_partial(request):
        default = VIEWS.default(ctx)
        if default is not None:
            return redirect(VIEWS.url(str(default.pk), default.query))
    asked = Asked.of(request.GET)
    found, views = alerts_page(ctx, asked), VIEWS.saved(ctx)
    edit = ctx.actor.may(WRITE)
    context = {
        "nav_key": "alerts",
        "crumbs": [{"label": "Alerts", "url": PATH}],
        "asked": asked,
        "found": found,
        "today": ctx.today,
        "can_write": edit,
        "tabs": VIEWS.tabs(ctx, asked, views),
        "view": VIEWS.current(ctx, asked, views),
        "filters": fields(ctx, asked),
        "kept": [("account", asked.filters["account"])] if "account" in asked.filters else [],
        "active": _account_chip(asked, found.account),
        "before": replace(asked, page=asked.page - 1).url if asked.page > 1 else "",
        "after": replace(asked, page=asked.page + 1).url if asked.page < found.pages else "",
        "add": acts.create("alert", "Alert") if edit else None,
    }
    return htmx.render_partial(request, "workspace/alerts/list.html", "list", context)


def _account_chip(asked: Asked, name: str) -> list[dict[str, str]]:
    """The account as a filter that can be taken off: it has no control of its own."""
    if "account" not in asked.filters:
        return []
    rest = {key: value for key, value in asked.filters.items() if key != "account"}
    without = replace(asked, filters=rest, page=1, view="")
    return [{"label": f"Account: {name or 'outside your accounts'}", "url": without.url}]
