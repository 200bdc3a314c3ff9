"""Endpoints of deck templates beyond their records: their files, taken in and given back."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.documents.deck_templates.files import file_of, take_in
from trackline.documents.models import DeckFile
from trackline.kit.api.answers import answer
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import ADMIN, READ
from trackline.kit.problems import Invalid

router = Router()
TAG = "Deck templates"
_FOUND: dict[str, Any] = {
    "width": 960, "height": 540, "dark": False, "fonts": {"heading": "Arial", "body": "Arial"},
    "colours": {"tx1": "1B1A17", "bg1": "FFFFFF", "accent1": "2747C8"},
    "layouts": [
        {"name": "Title Slide", "places": ["title of a cover", "subtitle"], "used_for": ["cover"], "fits": "cover"},
        {"name": "Title Only", "places": ["title", "footer", "number"], "used_for": ["content"], "fits": "content"},
    ],
    "area": {"x": 44, "y": 80, "w": 872, "h": 424}, "title": {"x": 44, "y": 26, "w": 872, "h": 46}, "missing": [],
    "slides_left_out": 3,
}  # fmt: skip
_FILE = {"file": "9f2c51a7d0e4b8836c1d5e7f9a0b2c4d", "name": "corporate.pptx", "size": 184320, "found": _FOUND}
_SCHEMA = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "description": "The fingerprint to name in a deck template."},
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "found": {"type": "object", "description": "Size in points, faces, colours, layouts, and what is missing."},
    },
    "required": ["file", "name", "size", "found"],
}


@router.post(
    "/deck-files",
    **operation(
        "upload_deck_file",
        "Upload the file of a deck template",
        tag=TAG,
        permission=ADMIN,
        description="Checks a .pptx or .potx and keeps it without its slides: `found` says which layouts are used for what, and "
        "what is missing. Name `file` in a deck template within a day, else it is let go. Refused is what holds macros or "
        "controls, loads something from elsewhere, is locked, or has no layout with a title and room beneath it.",
        body={
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 200},
                "content": {
                    "type": "string",
                    "contentEncoding": "base64",
                    "description": "The file, at most 20 MB and as much as a body may hold (`TRACKLINE_MAX_BODY_MB`).",
                },
            },
            "required": ["name", "content"],
            "additionalProperties": False,
        },
        example={"name": "corporate.pptx", "content": "UEsDBBQAAAAIAA=="},
        answers={201: returns("The file.", _SCHEMA, _FILE)},
    ),
)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    body = body_of(request)
    only(body, "name", "content")
    name, content = body.get("name"), body.get("content")
    errors = {}
    if not isinstance(name, str) or not name.strip() or len(name) > 200 or "\x00" in name:
        errors["name"] = "The name of the file is expected."
    try:
        blob = base64.b64decode(content, validate=True) if isinstance(content, str) and content else b""
    except (binascii.Error, ValueError):
        blob = b""
    if not blob:
        errors["content"] = "The file in base64 is expected."
    if errors:
        raise Invalid.fields(errors)
    return answer(_told(take_in(ctx, str(name), blob)), 201)


@router.get(
    "/deck-files/{file}",
    **operation(
        "get_deck_file",
        "File of a deck template",
        tag=TAG,
        permission=READ,
        description="The file by its fingerprint, also one that a template held before: `content` is the .pptx in base64.",
        answers={
            200: returns(
                "The file.",
                {
                    "type": "object",
                    "properties": {**_SCHEMA["properties"], "content": {"type": "string", "contentEncoding": "base64"}},  # type: ignore[dict-item]
                    "required": ["file", "name", "size", "found", "content"],
                },
                {**_FILE, "content": "UEsDBBQ…"},
            )
        },
        problems=(404,),
    ),
)
def download(request: HttpRequest, file: str) -> HttpResponse:
    """Answer a file."""
    ctx = context_of(request)
    ctx.require(READ)
    found = file_of(file)
    return answer({**_told(found), "content": base64.b64encode(bytes(found.content)).decode()})


def _told(file: DeckFile) -> dict[str, Any]:
    return {"file": file.fingerprint, "name": file.name, "size": file.size, "found": file.found}
