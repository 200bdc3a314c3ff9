"""The plan of an account: read on a page, kept as a file."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.settings import setting
from trackline.documents.papers.files import format_of
from trackline.documents.plans.live import EDITIONS, Plan, plan_of
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.workspace.downloads import paper_download
from trackline.workspace.queries.account.head import Head, head_of
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
    context = {
        "plan": plan,
        "paper": plan.paper(edition),
        "edition": edition,
        "texts": {} if edition == "customer" else plan.texts,
        "stale_before": ctx.now - timedelta(days=setting("plan.stale_days")),
        "may_write": head.can_write and edition == "full" and not group,
        "editions": [
            {"key": one, "label": label, "url": _address(base, edition=one, group=group), "current": one == edition}
            for one, label in EDITIONS.items()
        ],
        "files": [
            {"label": label, "url": _address(f"{base}/export/{ending}", edition=edition, group=group)}
            for ending, label in FILES
        ],
        "group": group,
        "other": _address(base, edition=edition, group=not group) if head.below else "",
    }
    return render(request, "workspace/account/plan.html", frame(head, top="plan") | context)


@page()
def export(request: HttpRequest, ctx: Context, key: str, ending: str) -> HttpResponse:
    """Download a copy of the plan as `pdf`, `docx` or `md`."""
    format_of(ending)
    head = head_of(ctx, key)
    plan, edition = _asked(request, ctx, head)
    name = "-".join(("plan", *([edition] if edition != "full" else []), head.account.key, ctx.today.isoformat()))
    return paper_download(plan.paper(edition), ending, name)


def _asked(request: HttpRequest, ctx: Context, head: Head) -> tuple[Plan, str]:
    edition = request.GET.get("edition", "full")
    if edition not in EDITIONS:
        raise NotFound(f"There is no edition {edition[:20]}.")
    on = request.GET.get("on", "")
    try:
        day = date.fromisoformat(on) if on else ctx.today
    except ValueError:
        raise NotFound(f"{on[:20]} is no day.") from None
    group = bool(head.below) and request.GET.get("group") == "1"
    return plan_of(ctx, head.account, on=day, group=group), edition


def _address(base: str, *, edition: str, group: bool) -> str:
    asked = ({"edition": edition} if edition != "full" else {}) | ({"group": 1} if group else {})
    return f"{base}?{urlencode(asked)}" if asked else base
