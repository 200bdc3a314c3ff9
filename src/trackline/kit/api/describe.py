"""Describing an operation for the OpenAPI document: what it takes, what it answers, what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

_PROBLEMS = {
    400: "The request cannot be read: broken JSON, an unknown filter, a foreign cursor.",
    401: "Nobody is signed in: the token is missing, unknown, expired or revoked.",
    403: "The permission named in the answer is missing.",
    404: "There is no such record, or it is out of the caller's scope.",
    409: "A gate or a state does not allow this now; `errors` name what is missing.",
    412: "Somebody else changed the record since it was read; `current` is what it holds now.",
    413: "The body is larger than the installation takes.",
    415: "The body is not JSON.",
    422: "The input breaks a rule; `errors` name each field.",
    429: "Too many requests; `Retry-After` gives seconds.",
}
_ALWAYS = (400, 401, 403, 429)

IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of the record as read, or `*`. Where the record has moved on, the answer is 412.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of the record as read. Where nothing has changed, the answer is 304 without a body.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Any text of your own, new for each new request. The same request sent again with the same key is "
    "answered as the first time and does nothing; answers are kept for 48 hours.",
}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str, schema: Schema, description: str, **more: Any) -> dict[str, Any]:
    """Describe a query parameter."""
    return {"name": name, "in": "query", "schema": dict(schema), "description": description, **more}


def returns(description: str, schema: Schema | None = None, example: Any = None, **headers: str) -> dict[str, Any]:
    """Describe an answer; `Location="…"` documents a header."""
    out: dict[str, Any] = {"description": description}
    if schema is not None:
        out["content"] = {"application/json": {"schema": dict(schema), "example": example}}
    if headers:
        out["headers"] = {name: {"schema": {"type": "string"}, "description": text} for name, text in headers.items()}
    return out


def operation(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    permission: str | None,
    answers: Mapping[int, Mapping[str, Any]],
    description: str = "",
    parameters: Iterable[Mapping[str, Any]] = (),
    body: Schema | None = None,
    example: Any = None,
    optional_body: bool = False,
    problems: Iterable[int] = (),
) -> dict[str, Any]:
    """Return the keyword arguments that describe an operation to ninja.

    `permission` is what the caller must hold, None where being signed in is enough. `example` is a body that works;
    each answer carries its own.
    """
    listed = {status: dict(details) for status, details in answers.items()}
    for status in sorted({*_ALWAYS, *problems, *((413, 415, 422) if body is not None else ())}):
        listed[status] = {"$ref": f"#/components/responses/{status}"}
    extra: dict[str, Any] = {"parameters": [dict(item) for item in parameters], "responses": listed}
    if permission is not None:
        extra["x-permission"] = permission
    if body is not None:
        content: dict[str, Any] = {"schema": dict(body)}
        if example is not None:
            content["example"] = example
        extra["requestBody"] = {"required": not optional_body, "content": {"application/json": content}}
    needs = f"Needs `{permission}`." if permission else ""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "description": " ".join(part for part in (description, needs) if part),
        "tags": [tag],
        "openapi_extra": extra,
    }


_TITLES = {
    400: ("The request cannot be read", "limit: a whole number from 1 to 200 is expected."),
    401: ("Sign in first", "The token is not known. Create one under Settings, Tokens."),
    403: ("Not allowed", "This needs the permission track:write."),
    404: ("Not found", "There is no account 17."),
    409: ("Not possible now", "Not moved to Pursuing: an expected close date is missing."),
    412: ("Changed by somebody else", "Katrin Vogel changed Tier since you opened it."),
    413: ("Too large", "The body is larger than this installation takes. Send fewer records at once."),
    415: ("Not a kind of content that can be read here", "Send JSON, with the header Content-Type: application/json."),
    422: ("The input is not valid", "name: Needed, but missing."),
    429: ("Too many requests", "At most 6000 calls a minute are answered. Wait 12 seconds."),
}
_ERRORS: Mapping[int, list[dict[str, Any]]] = {
    400: [{"loc": ["query", "limit"], "msg": "not understood"}],
    409: [{"loc": ["expected_close_on"], "msg": "An expected close date is needed."}],
    412: [{"loc": ["tier"], "msg": "changed since"}],
    422: [{"loc": ["name"], "msg": "Needed, but missing."}],
}


def problem_responses() -> dict[str, Any]:
    """Return the problems that operations refer to, by status."""
    return {
        str(status): {
            "description": words,
            "content": {"application/problem+json": {"schema": ref("Problem"), "example": _problem_example(status)}},
        }
        for status, words in _PROBLEMS.items()
    }


def _problem_example(status: int) -> dict[str, Any]:
    title, detail = _TITLES[status]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return {**body, "errors": _ERRORS.get(status, [])}
