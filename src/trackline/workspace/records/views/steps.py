"""The steps of a playbook, edited in a dialog: each button sends the form, only Save writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.choose.models import Playbook
from trackline.choose.rules.conditions import CONDITIONS
from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Stale
from trackline.kit.records import services
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses
from trackline.workspace.records.steps import COLUMNS, Line, after, spoken, typed
from trackline.workspace.records.views.common import done
from trackline.workspace.web import page

CHANGED = "Somebody changed this playbook while you had it open. Close and open it to see their steps."


@page("GET", "POST")
def steps(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """GET: the form. POST: `deed` adds, removes or moves a line and answers the form, or saves all of them."""
    rtype = registry.get("playbook")
    ctx.require(rtype.write_permission)
    book = get(ctx, rtype, pk)
    if request.method == "GET":
        lines = [Line.of(step) for step in book.steps] or [Line()]
        return _form(request, book, lines, str(book.version))
    version, deed = request.POST.get("version", ""), request.POST.get("deed", "save")
    lines = typed({name: request.POST.getlist(name) for name in COLUMNS})
    if deed != "save":
        changed = after(lines, deed)
        return _form(request, book, changed, version, focus=_focus(deed, len(changed)))
    kept = [line for line in lines if line.title.strip() or line.days.strip()]
    expected = int(version) if version.isdecimal() else None
    try:
        saved = services.update(ctx, rtype, pk, {"steps": [line.step for line in kept]}, expected_version=expected)
    except Stale:
        return _form(request, book, lines, version, problem=CHANGED, status=Stale.status)
    except Invalid as problem:
        return _form(request, book, kept, version, errors=_by_line(problem), status=problem.status)
    count = len(saved.steps)
    text = f"{saved.title}: {count} step{'' if count == 1 else 's'}"
    return htmx.close_dialog(done(text, rtype, saved, getattr(saved, "last_change", None)))


def _form(
    request: HttpRequest,
    book: Playbook,
    lines: Sequence[Line],
    version: str,
    *,
    errors: Mapping[int, str] | None = None,
    problem: str = "",
    focus: int | None = None,
    status: int = 200,
) -> HttpResponse:
    found = errors or {}
    context: dict[str, Any] = {
        "book": book,
        "rows": [{"line": line, "error": found.get(place, "")} for place, line in enumerate(lines)],
        "roles": _roles(),
        "conditions": sorted(CONDITIONS),
        "version": version,
        "problem": problem or found.get(-1, ""),
        "focus": focus,
        "url": addresses.act(registry.get("playbook"), book.pk, "steps"),
    }
    return render(request, "workspace/records/steps.html", context, status=status)


def _roles() -> list[str]:
    """The roles that playbooks name so far."""
    rows = Playbook.objects.filter(deleted_at__isnull=True).values_list("steps", flat=True)
    return sorted({spoken(step["owner_role"]) for found in rows for step in found if step.get("owner_role")})


def _by_line(problem: Invalid) -> dict[int, str]:
    """What is wrong with which line; -1 stands for all of them."""
    names = {"offset_days": "Days", "title": "Title", "owner_role": "Role", "key": "Key", "condition": "Check"}
    found: dict[int, str] = {}
    for error in problem.errors:
        place = next((part for part in error["loc"] if isinstance(part, int)), -1)
        name = names.get(str(error["loc"][-1]), "")
        found.setdefault(place, f"{name}: {error['msg']}" if name else str(error["msg"]))
    return found


def _focus(deed: str, count: int) -> int | None:
    """The line on which the keyboard goes on."""
    verb, _, place = deed.partition(":")
    if verb == "add":
        return count - 1
    if not place.isdecimal() or len(place) > 3:
        return None
    at = int(place) + {"up": -1, "down": 1}.get(verb, 0)
    return max(0, min(at, count - 1))
