"""Picture of the tab of surveys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from trackline.kit.policy import Context
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.surveys import surveys_page


def surveys(request: HttpRequest, ctx: Context, head: Head) -> dict[str, Any]:
    """Return a wave (`?wave=`, else the newest with answers), the trend and the open cases."""
    return {
        "picture": "workspace/account/surveys.html",
        "page": surveys_page(ctx, head, request.GET.get("wave", "")),
        "start": acts.create("wave", "New wave", account=head.account.pk),
    }
