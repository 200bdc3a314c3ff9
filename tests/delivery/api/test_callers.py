"""Who calls and how often: tokens, sessions, and the brake."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.delivery.api.client import Api, problem, token_of
from tests.factories import PASSWORD, Cast
from trackline.accounts.models import Setting
from trackline.delivery.api import limits
from trackline.delivery.api.document import document
from trackline.delivery.api.main import api as assembled


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer tl_nonsense",
        "Basic a2F0cmluOng=",
        "tl_nonsense",
        "Bearer é",
        "Bearer " + "x" * 5000,
    ],
)
def test_without_a_known_token_the_answer_is_401(cast: Cast, header: str) -> None:
    refused = Api().get("/accounts", Authorization=header.encode().decode("latin-1"))
    problem(refused, 401)
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Trackline"'


def test_the_scheme_is_read_in_any_case(cast: Cast) -> None:
    assert Api().get("/me", Authorization=f"bearer {token_of(cast.owner)}").status_code == 200


def test_a_token_costs_one_query_and_touches_no_session(cast: Cast) -> None:
    api = Api(cast.owner)
    api.get("/me")
    with CaptureQueriesContext(connection) as queries:
        answered = api.get(f"/accounts/{cast.account.pk}")
    assert len(queries) == 3, [query["sql"] for query in queries]
    assert not answered.cookies
    assert answered.headers["X-Content-Type-Options"] == "nosniff"


def signed_in(cast: Cast) -> Client:
    """Return a browser in which the owner is signed in."""
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username="katrin", password=PASSWORD)
    return browser


def test_a_session_reads_at_once_and_writes_with_the_csrf_token(cast: Cast) -> None:
    browser, path = signed_in(cast), f"/api/v1/accounts/{cast.account.pk}"
    assert browser.get(path).json()["tier"] == 1
    change: dict[str, Any] = {"data": '{"tier": 2}', "content_type": "application/json"}
    assert "X-CSRFToken" in problem(browser.patch(path, **change), 403)["detail"]
    problem(browser.patch(path, headers={"X-CSRFToken": "x" * 32}, **change), 403)
    problem(browser.delete(path), 403)
    problem(browser.post("/api/v1/accounts", '{"name": "x"}', content_type="application/json"), 403)
    assert browser.get(path).json()["tier"] == 1
    page = browser.get("/api/v1/docs")
    assert page.status_code == 200
    token = page.context["csrf_token"]
    assert browser.patch(path, headers={"X-CSRFToken": str(token)}, **change).json()["tier"] == 2


def test_a_session_is_not_taken_where_a_token_is_wrong(cast: Cast) -> None:
    problem(signed_in(cast).get("/api/v1/accounts", headers={"Authorization": "Bearer tl_nonsense"}), 401)


def test_the_page_shows_every_group_and_runs_no_inline_script(cast: Cast) -> None:
    browser = signed_in(cast)
    index = browser.get("/api/v1/docs")
    assert "default-src 'self'" in index.headers["Content-Security-Policy"]
    groups = re.findall(r'href="(/api/v1/docs/[^"]+)"', index.content.decode())
    assert len(groups) == len(set(groups)) > 40
    forms = 0
    for address in groups:
        text = browser.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|(?:src|href)=\"https?:", text), address
        forms += text.count('class="form api-try"')
    assert forms == sum(len(methods) for methods in document(assembled)["paths"].values())
    assert browser.get("/api/v1/docs/nothing").status_code == 404


def test_tags_stay_strong_on_the_way_to_a_browser(cast: Cast) -> None:
    browser = signed_in(cast)
    read = browser.get(f"/api/v1/accounts/{cast.account.pk}", headers={"Accept-Encoding": "gzip"})
    assert read.headers["Content-Encoding"] == "gzip"
    assert not read.headers["ETag"].startswith("W/")


def test_calls_beyond_the_limit_wait(cast: Cast, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    api, other = Api(cast.owner), Api(cast.teammate)
    for left in (2, 1, 0):
        answered = api.get("/me")
        assert answered.status_code == 200
        assert (answered.headers["RateLimit-Limit"], answered.headers["RateLimit-Remaining"]) == ("3", str(left))
    refused = api.get("/me")
    problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert other.get("/me").status_code == 200
    limits.windows.clear()
    assert api.get("/me").status_code == 200


def test_zero_is_no_limit(cast: Cast, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 0
    answered = Api(cast.owner).get("/me")
    assert "RateLimit-Limit" not in answered.headers


def test_guessing_tokens_is_stopped_and_hurts_nobody_else(cast: Cast) -> None:
    for _ in range(limits.FAILURES_PER_WINDOW):
        problem(Api(bearer="tl_guess").get("/me"), 401)
    problem(Api(bearer="tl_guess").get("/me"), 429)
    assert Api(cast.owner).get("/me").status_code == 200


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2026-11-26"), ("America/New_York", "2026-11-25")])
def test_a_call_reads_the_day_in_the_zone_of_the_book(
    cast: Cast, zone: str, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Setting.objects.create(key="book.time_zone", value=zone, valid_from=date(2026, 1, 1), changed_at=timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 25, 23, 30, tzinfo=UTC))
    with timezone.override("UTC"):
        made = Api(cast.owner).post("/notes", {"account": str(cast.account.pk), "title": "Late at night"})
    assert (made.status_code, made.json()["on"]) == (201, day)
