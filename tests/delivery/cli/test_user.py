"""`trackline user`."""

from __future__ import annotations

import pytest

from tests.delivery.cli.conftest import Shell
from trackline.accounts.models import User
from trackline.kit.history.models import Change

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def test_a_person_is_added_with_a_role_and_a_password(shell: Shell) -> None:
    done = shell("user", "create", "ada", "--role", "admin", "--password-stdin", "--json", stdin=f"{PASSWORD}\n")
    assert done.code == 0
    assert (done.json["username"], done.json["roles"], done.json["can_sign_in"]) == ("ada", ["admin"], True)
    assert User.objects.get(username="ada").check_password(PASSWORD)
    assert PASSWORD not in done.out + done.err
    assert Change.objects.get(record_type="user").via == "cli"


def test_without_a_password_nobody_can_sign_in(shell: Shell) -> None:
    done = shell("user", "create", "bob", "--role", "manager")
    assert done.code == 0
    assert "not sign in" in done.err
    assert shell("user", "list", "--json").json["items"][0]["can_sign_in"] is False


def test_an_unknown_role_is_wrong_usage_and_adds_nobody(shell: Shell) -> None:
    done = shell("user", "create", "ada", "--role", "managr")
    assert done.code == 2
    assert "role: " in done.err
    assert "manager" in done.err
    assert not User.objects.exists()


def test_a_weak_password_adds_nobody(shell: Shell) -> None:
    done = shell("user", "create", "ada", "--role", "admin", "--password-stdin", stdin="12345\n")
    assert done.code == 2
    assert "too short" in done.err
    assert not User.objects.exists()


def test_the_same_name_twice_is_refused(shell: Shell) -> None:
    shell("user", "create", "ada", "--role", "admin")
    done = shell("user", "create", "Ada", "--role", "manager")
    assert done.code != 0
    assert "Traceback" not in done.err
    assert User.objects.count() == 1


def test_a_password_is_replaced(shell: Shell) -> None:
    shell("user", "create", "ada", "--role", "admin")
    assert shell("user", "password", "ADA", "--password-stdin", stdin=PASSWORD).code == 0
    assert User.objects.get().check_password(PASSWORD)


def test_a_person_is_deactivated_but_not_the_last_administrator(shell: Shell) -> None:
    shell("user", "create", "ada", "--role", "admin")
    shell("user", "create", "bob", "--role", "manager")
    assert shell("user", "deactivate", "bob").code == 0
    assert not User.objects.get(username="bob").active
    refused = shell("user", "deactivate", "ada")
    assert refused.code == 1
    assert "last administrator" in refused.err


def test_a_slip_in_a_name_is_met_with_a_suggestion(shell: Shell) -> None:
    shell("user", "create", "ada", "--role", "admin")
    done = shell("user", "deactivate", "adda")
    assert done.code == 1
    assert "Did you mean ada?" in done.err


def test_without_a_role_the_title_decides(shell: Shell) -> None:
    for at, (title, role) in enumerate({"workstream  lead": "manager", "Analyst": "facilitator"}.items()):
        done = shell("user", "create", f"ada{at}", "--title", title, "--json")
        assert done.json["roles"] == [role]
    assert shell("user", "create", "ada", "--title", "Analyst", "--role", "admin", "--json").json["roles"] == ["admin"]


def test_a_title_without_a_role_and_neither_of_them_are_refused(shell: Shell) -> None:
    done = shell("user", "create", "ada", "--title", "Gardener")
    assert (done.code, "No role is set for the title 'Gardener'" in done.err) == (2, True)
    done = shell("user", "create", "ada")
    assert (done.code, "--role" in done.err) == (2, True)
    assert not User.objects.exists()
