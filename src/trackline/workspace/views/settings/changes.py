"""Who changed what in settings, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.accounts.services import audit
from trackline.accounts.services.taking_back import can_take_back
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.records.types import registry
from trackline.workspace.views.settings.book import label_of
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

PER_PAGE = 50
WORDS: Mapping[str, str] = {
    audit.SETTING: "Setting",
    audit.RATE: "Exchange rate",
    audit.CUSTOM_FIELD: "Custom field",
    audit.PICKLIST: "List of words",
    audit.ROLE: "Role",
    audit.USER_ROLES: "Roles of",
    audit.PASSWORD: "Password of",
    audit.TOKEN: "API token",
    audit.RULE: "Rule",
}
RECORDS = (
    *(
        "user",
        "product",
        "pipeline",
        "stage",
        "metric",
        "journey_dimension",
        "playbook",
        "scoring_model",
        "team_member",
    ),
)


@page(permission=ADMIN)
def changes(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List changes of settings and of the records that settings show."""
    before = request.GET.get("before", "")
    query = Change.objects.filter(record_type__in=[*WORDS, *RECORDS]).select_related("actor").order_by("-id")
    if before.isdecimal() and len(before) < 19:
        query = query.filter(pk__lt=int(before))
    found = list(query[: PER_PAGE + 1])
    more = len(found) > PER_PAGE
    context = {
        "rows": [_row(change) for change in found[:PER_PAGE]],
        "older": found[PER_PAGE - 1].pk if more else None,
        "first": not before,
        "today": ctx.today,
    }
    return draw(request, ctx, "changes", "workspace/settings/changes.html", context)


def _row(change: Change) -> dict[str, Any]:
    kind = WORDS.get(change.record_type) or registry.get(change.record_type).label
    title = label_of(change.title) if change.record_type == audit.SETTING else change.title
    verb = {"create": "added", "delete": "removed", "restore": "brought back"}.get(change.action, "")
    return {
        "change": change,
        "noun": kind,
        "fact": f"{title} {verb}".strip() if change.record_type != audit.PASSWORD else f"{title} set",
        "moves": [_move(change, name, pair) for name, pair in change.changes.items()],
        "by": change.actor.name if change.actor else "Trackline",
        "via": change.get_via_display() if change.via != Change.Via.SYSTEM else "",
        "undo_url": _undo_url(change),
    }


def _undo_url(change: Change) -> str:
    if can_take_back(change):
        return f"/settings/undo/{change.pk}"
    return f"/undo/{change.pk}" if change.record_type in RECORDS else ""


def _move(change: Change, name: str, pair: list[Any]) -> dict[str, str]:
    rtype = registry.find(change.record_type) if change.record_type in RECORDS else None
    spec = rtype.specs.get(name) if rtype else None
    label = spec.label if spec else name.replace("_", " ").capitalize()
    before, after = pair
    if isinstance(before, list) and isinstance(after, list):
        gone = [str(word) for word in before if word not in after]
        new = [str(word) for word in after if word not in before]
        return {
            "label": label,
            "before": ", ".join(gone),
            "after": ", ".join(new) or ("in another order" if not gone else ""),
        }
    return {"label": label, "before": _words(before), "after": _words(after)}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
