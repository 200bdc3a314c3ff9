"""`trackline token`."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from trackline.accounts.access import actor_of_token
from trackline.accounts.models import Token
from trackline.kit.problems import Unauthorized

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ada(shell: Shell) -> None:
    shell("user", "create", "ada", "--role", "manager")


def test_a_token_is_shown_once_and_works(shell: Shell) -> None:
    done = shell("token", "create", "ada", "--scope", "track:read", "--name", "dashboard", "--json")
    bearer = done.json["token"]
    assert actor_of_token(bearer, timezone.now()).permissions == {"track:read"}
    listed = shell("token", "list", "ada", "--json")
    assert bearer not in listed.out
    assert listed.json["items"][0]["name"] == "dashboard"


def test_without_json_only_the_token_is_printed(shell: Shell) -> None:
    done = shell("token", "create", "ada", "--scope", "track:read")
    assert actor_of_token(done.out.strip(), timezone.now()).name == "ada"


def test_a_token_ends_by_date_or_at_once(shell: Shell) -> None:
    now = timezone.now()
    bearer = shell("token", "create", "ada", "--scope", "track:read", "--expires-days", "2").out.strip()
    with pytest.raises(Unauthorized):
        actor_of_token(bearer, now + dt.timedelta(days=3))
    assert shell("token", "revoke", str(Token.objects.get().pk)).code == 0
    with pytest.raises(Unauthorized):
        actor_of_token(bearer, now)


def test_wrong_scopes_and_people_are_told(shell: Shell) -> None:
    scope = shell("token", "create", "ada", "--scope", "track:reed")
    assert (scope.code, "track:read" in scope.err) == (2, True)
    person = shell("token", "create", "adda", "--scope", "track:read")
    assert (person.code, "Did you mean ada?" in person.err) == (1, True)
    assert shell("token", "create", "ada").code == 2
    assert shell("token", "revoke", "99").code == 1
    assert not Token.objects.exists()
