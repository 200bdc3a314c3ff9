"""`trackline init`, `check`, `backup`, `restore` and `refresh`, as an operator meets them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection

from tests.delivery.cli.conftest import Shell
from tests.delivery.conftest import database, own_url, upgraded
from trackline.accounts.models import User
from trackline.delivery.upkeep import checks

pytestmark = pytest.mark.usefixtures("unblocked")


def test_init_makes_a_database_once(shell: Shell, home: Path) -> None:
    with database(own_url(home, "new")):
        first = shell("init", "--json").json
        again = shell("init", "--json").json
    assert first["created"]
    assert first["applied"]
    assert not again["created"]
    assert again["applied"] == []


def test_commands_on_an_empty_database_say_what_to_do(shell: Shell, home: Path) -> None:
    with database(own_url(home, "empty")):
        for words in (("user", "list"), ("export", "accounts", "--to", "x.csv"), ("serve",), ("refresh",)):
            done = shell(*words)
            assert (done.code, "trackline init" in done.err) == (1, True)
        checked = shell("check", "--json")
    assert checked.code == 1
    assert [item["remedy"] for item in checked.json["checks"] if item["name"] == "Schema"] == ["Run `trackline init`."]


def test_a_database_of_a_newer_version_is_left_alone(shell: Shell, home: Path) -> None:
    with upgraded(own_url(home, "newer")):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_later', CURRENT_TIMESTAMP)"
            )
        for command in ("init", "serve"):
            done = shell(command)
            assert (done.code, "newer version" in done.err) == (1, True)


def test_a_sound_installation_passes_the_check(shell: Shell, home: Path) -> None:
    with upgraded(own_url(home, "book")):
        done = shell("check", "--json")
    failed = [item["name"] for item in done.json["checks"] if item["failed"]]
    # The browser assets are there only where they were built.
    assert failed in ([], ["Assets"])


def test_the_check_finds_orphans_and_broken_json(shell: Shell, home: Path) -> None:
    with upgraded(own_url(home, "book")):
        shell("user", "create", "ada", "--role", "admin")
        from django.utils import timezone

        from trackline.accounts.models import Account, Contact, RuleOverride

        now = timezone.now()
        account = Account.objects.create(key="a", name="A", created_at=now, updated_at=now, deleted_at=now)
        Contact.objects.create(account=account, name="Left", created_at=now, updated_at=now)
        told = {"rule": "track.health.usage", "number": 1, "reason": "x", "created_at": now, "from_on": now.date()}
        RuleOverride.objects.create(changes={"gone": 3}, **told)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints=ON")
                cursor.execute("UPDATE accounts_account SET custom='{'")
        found = {item["name"]: item for item in shell("check", "--json").json["checks"]}
    assert found["Orphans"]["failed"]
    assert "parameters.gone" in found["Adjusted figures"]["found"]
    assert found["JSON values"]["failed"] is (connection.vendor == "sqlite" or found["JSON values"]["failed"])


def test_a_backup_is_restored_only_over_nothing_or_on_demand(shell: Shell, home: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "b.zip")
    with upgraded(own_url(home, "book")):
        shell("user", "create", "ada", "--role", "admin")
        assert shell("backup", file, "--json").json["rows"] > 0
        assert shell("backup", file).code == 1
        shell("user", "create", "bob", "--role", "manager")
        refused = shell("restore", file)
        assert (refused.code, "--force" in refused.err) == (1, True)
        assert User.objects.count() == 2
        assert shell("restore", file, "--force").code == 0
        assert [user.username for user in User.objects.all()] == ["ada"]


def test_what_is_no_backup_is_refused(shell: Shell, home: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("nonsense")
    with upgraded(own_url(home, "book")):
        for name in ("b.zip", "missing.zip"):
            done = shell("restore", str(tmp_path / name))
            assert (done.code, "Traceback" in done.err) == (1, False)


def test_the_check_sees_a_home_it_cannot_write(home: Path) -> None:
    os.rmdir(home)
    (finding,) = checks._home()
    assert finding.failed
    assert "trackline init" in finding.remedy
