"""A program that calls the API: Django's test client with a token."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.factories import as_user
from trackline.accounts.models import User
from trackline.accounts.services import create_token

PROBLEM = "application/problem+json"


def token_of(user: User, *scopes: str) -> str:
    """Make a token of a user; without scopes one that holds all the user may."""
    ctx = as_user(user, timezone.now())
    _, bearer = create_token(ctx, user, scopes or sorted(ctx.actor.permissions))
    return bearer


class Api:
    """Calls under `/api/v1`, each returning Django's response."""

    def __init__(self, user: User | None = None, *scopes: str, bearer: str = "") -> None:
        self.client = Client(raise_request_exception=True)
        self.bearer = bearer or (token_of(user, *scopes) if user else "")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; a body that is text or bytes goes out as it is."""
        if self.bearer:
            headers.setdefault("Authorization", f"Bearer {self.bearer}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = named.pop("Content-Type", "application/json")
        data = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1{path}", data, content_type=content_type, headers=named)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """PATCH."""
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path, **headers)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Make a record that must be taken."""
        response = self.post(path, body)
        assert response.status_code == 201, response.content
        found: dict[str, Any] = response.json()
        return found


def problem(response: HttpResponse, status: int) -> dict[str, Any]:
    """Return the problem of an answer, which must have this status."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    assert response.headers["Content-Type"] == PROBLEM
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["detail"]
    assert isinstance(body["errors"], list)
    return body
