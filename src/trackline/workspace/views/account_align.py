"""Pictures of A beside the routes: white space."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from trackline.kit.policy import Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account import whitespace as grids
from trackline.workspace.queries.account.head import Head

Drawn = dict[str, Any]


def whitespace(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the grid of business units and products, with all accounts below on `?group=1`."""
    add = acts.create("business_unit", "Add a business unit", account=head.account.pk) if head.can_write else None
    return {
        "picture": "workspace/account/whitespace.html",
        "ws": grids.whitespace_page(head, head.together),
        "add_unit": add,
    }
