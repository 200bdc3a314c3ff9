"""`Idempotency-Key` of a request: its work is done once, and the answer is given again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from trackline.kit import idempotency
from trackline.kit.idempotency import Stored
from trackline.kit.policy import Context

KEPT_HEADERS = ("Location", "ETag")

_canonical = msgspec.json.Encoder(order="sorted")


def once(
    request: HttpRequest,
    ctx: Context,
    body: Mapping[str, Any],
    work: Callable[[], HttpResponse],
    *,
    recheck: Callable[[Mapping[str, str]], object] = lambda _headers: None,
) -> HttpResponse:
    """Answer with `work`, or, where the request carries a key that was answered before, with that answer.

    `recheck` gets the headers of an answer that is given again, and raises where the caller may no longer see it.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()

    def stored() -> Stored:
        response = work()
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        return Stored(response.status_code, response.content, kept)

    print_ = idempotency.fingerprint(request.method or "", request.path, _canonical.encode(body))
    found = idempotency.once(ctx, key, print_, stored)
    response = HttpResponse(
        found.body, status=found.status, content_type="application/json", headers=dict(found.headers)
    )
    if found.replayed:
        recheck(found.headers)
        response.headers["Idempotency-Replayed"] = "true"
    return response
