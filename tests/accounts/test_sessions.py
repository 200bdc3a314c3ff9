"""Sessions: who stays signed in, and who no longer is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import make_user
from trackline.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def katrin() -> User:
    return make_user("katrin")


@pytest.fixture
def signed_in(client: Client, katrin: User) -> Client:
    client.force_login(katrin)
    return client


def test_a_session_lasts_until_its_end(signed_in: Client) -> None:
    assert signed_in.get("/settings/me").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert signed_in.get("/settings/me").status_code == 302


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "%s", "a" * 5000, "\x00"])
def test_a_session_that_nobody_gave_is_none(client: Client, key: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get("/settings/me").status_code == 302


def test_a_session_that_was_tampered_with_is_none(signed_in: Client) -> None:
    Session.objects.update(session_data="nothing")
    assert signed_in.get("/settings/me").status_code == 302


@pytest.mark.parametrize("gone", [{"active": False}, {"deleted_at": timezone.now()}])
def test_who_may_no_longer_sign_in_is_signed_out(signed_in: Client, katrin: User, gone: dict) -> None:
    assert signed_in.get("/settings/me").status_code == 200
    User.objects.filter(pk=katrin.pk).update(**gone)
    assert signed_in.get("/settings/me").status_code == 302


def test_another_password_ends_other_sessions(signed_in: Client, katrin: User) -> None:
    katrin.set_password("something quite different")
    katrin.save()
    assert signed_in.get("/settings/me").status_code == 302
