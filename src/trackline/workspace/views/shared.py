"""The page a customer sees, behind a secret address: no sign-in, and nothing on it but what `documents/sharing` lets out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from trackline.accounts.held import read_once
from trackline.accounts.models import User
from trackline.accounts.settings import book_zone, setting
from trackline.documents.models import PlanSignOff, ShareLink, ShareVisit
from trackline.documents.sharing import opening, visits
from trackline.documents.sharing import plan as signing
from trackline.documents.sharing.calendar import calendar_of
from trackline.documents.sharing.caller import Caller, refuse
from trackline.documents.sharing.page import SharedPage, account_of
from trackline.documents.sharing.plan import SharedPlan, Word, opened, shared_plan
from trackline.kit.api.answers import encode
from trackline.kit.csrf import require_csrf
from trackline.kit.problems import Forbidden, Invalid, Problem
from trackline.workspace.downloads import paper_download
from trackline.workspace.queries.shared import glance_of, goals_of, meetings_of
from trackline.workspace.views.calendar import ICS
from trackline.workspace.web import address_of

TEMPLATE, PLAN = "workspace/shared/page.html", "workspace/shared/plan.html"
COOKIE = "trackline_shared"
LEVERS = frozenset(
    [
        "account",
        "as_of",
        "cursor",
        "edition",
        "expand",
        "fields",
        "filter",
        "format",
        "id",
        "include",
        "limit",
        "link",
        "offset",
        "order",
        "page",
        "q",
        "search",
        "select",
        "sort",
        "token",
        "_method",
    ]
)
"""Words in an address by which an API gives more; a page for a customer knows none of them."""
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL")
"""Headers by which a request asks to be taken for another one."""
Shown = Callable[[HttpRequest, ShareLink, Caller, str], HttpResponse]


def _shared(*methods: str, locked: bool = False) -> Callable[[Shown], Callable[..., HttpResponse]]:
    """Make a view of what happens with an open link; a `Problem` becomes a page. `locked` views answer before the password."""

    def decorate(view: Shown) -> Callable[..., HttpResponse]:
        @login_not_required
        @csrf_exempt  # checked below, so that a forged one stands in the trail
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, token: str, rest: str = "") -> HttpResponse:
            caller = _caller(request)
            with read_once(), timezone.override(book_zone()):
                try:
                    link = opening.find(token, caller)
                    asked = request.path.partition(token)[2].lstrip("/")
                    if request.method not in methods:
                        raise refuse(link, caller, f"{request.method} {asked}".strip())
                    _require_own(request, link, caller, asked)
                    if not locked and opening.is_locked(link, caller):
                        if asked:
                            refuse(link, caller, f"{asked}, locked")
                        response = _render(request, {"locked": True, "base": _base(token)}, 401)
                    else:
                        if tried := _tried(request):
                            refuse(link, caller, tried)
                        response = view(request, link, caller, rest)
                except Problem as problem:
                    response = _render(request, {"problem": problem.detail}, problem.status)
                    for name, value in problem.headers.items():
                        response.headers[name] = value
            if request.method not in methods:
                response.status_code, response.headers["Allow"] = 405, ", ".join(methods)
            response.headers["Referrer-Policy"] = "same-origin"  # none would fail the check of the origin
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return wrapped

    return decorate


def _caller(request: HttpRequest) -> Caller:
    of_us = request.user.name if isinstance(request.user, User) else ""
    return Caller(timezone.now(), address_of(request), request.COOKIES.get(COOKIE, ""), of_us)


def _require_own(request: HttpRequest, link: ShareLink, caller: Caller, asked: str) -> None:
    """Refuse, and write down, a form that another site sent, or one older than the browser's memory."""
    try:
        require_csrf(request)
    except Forbidden as problem:
        visits.note(link, ShareVisit.What.FORGED, caller.now, caller.address, f"{asked}: {problem.detail}")
        raise Forbidden(
            "This did not come from the page itself. Open the page again, and send it from there."
        ) from None


def _tried(request: HttpRequest) -> str:
    """Return by what a caller tries to get more than the page, empty where they do not; it is never heeded."""
    asked = [f"?{name}" for name in request.GET if name.lower() in LEVERS]
    return " ".join([*asked, *(name for name in OVERRIDES if name in request.headers)])


@_shared("GET", "HEAD")
def page(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Show the page."""
    return _render(request, _facts(request, link, opening.show(link, caller)))


@_shared("POST", locked=True)
def unlock(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Take the password; the page stays open in this browser for some hours."""
    back = _back(request)
    try:
        key = opening.unlock(link, caller, request.POST.get("password", ""))
    except Invalid as problem:
        return _render(request, {"locked": True, "base": back, "wrong": problem.errors[0]["msg"]}, 422)
    response = HttpResponseRedirect(back)
    response.set_cookie(
        COOKIE,
        key,
        max_age=timedelta(seconds=opening.UNLOCKED_SECONDS),
        path=back,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@_shared("POST")
def tick(request: HttpRequest, link: ShareLink, caller: Caller, rest: str) -> HttpResponse:
    """Mark an action as done, or open again."""
    opening.tick(link, caller, rest, request.POST.get("done") == "1")
    return HttpResponseRedirect(f"{_back(request)}#actions")


@_shared("POST")
def comment(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Take a comment."""
    name, text = request.POST.get("name", ""), request.POST.get("text", "")
    try:
        opening.comment(link, caller, name, text)
    except Invalid as problem:
        wrong = {str(error["loc"][-1]): error["msg"] for error in problem.errors}
        shown = _facts(request, link, opening.show(link, caller))
        return _render(request, shown | {"wrong": wrong, "name": name, "text": text}, 422)
    return HttpResponseRedirect(f"{_back(request)}?said=1#comment")


@_shared("GET", "HEAD")
def plan(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Show the plan, with the place to sign where it waits for that."""
    found = _plan_of(link, caller, "plan")
    visits.note(
        link, ShareVisit.What.OPENED, caller.now, caller.address, " ".join(filter(None, ["plan", caller.by_us]))
    )
    if request.method == "GET":
        opened(link, caller, found)
    return _render_plan(request, link, found, {})


@_shared("GET", "HEAD")
def plan_file(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Hand out the plan as PDF."""
    found = _plan_of(link, caller, "plan.pdf")
    visits.note(
        link, ShareVisit.What.FILE, caller.now, caller.address, " ".join(filter(None, ["plan.pdf", caller.by_us]))
    )
    return paper_download(found.paper, "pdf", "plan")


@_shared("POST")
def sign(request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Take the customer's word on the plan."""
    given = {
        name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("name", "role", "decision", "note")
    }
    word = Word(request.POST.get("version", ""), **given, consent=request.POST.get("consent") == "1")
    try:
        signing.sign(link, caller, word)
    except Invalid as problem:
        wrong = {str(error["loc"][-1]): error["msg"] for error in problem.errors}
        return _render_plan(request, link, _plan_of(link, caller, "sign"), {"wrong": wrong, "word": word}, 422)
    return HttpResponseRedirect(f"{_back(request)}/plan?signed=1#signatures")


@_shared("GET", "HEAD")
def as_json(_request: HttpRequest, link: ShareLink, caller: Caller, _rest: str) -> HttpResponse:
    """Hand out what stands on the page as JSON."""
    body = encode(opening.show(link, caller, "page.json").to_json())
    return HttpResponse(body, content_type="application/json")


@_shared("GET", "HEAD")
def meetings(request: HttpRequest, link: ShareLink, caller: Caller, rest: str) -> HttpResponse:
    """Hand out the meetings as a calendar file."""
    if not link.show_meetings:
        raise refuse(link, caller, "meetings.ics")
    body = calendar_of(link, opening.show(link, caller, "meetings.ics"), caller.now)
    headers = {"Content-Disposition": 'attachment; filename="meetings.ics"'}
    return HttpResponse(body, content_type=ICS, headers=headers)


@_shared("GET", "HEAD", "POST")
def beyond(_request: HttpRequest, link: ShareLink, caller: Caller, rest: str) -> HttpResponse:
    """Refuse, and write down, whatever else is asked of a link."""
    raise refuse(link, caller, rest)


def _plan_of(link: ShareLink, caller: Caller, asked: str) -> SharedPlan:
    found = shared_plan(link)
    if found is None:
        raise refuse(link, caller, asked)
    return found


def _render_plan(
    request: HttpRequest, link: ShareLink, found: SharedPlan, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        "plan": found,
        "paper": found.paper,
        "account": account_of(link),
        "base": _base(request.path.split("/")[2]),
        "consent": setting("share.consent"),
        "decisions": PlanSignOff.Decision.choices,
        "signed": request.GET.get("signed") == "1",
    }
    return render(request, PLAN, context | more, status=status)


def _facts(request: HttpRequest, link: ShareLink, page: SharedPage) -> dict[str, Any]:
    return {
        "page": page,
        "goals": goals_of(page),
        "glance": glance_of(page),
        "meetings": meetings_of(page),
        "link": {"may_comment": link.may_comment},
        "base": _base(request.path.split("/")[2]),
        "said": request.GET.get("said") == "1",
        "today": page.as_of,
    }


def _base(token: str) -> str:
    return f"/shared/{token}"


def _back(request: HttpRequest) -> str:
    return _base(request.path.split("/")[2])


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, TEMPLATE, context, status=status)
