"""Shaping an answer: JSON bytes, ETags, problems."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse

from trackline.kit.problems import Problem

_encoder = msgspec.json.Encoder(decimal_format="number")

encode = _encoder.encode
"""Turn JSON-ready values into bytes; decimals become numbers, instants RFC 3339."""


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a JSON answer."""
    return answer_bytes(encode(body), status, headers)


def answer_bytes(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer of JSON that is encoded already."""
    response = HttpResponse(body, status=status, content_type="application/json")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def nothing() -> HttpResponse:
    """Return 204."""
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    return response


def etag(version: int, body: bytes) -> str:
    """Return the strong tag of a record's representation.

    It names the version, which preconditions of writes compare, and a checksum, because computed values (health,
    completeness, progress) change without a write of the record.
    """
    return f'"{version}-{zlib.crc32(body):08x}"'


def version_in(tag: str) -> int | None:
    """Return the version that a tag names, or None for a tag that is not ours."""
    version, _, checksum = tag.partition("-")
    plain = version.isascii() and version.isdecimal() and len(version) < 10 and len(checksum) == 8
    return int(version) if plain else None


def problem_response(problem: Problem) -> HttpResponse:
    """Return `application/problem+json` (RFC 9457)."""
    response = HttpResponse(encode(problem.to_json()), status=problem.status, content_type="application/problem+json")
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response
