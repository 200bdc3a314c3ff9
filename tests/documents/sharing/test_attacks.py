"""What an outsider with a link, or without one, tries: each attempt gets nothing beyond the page, and stands in the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.documents.sharing.test_leaks import shared
from tests.factories import make, system
from trackline.documents.models import ShareLink, ShareVisit
from trackline.documents.sharing import services
from trackline.documents.sharing.refs import ref_of
from trackline.kickoff.models import Action

pytestmark = pytest.mark.django_db
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
LEVERS = ("include=risks", "fields=sentiment", "search=margin", "order=probability", "format=xlsx", "as_of=2020-01-01", "id=1",
          "expand=account", "edition=full", "q=a", "_method=DELETE")  # fmt: skip
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL")
PATHS = ("", "page", "page.xml", "page.json.bak", "page.xlsx", "page.pdf", "export/pptx", "plan", "review", "accounts/1", "goals/1",
         "../../accounts", "..%2f..%2faccounts", "%2e%2e/%2e%2e/api/v1/accounts", "/page.json", ".git/config", "api/v1/accounts",
         "page.json/", "meetings", "meetings.csv", "a\u202ejson", "%00page.json")  # fmt: skip


def trail(link: ShareLink, what: str = "beyond") -> list[str]:
    return list(ShareVisit.objects.filter(link=link, what=what).order_by("pk").values_list("detail", flat=True))


def other_link(account: Any, **more: Any) -> tuple[ShareLink, str]:
    ctx = system(timezone.now())
    link = make("share_link", ctx=ctx, account=account, title="Another page", may_tick=True, **more)
    return link, services.new_address(ctx, link.pk)


def test_paths_methods_words_and_headers_open_nothing_more_and_are_written_down() -> None:
    _cast, world, link, path = shared(may_tick=True)
    browser = Client()
    plain = browser.get(f"{path}/page.json")
    assert not {"ETag", "Last-Modified"} & set(plain.headers)

    for asked in PATHS:
        answer = browser.get(f"{path}/{asked}")
        assert (answer.status_code, trail(link)[-1:] != []) == (404, True), asked
        assert link.title not in answer.content.decode(), asked
    assert len(trail(link)) == len(PATHS)

    for method in METHODS:
        for file in ("", "/page.json", "/risks"):
            answer = browser.generic(method, path + file)
            assert answer.status_code == 405 and link.title not in answer.content.decode(), method
            assert trail(link)[-1] == f"{method} {file.lstrip('/')}".strip()
    assert [browser.get(f"{path}/{of}").status_code for of in ("password", "comment", "actions/x")] == [405] * 3
    assert trail(link)[-3:] == ["GET password", "GET comment", "GET actions/x"]

    for word in LEVERS:
        assert browser.get(f"{path}/page.json?{word}").content == plain.content, word
        assert trail(link)[-1] == f"?{word.partition('=')[0]}"
    for name in OVERRIDES:
        sent = {name: "/api/v1/accounts" if "URL" in name else "DELETE"}
        assert browser.get(f"{path}/page.json", headers=sent).content == plain.content, name
        assert trail(link)[-1] == name

    before = len(trail(link))
    for sent in ({"If-None-Match": "*"}, {"If-Match": '"1"'}, {"Range": "bytes=0-10"}, {"Accept": "text/csv"}):
        answer = browser.get(f"{path}/page.json", headers=sent)
        assert (answer.status_code, answer.content) == (200, plain.content), sent
    assert browser.head(f"{path}/page.json").content == b""
    assert len(trail(link)) == before
    token = path.removeprefix("/shared/")
    for address in ("/api/v1/accounts", f"/api/v1/share-links/{link.pk}", f"/accounts/{world.cast.account.key}"):
        answer = Client().get(address, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (302, 401), address


def test_one_link_is_no_key_to_another() -> None:
    _cast, world, link, path = shared(may_tick=True)
    action = world.get("action")
    other, there = other_link(world.cast.account, show_actions=False)
    foreign = ref_of(link, "action", action.pk)
    for ref in (foreign, str(action.pk), "1", ref_of(other, "goal", action.pk), ref_of(other, "action", action.pk)):
        assert Client().post(f"{there}/actions/{ref}", {"done": "1"}).status_code == 404, ref
    assert Client().post(f"{path}/actions/{ref_of(other, 'action', action.pk)}", {"done": "1"}).status_code == 404
    assert Action.objects.get(pk=action.pk).status == "open"
    assert [one.partition(" ")[0] for one in trail(other)] == ["tick"] * 5
    assert len(trail(link)) == 1

    ctx = system(timezone.now())
    for each in (link, other):
        services.set_password(ctx, each.pk, "between the two of us")
    browser = Client()
    assert browser.post(f"{path}/password", {"password": "between the two of us"}).status_code == 302
    key = browser.cookies["trackline_shared"].value
    thief = Client()
    thief.cookies["trackline_shared"] = key
    assert thief.get(path).status_code == 200
    assert [thief.get(there + file).status_code for file in ("", "/page.json", "/meetings.ics")] == [401] * 3
    assert thief.post(f"{there}/comment", {"name": "x", "text": "y"}).status_code == 401
    assert trail(other)[-3:] == ["page.json, locked", "meetings.ics, locked", "comment, locked"]
    services.set_password(ctx, link.pk, "another one")
    assert thief.get(path).status_code == 401, "the key of a password that was changed"


def test_after_its_end_a_link_says_nothing_whatever_is_asked() -> None:
    _cast, _world, link, path = shared()
    ShareLink.objects.filter(pk=link.pk).update(expires_on=timezone.localdate() - timedelta(days=2))
    for asked in ("", "/page.json", "/meetings.ics", "/risks"):
        answer = Client().get(path + asked)
        assert answer.status_code == 410 and link.title not in answer.content.decode()
    assert Client().generic("PUT", path).status_code == 405
    assert len(trail(link, "expired")) == 5
    ShareLink.objects.filter(pk=link.pk).update(revoked=True)
    assert [Client().get(path + asked).status_code for asked in ("", "/page.json")] == [410, 410]
    assert trail(link, "void") == ["page revoked"] * 2
    assert not ShareVisit.objects.filter(link=None).exists()


def test_forms_from_elsewhere_do_nothing_and_are_written_down() -> None:
    _cast, world, link, path = shared(may_tick=True, may_comment=True)
    action = world.get("action")
    services.set_password(system(timezone.now()), link.pk, "between the two of us")
    thief = Client(enforce_csrf_checks=True)
    for asked, sent in (
        ("password", {"password": "between the two of us"}),
        (f"actions/{ref_of(link, 'action', action.pk)}", {"done": "1"}),
        ("comment", {"name": "Eva", "text": "Send me the price list"}),
    ):
        answer = thief.post(f"{path}/{asked}", sent, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403 and link.title not in answer.content.decode()
        assert trail(link, "forged")[-1].startswith(f"{asked}: "), asked
    assert not thief.cookies.get("trackline_shared")
    assert Action.objects.get(pk=action.pk).status == "open"
    assert thief.post("/shared/nothing/comment", {"text": "Hello"}).status_code == 404, "nothing is told of addresses"
