"""Reading a request: who asks, the JSON it carries, its preconditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, Invalid, PayloadTooLarge, UnsupportedMediaType

JSON_TYPES = ("application/json", "application/merge-patch+json")

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_ETAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')


def context_of(request: HttpRequest) -> Context:
    """Return the context that authentication put on the request."""
    return cast(Context, request.trackline_context)  # type: ignore[attr-defined]


def query_of(request: HttpRequest) -> dict[str, str]:
    """Return the query parameters; a repeated one reads as a list with commas."""
    return {name: ",".join(values) for name, values in request.GET.lists()}


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of the body, numbers with a point as exact decimals.

    Raises `UnsupportedMediaType` (415), `PayloadTooLarge` (413), `BadRequest` (400) for text that is not JSON, and
    `Invalid` (422) for JSON that is no object.
    """
    content_type = request.content_type or ""
    if content_type not in JSON_TYPES and (content_type or request.META.get("CONTENT_LENGTH") not in (None, "", "0")):
        raise UnsupportedMediaType(
            f"Send JSON, with the header Content-Type: application/json; this came as {content_type[:80] or 'nothing'}."
        )
    try:
        text = request.body
    except RequestDataTooBig:
        raise PayloadTooLarge("The body is larger than this installation takes. Send fewer records at once.") from None
    except UnreadablePostError:
        raise BadRequest("The body broke off.") from None
    try:
        body = _decoder.decode(text)
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except ArithmeticError:
        raise BadRequest("The body holds a number beyond what can be read.") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise BadRequest(f"The body is not JSON: {error}." if text else "A JSON object is expected.") from None
    if not isinstance(body, dict):
        raise Invalid("A JSON object is expected.", [{"loc": [], "msg": "A JSON object is expected."}])
    return body


def only(body: Mapping[str, Any], *names: str) -> None:
    """Raise `Invalid` where the body holds a field that the endpoint does not know."""
    unknown = dict.fromkeys(sorted(set(body) - set(names)), "There is no such field.")
    if unknown:
        raise Invalid.fields(unknown)


def etags_of(request: HttpRequest, header: str) -> list[str] | None:
    """Return the tags of `If-Match` or `If-None-Match`, `["*"]` for any, None where the header is absent.

    Weak tags of `If-Match` are left out: they never match (RFC 9110 §13.1.1). Raises `BadRequest` for anything else.
    """
    text = request.headers.get(header)
    if text is None:
        return None
    if text.strip() == "*":
        return ["*"]
    tags, at = [], 0
    while at < len(text):
        found = _ETAG.match(text, at)
        if found is None:
            raise BadRequest(
                f"{header}: the ETag of the record is expected, in double quotes, or *.",
                [{"loc": ["header", header], "msg": "not understood"}],
            )
        if not found[1] or header != "If-Match":
            tags.append(found[2])
        at = found.end()
    return tags
