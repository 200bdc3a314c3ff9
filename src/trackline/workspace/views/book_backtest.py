"""The back-test of the scoring model: whether scores of a day foretold what became of the accounts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.book.scoring.tested import kept_backtests
from trackline.kit.policy import Context
from trackline.workspace.queries.book.backtest import Asked, models, page_of
from trackline.workspace.views.book_model import CRUMBS, parts
from trackline.workspace.web import page

PATH = "/book/model/back-test"


@page()
def board(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Each outcome with its verdict, one of them account by account."""
    asked = Asked.of(request.GET.dict())
    told = page_of(ctx, asked)
    frame: dict[str, Any] = {
        "nav_key": "book",
        "crumbs": [*CRUMBS, {"label": "Back-test", "url": ""}],
        "parts": parts(PATH),
        "told": told,
        "models": models(asked.model or (told.found.run.model if told.found else None)),
        "kept": kept_backtests(),
        "today": ctx.today,
    }
    return render(request, "workspace/book/backtest.html", frame)
