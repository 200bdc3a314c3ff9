"""Why a score is what it is, as a page of its account and in the side panel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.models import Account
from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.why import SPANS, Why, why_of
from trackline.workspace.views.account import frame
from trackline.workspace.web import page


@page()
def score(request: HttpRequest, ctx: Context, key: str, rule: str) -> HttpResponse:
    """A score of an account, opened, as a page."""
    head = head_of(ctx, key)
    found = _found(request, ctx, head.account, rule)
    url = f"{head.url}/scores/{rule}"
    spans = [
        {"label": label, "url": f"{url}{_query(found.preset, span)}", "current": span == found.span}
        for span, (_, label) in SPANS.items()
    ]
    context = {"why": found, "spans": spans}
    return render(request, "workspace/account/score.html", frame(head, current="none") | context)


@page()
def panel(request: HttpRequest, ctx: Context, pk: int, rule: str) -> HttpResponse:
    """The same beside a page; the page itself where no panel asks."""
    account = get(ctx, registry.get("account"), str(pk))
    url = f"/accounts/{account.key or account.pk}/scores/{rule}"
    if not htmx.is_htmx(request):
        return htmx.redirect(request, url)
    found = _found(request, ctx, account, rule)
    spans = [
        {
            "label": label,
            "url": f"{url}{_query(found.preset, span)}",
            "panel": f"score/{pk}/{rule}{_query(found.preset, span)}",
            "current": span == found.span,
        }
        for span, (_, label) in SPANS.items()
    ]
    context: dict[str, Any] = {"why": found, "spans": spans, "account": account, "today": ctx.today}
    context["url"] = f"{url}{_query(found.preset, found.span)}"
    return htmx.vary(render(request, "workspace/account/score_panel.html", context))


def _found(request: HttpRequest, ctx: Context, account: Account, rule: str) -> Why:
    asked = request.GET
    return why_of(account, rule, ctx.today, preset=asked.get("preset", ""), span=asked.get("span", ""))


def _query(preset: str, span: str) -> str:
    return f"?span={span}&preset={preset}" if preset else f"?span={span}"
