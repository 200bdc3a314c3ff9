"""The OpenAPI document: what ninja knows of the operations, with the schemas of the records."""

from __future__ import annotations

from functools import cache
from typing import Any

from ninja import NinjaAPI

from trackline.delivery.api import schemas
from trackline.kit.api.describe import problem_responses
from trackline.kit.records.types import registry

FACTS = (
    (
        "Sign in",
        "Send `Authorization: Bearer <token>`. Tokens are made under Settings, or with `trackline token create`. A token "
        "holds `track:read`, `track:write` or `track:admin`, and never more than its owner. Calls from this page use your "
        "session.",
    ),
    ("Lists", 'They answer `{"items": […], "next": "<cursor or null>"}`; send `next` as `cursor` for the next page.'),
    (
        "Changes",
        "Records carry an `ETag`. Send it as `If-Match` with a change, and nobody's work is overwritten: where the record "
        "has moved on, the answer is 412 with what it holds now.",
    ),
    ("Repeats", "A `POST` with an `Idempotency-Key` is done once, however often it is sent."),
    (
        "Values",
        "Ids are opaque text. Money is a number with a currency beside it, percentages are percentage points, dates are "
        "`YYYY-MM-DD`, instants RFC 3339 in UTC.",
    ),
    (
        "Errors",
        "They are `application/problem+json`: `detail` is a sentence, `errors` name each field as "
        '`{"loc": ["arr"], "msg": "…"}`; `loc` is the path to the field in the body, or starts with `query` or `header`.',
    ),
)
"""What holds for every operation: heading and sentence, code in backticks."""

INTRODUCTION = "Everything in Trackline, for programs.\n\n" + "\n".join(
    f"* **{title}**: {words}" for title, words in FACTS
)

_CHANGE_PROPERTIES: dict[str, Any] = {
    "id": {"type": "string"},
    "at": {"type": "string", "format": "date-time"},
    "by": {
        "type": ["object", "null"],
        "description": "Who; null for Trackline itself.",
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    },
    "via": {"type": "string", "enum": ["web", "api", "cli", "agent", "import", "system"]},
    "action": {"type": "string", "enum": ["create", "update", "delete", "restore"]},
    "record": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "resource": {"type": ["string", "null"]},
            "id": {"type": "string"},
            "title": {"type": "string"},
        },
    },
    "version": {"type": "integer", "description": "The record's version after this change."},
    "note": {"type": "string", "description": "The reason that was given."},
    "batch": {"type": ["string", "null"], "description": "Changes of one act, an import or a cascade, share it."},
    "changes": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"field": {"type": "string"}, "from": {}, "to": {}},
            "required": ["field", "from", "to"],
        },
    },
}
SHARED_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457. Some problems carry more members: `permission`, `current`, `current_version`, `rule`.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                        "msg": {"type": "string"},
                    },
                    "required": ["loc", "msg"],
                },
            },
        },
        "required": ["type", "title", "status", "detail", "errors"],
    },
    "Change": {"type": "object", "properties": _CHANGE_PROPERTIES, "required": [*_CHANGE_PROPERTIES]},
    "ChangePage": {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "next": {"type": ["string", "null"]},
        },
        "required": ["items", "next"],
    },
}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of Settings, Tokens."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "trackline_session",
        "description": "Of a signed-in browser.",
    },
}


@cache
def document(api: NinjaAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; made once in each process."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="api/v1/"))
    components = SHARED_SCHEMAS | {}
    for rtype in registry.all():
        components |= schemas.components(rtype)
    made["components"] = {
        "schemas": components | made["components"]["schemas"],
        "responses": problem_responses(),
        "securitySchemes": SECURITY,
    }
    made["security"] = [{"token": []}, {"session": []}]
    made["tags"] = [{"name": rtype.labels, "description": rtype.about} for rtype in registry.all()]
    for methods in made["paths"].values():
        for operation in methods.values():
            if operation["responses"].get(200) == {"description": "OK"}:
                del operation["responses"][200]  # ninja's own, where an operation answers 201 or 204
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {"type": "string"}
                    parameter.setdefault("example", "42")
    return made
