"""Opening, unlocking, ticking, commenting: what works, what is refused, and that each attempt stands in the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.documents.sharing.test_leaks import shared
from tests.factories import as_user, make, system
from trackline.accounts.access import digest
from trackline.documents.models import ShareLink, ShareSecret, ShareVisit
from trackline.documents.sharing import services
from trackline.documents.sharing.page import page_of
from trackline.documents.sharing.visits import network_of
from trackline.kickoff.models import Action
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.track.models import Note
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db
LINK = "share_link"


def trail() -> list[str]:
    return list(ShareVisit.objects.order_by("pk").values_list("what", flat=True))


def test_a_page_opens_counts_and_says_nothing_to_caches_or_robots() -> None:
    _cast, _world, link, path = shared()
    response = Client().get(path, REMOTE_ADDR="203.0.113.77")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    link.refresh_from_db()
    assert (link.views, link.version) == (1, 1)
    assert ShareVisit.objects.get(what="opened").network == "203.0.113.0/24"
    assert ShareSecret.objects.get().digest == digest(path.removeprefix("/shared/"))
    assert path.removeprefix("/shared/") not in str(list(Change.objects.values()))


def test_guesses_are_written_down_and_slowed() -> None:
    client = Client()
    assert [client.get(f"/shared/guess{n}").status_code for n in range(6)] == [404] * 5 + [429]
    assert trail() == ["unknown"] * 5 + ["slowed"]


def test_what_is_asked_beyond_the_page_is_refused_and_written_down() -> None:
    _cast, world, link, path = shared(show_meetings=False)
    action = world.get("action")
    assert Client().get(f"{path}/accounts/1").status_code == 404
    assert Client().get(f"{path}/meetings.ics").status_code == 404
    assert Client().post(f"{path}/actions/{action.pk}", {"done": "1"}).status_code == 404
    assert Client().post(f"{path}/comment", {"name": "Eva", "text": "Hello"}).status_code == 403
    assert trail()[1:] == ["beyond"] * 4
    action.refresh_from_db()
    assert action.status == "open"
    assert not Note.objects.filter(tags__icontains="customer page").exists()
    assert "meetings" not in page_of(link, timezone.localdate()).to_json()


def test_an_administrator_sees_every_attempt_that_got_nothing() -> None:
    cast, _world, link, path = shared()
    slip = f"{path}x"
    assert Client().get(slip, REMOTE_ADDR="203.0.113.77").status_code == 404
    assert Client().get(f"{path}/accounts/1").status_code == 404
    assert Client().get(path).status_code == 200
    records.delete(as_user(cast.owner, timezone.now()), registry.get(LINK), link.pk)
    assert Client().get(path).status_code == 410

    admin = as_user(cast.admin, timezone.now())
    assert [one.what for one in services.attempts(admin)] == ["void", "beyond", "unknown"]
    assert services.standing_of_attempts(admin) == {"attempts": 3, "unknown": 1, "networks": 2}
    with pytest.raises(Forbidden):
        services.attempts(as_user(cast.owner, timezone.now()))

    problem(Api().call("GET", "/share-attempts"), 401)
    for person in (cast.owner, cast.facilitator, cast.outsider):
        problem(Api(person).call("GET", "/share-attempts"), 403)
    items = Api(cast.admin).get("/share-attempts").json()["items"]
    assert [(one["what"], one["share_link"]) for one in items] == [
        ("void", str(link.pk)), ("beyond", str(link.pk)), ("unknown", None)
    ]  # fmt: skip
    client = Client()
    client.force_login(cast.admin)
    text = client.get("/settings/shared-pages").content.decode()
    assert "Address not known" in text and "203.0.113.0/24" in text and link.title in text
    assert path.removeprefix("/shared/") not in text, "a slip is not kept: the rest of it is the secret"
    first = ShareVisit.objects.order_by("pk").get(what="beyond")
    older = client.get(f"/settings/shared-pages?before={first.pk}").content.decode()
    assert "Address not known" in older and link.title not in older
    assert client.get("/settings/shared-pages?before=nothing").status_code == 200
    client.force_login(cast.owner)
    assert client.get("/settings/shared-pages").status_code == 403


def test_ends_revoked_and_replaced_addresses_open_nothing() -> None:
    cast, _world, link, path = shared()
    ctx = as_user(cast.owner, timezone.now())
    fresh = services.new_address(ctx, link.pk)
    assert Client().get(path).status_code == 410
    ShareLink.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert Client().get(fresh).status_code == 410
    with pytest.raises(Refused):
        services.new_address(ctx, link.pk)
    ShareLink.objects.update(expires_on=timezone.localdate())
    assert Client().get(fresh).status_code == 200
    revoked = records.update(ctx, registry.get(LINK), link.pk, {"revoked": True})
    assert Client().get(fresh).status_code == 410
    records.undo(ctx, revoked.last_change.pk)
    assert Client().get(fresh).status_code == 410, "undo brings no address back"
    assert trail() == ["address", "address", "void", "expired", "opened", "revoked", "void", "void"]
    assert set(ShareVisit.objects.values_list("link", flat=True)) == {link.pk}, "each stands with its account"
    told = list(ShareVisit.objects.filter(what="void").order_by("pk").values_list("detail", flat=True))
    assert told[:2] == ["replaced by a newer address", "page revoked"]


def test_a_password_is_asked_for_and_wrong_ones_are_slowed() -> None:
    cast, _world, link, path = shared()
    ctx = as_user(cast.owner, timezone.now())
    with pytest.raises(Invalid):
        services.set_password(ctx, link.pk, "short")
    services.set_password(ctx, link.pk, "between us two")
    assert "between us two" not in ShareSecret.objects.get().password
    client = Client()
    assert client.get(path).status_code == 401
    assert client.get(f"{path}/page.json").status_code == 401
    assert client.get(f"{path}/page.json")["Content-Type"].startswith("text/html")
    assert client.post(f"{path}/password", {"password": "guess"}).status_code == 422
    assert client.post(f"{path}/password", {"password": "between us two"}).status_code == 302
    assert client.cookies["trackline_shared"]["path"] == path
    assert client.get(path).status_code == 200
    services.set_password(ctx, link.pk, "another one of ours")
    assert client.get(path).status_code == 401, "another password locks it again"
    wrong = [client.post(f"{path}/password", {"password": "guess"}).status_code for _ in range(6)]
    assert wrong == [422] * 5 + [429]
    assert trail().count("wrong_password") == 6


def test_the_customer_ticks_actions_of_their_side_and_the_owner_is_told() -> None:
    cast, world, link, path = shared(may_tick=True)
    action, ours = world.get("action"), world.make("action", title="Ours", joint=True)
    shown = page_of(link, timezone.localdate()).actions or ()
    assert {one.pk: one.tickable for one in shown} == {action.pk: True, ours.pk: False}
    ref = next(one.ref for one in shown if one.pk == action.pk)
    assert Client().post(f"{path}/actions/{ref}", {"done": "1"}).status_code == 302
    assert Action.objects.get(pk=action.pk).status == "done"
    alert = Alert.objects.get(rule="customer_page")
    assert (alert.owner, alert.severity) == (cast.owner, "info")
    assert Change.objects.filter(record_type="action", note__contains="You and us").exists()
    Client().post(f"{path}/actions/{ref}", {"done": "0"})
    assert Action.objects.get(pk=action.pk).status == "open"
    assert trail()[1:] == ["ticked", "unticked"]


def test_a_comment_becomes_a_note_and_the_owner_is_told() -> None:
    cast, _world, _link, path = shared(may_comment=True)
    bad = Client().post(f"{path}/comment", {"name": "", "text": ""})
    assert bad.status_code == 422
    assert "Please say who you are." in bad.content.decode()
    body = {"name": "Eva Lund", "text": "<b>Line 4</b> first, please"}
    assert Client().post(f"{path}/comment", body)["Location"] == f"{path}?said=1#comment"
    note = Note.objects.get(title__startswith="Comment of Eva Lund")
    assert (note.body, note.tags, note.account) == ("<b>Line 4</b> first, please", ["customer page"], cast.account)
    assert Alert.objects.get(rule="customer_page").owner == cast.owner


def test_who_may_share() -> None:
    cast, _world, link, _path = shared()
    with pytest.raises(Forbidden):
        services.new_address(as_user(cast.facilitator), link.pk)
    with pytest.raises(NotFound):
        services.new_address(as_user(cast.outsider), link.pk)


def test_a_page_opens_for_a_year_at_most_and_shows_no_kpi_of_ours() -> None:
    cast, world, link, _path = shared()
    ctx = system(timezone.now())
    inside = world.make("kpi", name="Gross margin")
    for change in ({"expires_on": ctx.today + timedelta(days=400)}, {"kpis": [inside.pk]}):
        with pytest.raises(Invalid):
            records.update(ctx, registry.get(LINK), link.pk, change)
    new = make(LINK, ctx=ctx, account=cast.account, title="Next")
    assert new.expires_on == ctx.today + timedelta(days=90)


def test_an_address_is_coarse() -> None:
    assert network_of("203.0.113.77") == "203.0.113.0/24"
    assert network_of("2001:db8:1234:5678::1") == "2001:db8:1234::/48"
    assert network_of("somewhere") == ""
