"""Signing in: who gets in, where to, and what the page tells a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD, make_user
from trackline.accounts.models import FailedSignIn, User
from trackline.accounts.services import sign_in as attempts

pytestmark = pytest.mark.django_db


def post(client: Client, name: str = "katrin", password: str = PASSWORD, **more: str):
    return client.post("/sign-in", {"username": name, "password": password, **more})


def test_a_page_sends_strangers_to_the_form_and_back(client: Client) -> None:
    make_user("katrin")
    away = client.get("/settings/me?x=1")
    assert away.status_code == 302
    assert away.headers["Location"] == "/sign-in?next=/settings/me%3Fx%3D1"
    assert b'value="/settings/me?x=1"' in client.get(away.headers["Location"]).content
    back = post(client, next="/settings/me?x=1")
    assert (back.status_code, back.headers["Location"]) == (302, "/settings/me?x=1")


def test_the_name_is_matched_without_regard_to_case(client: Client) -> None:
    make_user("katrin")
    assert post(client, "KATRIN").headers["Location"] == "/"


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_it_never_leads_to_another_site(client: Client, url: str) -> None:
    make_user("katrin")
    assert post(client, next=url).headers["Location"] == "/"


def test_a_failure_does_not_tell_which_part_was_wrong(client: Client) -> None:
    make_user("katrin")
    gone = make_user("tim")
    User.objects.filter(pk=gone.pk).update(active=False)
    texts = set()
    for name, password in (("katrin", "wrong"), ("nobody", PASSWORD), ("tim", PASSWORD), ("", "")):
        answer = post(client, name, password)
        assert answer.status_code == 422
        texts.add(answer.context["problem"])
    assert len(texts) == 1


def test_a_person_without_a_password_cannot_sign_in(client: Client) -> None:
    user = make_user("katrin")
    user.set_unusable_password()
    user.save()
    assert post(client, password="").status_code == 422


def test_guessing_is_slowed_down_for_the_name_and_address_only(client: Client) -> None:
    make_user("katrin")
    make_user("tim")
    for _ in range(attempts.PER_NAME):
        assert post(client, password="guess").status_code == 422
    blocked = post(client)
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) <= attempts.WINDOW.total_seconds()
    assert b"Too many attempts" in blocked.content
    assert post(client, "Tim").status_code == 302
    client.post("/sign-out")
    assert (
        client.post("/sign-in", {"username": "katrin", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9").status_code == 302
    )


def test_an_address_is_slowed_down_whatever_the_names(client: Client) -> None:
    now = timezone.now()
    FailedSignIn.objects.bulk_create(
        FailedSignIn(who=str(number), address="127.0.0.1", at=now) for number in range(attempts.PER_ADDRESS)
    )
    make_user("katrin")
    assert post(client).status_code == 429


def test_attempts_count_for_a_quarter_of_an_hour_and_end_with_the_right_password(client: Client) -> None:
    make_user("katrin")
    for _ in range(attempts.PER_NAME):
        post(client, password="guess")
    FailedSignIn.objects.update(at=timezone.now() - attempts.WINDOW - timedelta(seconds=1))
    assert post(client, password="guess").status_code == 422
    assert FailedSignIn.objects.count() == 1
    assert post(client).status_code == 302
    assert not FailedSignIn.objects.exists()


def test_a_new_book_says_how_to_make_the_first_person(client: Client) -> None:
    assert b"trackline user create" in client.get("/sign-in").content
    make_user("katrin")
    assert b"trackline user create" not in client.get("/sign-in").content


def test_the_form_suits_password_managers(client: Client) -> None:
    page = client.get("/sign-in").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_who_is_signed_in_goes_on(client: Client) -> None:
    client.force_login(make_user("katrin"))
    assert client.get("/sign-in?next=/accounts").headers["Location"] == "/accounts"


def test_signing_out_takes_a_post_and_ends_the_session(client: Client) -> None:
    client.force_login(make_user("katrin"))
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert "_auth_user_id" not in client.session


def test_the_theme_follows_the_person(client: Client) -> None:
    user = make_user("katrin")
    user.preferences = {"theme": "dark"}
    user.save()
    assert post(client).cookies["tl_theme"].value == "dark"
