"""What records choose from: products, metrics, journey dimensions, playbooks, agendas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, tables
from trackline.workspace.records.cells import may_edit
from trackline.workspace.records.labels import with_article
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

OWN = ("panel",)


def listing(key: str, name: str, columns: tuple[str, ...] = ()) -> Callable[..., HttpResponse]:
    """Make the page of one record type: a table that is searched, edited in place and added to."""

    @page()
    def view(request: HttpRequest, ctx: Context) -> HttpResponse:
        rtype = registry.get(name)
        asked = {field: value for field, value in request.GET.dict().items() if field not in OWN and value}
        table = tables.build(
            ctx,
            rtype,
            params=ListParams.of(asked),
            columns=columns,
            url=request.get_full_path(),
            name="list",
            add_key="n",
        )
        context: dict[str, Any] = {
            "t": table,
            "rtype": rtype,
            "q": asked.get("q", ""),
            "can_edit": may_edit(ctx, rtype),
            "tool": add_button(rtype) if may_edit(ctx, rtype) else None,
            "extra": [(field, value) for field, value in asked.items() if field not in ("q", "cursor")],
        }
        return draw(request, ctx, key, "workspace/settings/catalogue.html", context)

    return view


products = listing("products", "product")
metrics = listing("metrics", "metric", ("name", "key", "unit", "direction", "refresh", "account", "active"))
journey = listing("journey", "journey_dimension")
playbooks = listing("playbooks", "playbook")
agendas = listing("agendas", "agenda")


def add_button(rtype: RecordType) -> dict[str, str]:
    label = f"Add {with_article(rtype)}"
    return {
        "label": label,
        "icon": "plus",
        "url": addresses.new(rtype),
        "panel": addresses.new_panel(rtype),
        "key": "n",
    }
