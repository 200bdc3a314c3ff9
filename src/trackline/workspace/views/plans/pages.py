"""The plan of an account as it stands, as a version kept it, and what changed in between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.settings import setting
from trackline.documents.models import PlanVersion
from trackline.documents.papers.files import format_of
from trackline.documents.plans.live import EDITIONS, Plan, plan_of, plan_of_version
from trackline.documents.plans.owning import may_write, suggestions_of
from trackline.documents.plans.reading import is_shared, require_reader
from trackline.documents.plans.versions import difference_of, versions_of
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.downloads import paper_download
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.queries.account.plan import board_of, fix_of
from trackline.workspace.views.account import frame
from trackline.workspace.web import page

FILES = (("pdf", "PDF"), ("docx", "Word"), ("md", "Markdown"))


@page()
def plan_page(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """The plan as it stands, section by section."""
    head = head_of(ctx, key)
    plan, edition = _asked(request, ctx, head)
    group = plan.facts["grouped"]
    base = f"{head.url}/plan"
    ours = edition == "full" and not group
    board = board_of(ctx, plan, may_write=head.can_write) if ours else None
    context: dict[str, Any] = {
        "plan": plan,
        "paper": plan.paper(edition),
        "texts": {} if edition == "customer" else plan.texts,
        "stale_before": ctx.now - timedelta(days=setting("plan.stale_days")),
        "board": board,
        "may_write": head.can_write and ours and not (board and board.locked),
        "closed": _closed(ctx, plan),
        "suggestions": suggestions_of(ctx, head.account) if ours else {},
        "lacks": {one.key: fix_of(head.url, one.key) for one in board.standing.lacks} if board else {},
        "group": group,
        "other": _address(base, edition=edition, group=not group) if head.below else "",
    }
    return _draw(request, head, base, edition, context, group=group)


@page()
def export(request: HttpRequest, ctx: Context, key: str, ending: str) -> HttpResponse:
    """Download a copy of the plan as `pdf`, `docx` or `md`."""
    format_of(ending)
    head = head_of(ctx, key)
    plan, edition = _asked(request, ctx, head)
    return paper_download(plan.paper(edition), ending, _name(edition, head.account.key, ctx.today.isoformat()))


@page()
def versions(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """All versions of the account's plans, the newest first."""
    head = head_of(ctx, key)
    require_reader(ctx, head.account)
    context = {"versions": versions_of(ctx, head.account), "base": f"{head.url}/plan"}
    return render(request, "workspace/plan/versions.html", frame(head, top="plan") | context)


@page()
def version(request: HttpRequest, ctx: Context, key: str, pk: int) -> HttpResponse:
    """The plan as a version kept it."""
    head = head_of(ctx, key)
    plan, edition = _kept(request, ctx, head, pk)
    base = f"{head.url}/plan/versions/{pk}"
    context: dict[str, Any] = {"plan": plan, "version": plan.version, "paper": plan.paper(edition), "texts": {}}
    return _draw(request, head, base, edition, context)


@page()
def version_export(request: HttpRequest, ctx: Context, key: str, pk: int, ending: str) -> HttpResponse:
    """Download a copy of what a version kept."""
    format_of(ending)
    head = head_of(ctx, key)
    plan, edition = _kept(request, ctx, head, pk)
    named = f"v{plan.version.number}" if plan.version else ""
    return paper_download(plan.paper(edition), ending, _name(edition, head.account.key, named))


@page()
def difference(request: HttpRequest, ctx: Context, key: str) -> HttpResponse:
    """What changed between a version (`from`) and a later one, or now (`to` empty)."""
    head = head_of(ctx, key)
    require_reader(ctx, head.account)
    kept = versions_of(ctx, head.account)
    before = _chosen(request, "from", kept[0].pk if kept else None)
    after = _chosen(request, "to", None)
    if before is None:
        raise NotFound(f"No version of the plan of {head.account.name} was kept yet.")
    old = _read(ctx, head, before)
    new = _read(ctx, head, after) if after else plan_of(ctx, head.account)
    context = {
        "versions": kept,
        "base": f"{head.url}/plan",
        "before": before,
        "after": after,
        "differing": difference_of(old, new),
        "old": old.version,
        "new": new.version,
    }
    return render(request, "workspace/plan/difference.html", frame(head, top="plan") | context)


def _closed(ctx: Context, plan: Plan) -> set[str]:
    """The sections whose texts the actor may suggest a wording for, and not write."""
    return {code for code, one in plan.texts.items() if not may_write(ctx, plan.account, one.owner_id)}


def _draw(
    request: HttpRequest, head: Head, base: str, edition: str, context: dict[str, Any], *, group: bool = False
) -> HttpResponse:
    shown = {
        "edition": edition,
        "base": f"{head.url}/plan",
        "editions": [
            {"key": one, "label": label, "url": _address(base, edition=one, group=group), "current": one == edition}
            for one, label in EDITIONS.items()
            if one != "customer" or is_shared(context["plan"].record)
        ],
        "files": [
            {"label": label, "url": _address(f"{base}/export/{ending}", edition=edition, group=group)}
            for ending, label in FILES
        ],
    }
    return render(request, "workspace/plan/page.html", frame(head, top="plan") | shown | context)


def _asked(request: HttpRequest, ctx: Context, head: Head) -> tuple[Plan, str]:
    edition = _edition(request)
    on = request.GET.get("on", "")
    try:
        day = date.fromisoformat(on) if on else ctx.today
    except ValueError:
        raise NotFound(f"{on[:20]} is no day.") from None
    group = bool(head.below) and request.GET.get("group") == "1"
    return plan_of(ctx, head.account, on=day, group=group), edition


def _edition(request: HttpRequest) -> str:
    edition = request.GET.get("edition", "full")
    if edition not in EDITIONS:
        raise NotFound(f"There is no edition {edition[:20]}.")
    return edition


def _kept(request: HttpRequest, ctx: Context, head: Head, pk: int) -> tuple[Plan, str]:
    return _read(ctx, head, pk), _edition(request)


def _read(ctx: Context, head: Head, pk: int) -> Plan:
    found: PlanVersion = get(ctx, registry.get("plan_version"), pk)
    if found.plan.account_id != head.account.pk:
        raise NotFound(f"There is no such version of the plan of {head.account.name}.")
    return plan_of_version(found)


def _chosen(request: HttpRequest, name: str, default: int | None) -> int | None:
    given = request.GET.get(name, "")
    if given in ("", "now"):
        return default
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise NotFound(f"{given[:20]} is no version.")
    return int(given)


def _name(edition: str, key: str, when: str) -> str:
    return "-".join(("plan", *([edition] if edition != "full" else []), key, when))


def _address(base: str, *, edition: str, group: bool) -> str:
    asked = ({"edition": edition} if edition != "full" else {}) | ({"group": 1} if group else {})
    return f"{base}?{urlencode(asked)}" if asked else base
