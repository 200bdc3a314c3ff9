"""Answering a survey by a personal link: no sign-in, nothing of the account on the page."""

from __future__ import annotations

import math
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from trackline.accounts.held import read_once
from trackline.accounts.services import sign_in as attempts
from trackline.kit.problems import Invalid, NotFound, Problem
from trackline.track.surveys import waves
from trackline.workspace.web import address_of

GUESSING = "a link of a survey"
TEMPLATE = "workspace/answer/sheet.html"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """Show the questions of a link, or take the answers; whoever guesses links has to wait."""
    now, address = timezone.now(), address_of(request)
    if wait := attempts.wait_for(GUESSING, address, now):
        minutes = max(1, math.ceil(wait.total_seconds() / 60))
        text = f"Too many links that are not known came from here. Try again in {minutes} minutes."
        response = _render(request, {"problem": text}, 429)
        response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
        return response
    with read_once():
        try:
            if request.method == "POST":
                return _take(request, token, now)
            return _render(request, _facts(waves.open_sheet(token, now)))
        except NotFound as problem:
            attempts.note_failure(GUESSING, address, now)
            return _render(request, {"problem": problem.detail}, 404)
        except Problem as problem:
            return _render(request, {"problem": problem.detail}, problem.status)


def _take(request: HttpRequest, token: str, now: Any) -> HttpResponse:
    posted = {name: str(value) for name, value in request.POST.items()}
    try:
        response = waves.give_answers(token, posted, now)
    except Invalid as problem:
        wrong = {str(error["loc"][-1]): error["msg"] for error in problem.errors}
        return _render(request, _facts(waves.open_sheet(token, now), posted, wrong), 422)
    return _render(request, {"thanks": True, "again": response.contact_id is not None, "wave": response.wave})


def _facts(
    sheet: waves.Sheet, posted: dict[str, str] | None = None, wrong: dict[str, str] | None = None
) -> dict[str, Any]:
    def answer(name: str) -> str:
        if posted is not None:
            return posted.get(name, "")
        given = getattr(sheet.response, name, None) if sheet.response else None
        return "" if given is None else str(given)

    return {
        "sheet": sheet,
        "wave": sheet.wave,
        "minutes": math.ceil(sheet.instrument.seconds / 60),
        "hide": bool(posted and posted.get("anonymous") == "1"),
        "wrong": wrong or {},
        "parts": [
            {
                "title": part.title,
                "questions": [
                    {
                        "field": one.field,
                        "text": one.asked(sheet.wave.about),
                        "scale": [(str(mark), str(mark) == answer(one.field)) for mark in one.scale],
                        "low": one.low,
                        "high": one.high,
                        "optional": one.optional,
                        "answer": answer(one.field),
                        "error": (wrong or {}).get(one.field, ""),
                    }
                    for one in part.questions
                ],
            }
            for part in sheet.instrument.parts
        ],
    }


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, TEMPLATE, context, status=status)
    response.headers["Referrer-Policy"] = "same-origin"  # none would fail the check of the origin
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
