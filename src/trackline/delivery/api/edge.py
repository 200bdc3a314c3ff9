"""The edge of the API: a short way for programs, and every failure below `/api/` as a problem.

A request with an `Authorization` header needs no session, no CSRF token, no page middleware; it goes straight to its
endpoint. What Django itself refuses (unknown address, wrong method, oversized body, a crash) is answered in HTML for
pages; here it becomes `application/problem+json`.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import cast

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.urls import resolve

from trackline.delivery.api import limits
from trackline.delivery.middleware import API_PREFIX
from trackline.kit.api.answers import problem_response
from trackline.kit.problems import BadRequest, Forbidden, NotFound, Problem
from trackline.kit.records.types import registry

PART = 256 * 1024
MOST_FORGOTTEN = 64 * 1024 * 1024
"""Bytes of a refused body that are taken off the line; whoever sends more sees the connection end."""

Handler = Callable[[HttpRequest], HttpResponseBase]


class MethodNotAllowed(Problem):
    """The address knows other methods."""

    status = 405
    title = "Not a method of this address"


class Failure(Problem):
    """A fault of ours."""

    status = 500
    title = "Something went wrong here"


def edge(get_response: Handler) -> Handler:
    """Answer what concerns the API; leave everything else to the pages."""

    def straight(request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # refuses hosts that are not allowed
        match = resolve(request.path_info)
        request.resolver_match = match
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return answer

    guarded = cast(Handler, convert_exception_to_response(straight))

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(API_PREFIX):
            return get_response(request)
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        response = guarded(request) if "HTTP_AUTHORIZATION" in request.META else get_response(request)
        if not isinstance(response, HttpResponse):
            return response
        if response.status_code >= 400:
            _take_the_rest(request)
            response = _as_problem(request, response)
        # Compression on the way through the pages' middleware weakens tags, but a precondition needs them strong.
        if response.headers.get("ETag", "").startswith("W/"):
            response.headers["ETag"] = response.headers["ETag"].removeprefix("W/")
        limits.add_headers(request, response)
        if response.status_code not in (204, 304):
            response.headers["Content-Length"] = str(len(response.content))
        if head:
            response.content = b""
        return response

    return middleware


def _take_the_rest(request: HttpRequest) -> None:
    """Read and forget what is left of a body: a program that is still sending does not look for an answer."""
    left = MOST_FORGOTTEN
    try:
        while left > 0 and (part := request.read(PART)):
            left -= len(part)
    except (OSError, RawPostDataException):
        pass  # the caller hung up, or the body was read whole


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.headers.get("Content-Type") == "application/problem+json":
        return response
    problem = _problem_of(request, response)
    made = problem_response(problem)
    if "Allow" in response.headers:
        made.headers["Allow"] = ", ".join(sorted(part.strip() for part in response.headers["Allow"].split(",")))
    return made


def _problem_of(request: HttpRequest, response: HttpResponse) -> Problem:
    status = response.status_code
    if status == 404:
        return NotFound(f"There is no address {request.path[:200]}.{_hint(request)}")
    if status == 405:
        return MethodNotAllowed(f"{request.method} is not answered here.")
    if status == 403:
        return Forbidden("The request was refused.")
    if status >= 500:
        return Failure(
            "The fault is noted in the log of this installation. Try again; if it stays, tell its administrator."
        )
    return BadRequest("The request cannot be read.")


def _hint(request: HttpRequest) -> str:
    word = request.path_info.removeprefix(f"{API_PREFIX}v1/").split("/")[0]
    near = get_close_matches(word, [rtype.resource for rtype in registry.all()], 1)
    if near and near[0] != word:
        return f" Did you mean {near[0]}?"
    return " All addresses stand in /api/v1/openapi.json."
