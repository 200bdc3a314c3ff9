"""Picture of the tab of surveys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from trackline.kit.policy import Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.surveys import surveys_page


def surveys(request: HttpRequest, ctx: Context, head: Head) -> dict[str, Any]:
    """Return a wave (`?wave=`, else the newest with answers), the trend, the open cases and a quarter (`?quarter=`, by a day of it)."""
    found = surveys_page(ctx, head, request.GET.get("wave", ""), request.GET.get("quarter", ""))
    return {
        "picture": "workspace/account/surveys.html",
        "page": found,
        "start": acts.create("wave", "New wave", account=head.account.pk),
    }
