"""Backup and restore, on whole databases."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import stat
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.delivery.conftest import SERVER, database, own_url, server_url, upgraded
from trackline.accounts import services as people
from trackline.accounts.models import Account, Contact, User
from trackline.delivery.upkeep import backup, restore, schema
from trackline.delivery.upkeep.problems import UnableToContinue
from trackline.kit.history.models import Change
from trackline.kit.policy import Context, system_context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

LAST_OF_DJANGO = "0012_alter_user_first_name_max_length"
NOW = dt.datetime(2026, 3, 4, 5, 6, tzinfo=dt.UTC)


def _nothing(count: int) -> None:
    """Progress nobody watches."""


pytestmark = pytest.mark.usefixtures("unblocked")


@contextlib.contextmanager
def book(url: str) -> Iterator[Context]:
    with upgraded(url):
        yield system_context(NOW)


def fill(ctx: Context, home: Path) -> None:
    people.create_user(ctx, "ada", role="admin", password="correct horse battery")
    child = records.create(ctx, registry.get("account"), {"name": "Zürich „AG“\n\\N\t"}, parse="json")
    parent = records.create(
        ctx,
        registry.get("account"),
        {"name": "Nord", "arr": 1234567.89, "currency": "EUR", "tags": ["a", "ü"]},
        parse="json",
    )
    # The parent has the higher id: a restore must not depend on the order of rows.
    records.update(ctx, registry.get("account"), child.pk, {"parent": parent.pk})
    records.create(ctx, registry.get("contact"), {"account": child.pk, "name": "Zoë"}, parse="json")
    (home / "imports" / "7").mkdir(parents=True)
    (home / "imports" / "7" / "deals.csv").write_bytes(b"a;b\n")


def content(path: Path) -> dict[str, Any]:
    """Rows and files by member; rows parsed, since PostgreSQL orders the keys of JSON values its own way."""
    with zipfile.ZipFile(path) as zipped:
        return {
            name: [json.loads(line) for line in zipped.read(name).splitlines()]
            if name.endswith(".jsonl")
            else zipped.read(name)
            for name in zipped.namelist()
            if name != "manifest.json"
        }


def test_a_restored_database_is_the_one_that_was_backed_up(home: Path, tmp_path: Path) -> None:
    with book(own_url(home, "book")) as ctx:
        fill(ctx, home)
        manifest = backup.write(tmp_path / "a.zip", NOW, _nothing)
        assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600
        assert manifest.rows > 10
        records.update(ctx, registry.get("account"), Account.objects.get(name="Nord").pk, {"name": "Changed"})
        Contact.objects.all().delete()
        (home / "imports" / "7" / "deals.csv").write_bytes(b"changed")
        (home / "uploads").mkdir()
        (home / "uploads" / "later.csv").touch()

        with restore.read(tmp_path / "a.zip") as reader:
            restore.apply(reader, _nothing)

        nord = Account.objects.get(name="Nord")
        assert (nord.arr, nord.tags) == (Decimal("1234567.89"), ["a", "ü"])
        assert Contact.objects.get().account.parent == nord
        assert User.objects.get().check_password("correct horse battery")
        assert Change.objects.filter(record_type="account").count() == 3
        assert [path.name for path in home.rglob("*.csv")] == ["deals.csv"]
        assert (home / "imports" / "7" / "deals.csv").read_bytes() == b"a;b\n"
        assert schema.inspect().current
        backup.write(tmp_path / "b.zip", NOW, _nothing)
        assert content(tmp_path / "a.zip") == content(tmp_path / "b.zip")
        # New rows count on from the restored ids.
        assert records.create(ctx, registry.get("account"), {"name": "New"}, parse="json").pk > nord.pk


@pytest.mark.skipif(not SERVER, reason="needs a PostgreSQL server")
def test_a_backup_moves_between_the_engines(home: Path, tmp_path: Path) -> None:
    with book(f"sqlite:///{home / 'book.sqlite3'}") as ctx:
        fill(ctx, home)
        backup.write(tmp_path / "sqlite.zip", NOW, _nothing)
    with database(server_url("move")), restore.read(tmp_path / "sqlite.zip") as reader:
        restore.apply(reader, _nothing)
        backup.write(tmp_path / "postgresql.zip", NOW, _nothing)
    with database(f"sqlite:///{home / 'back.sqlite3'}"), restore.read(tmp_path / "postgresql.zip") as reader:
        restore.apply(reader, _nothing)
        backup.write(tmp_path / "back.zip", NOW, _nothing)
    assert content(tmp_path / "postgresql.zip") == content(tmp_path / "sqlite.zip")
    assert content(tmp_path / "back.zip") == content(tmp_path / "sqlite.zip")


def test_a_backup_with_a_dangling_reference_changes_nothing(home: Path, tmp_path: Path) -> None:
    with book(own_url(home, "book")) as ctx:
        fill(ctx, home)
        backup.write(tmp_path / "a.zip", NOW, _nothing)
        without_accounts(tmp_path / "a.zip", tmp_path / "broken.zip")
        records.create(ctx, registry.get("account"), {"name": "Written since"}, parse="json")
        with (
            restore.read(tmp_path / "broken.zip") as reader,
            pytest.raises(UnableToContinue, match=r"not consistent.*Nothing was changed"),
        ):
            restore.apply(reader, _nothing)
        assert Account.objects.filter(name="Written since").exists()
        assert (home / "imports" / "7" / "deals.csv").read_bytes() == b"a;b\n"
        assert [name for name in os.listdir(home) if name.startswith(".restore-")] == []


def test_a_backup_of_a_newer_version_is_refused(home: Path, tmp_path: Path) -> None:
    with book(own_url(home, "book")):
        backup.write(tmp_path / "a.zip", NOW, _nothing)
        rewrite(tmp_path / "a.zip", tmp_path / "b.zip", lambda raw: raw["migrations"]["accounts"].append("9999_later"))
        with pytest.raises(UnableToContinue, match=r"accounts\.9999_later.*Install that version"):
            restore.read(tmp_path / "b.zip")


def test_a_backup_of_an_older_version_is_brought_up_to_date(home: Path, tmp_path: Path) -> None:
    with book(own_url(home, "book")) as ctx:
        fill(ctx, home)
        backup.write(tmp_path / "a.zip", NOW, _nothing)
        # The last migration of Django's: nothing of ours changed with it.
        rewrite(tmp_path / "a.zip", tmp_path / "b.zip", lambda raw: raw["migrations"]["auth"].remove(LAST_OF_DJANGO))
        Contact.objects.all().delete()
        with restore.read(tmp_path / "b.zip") as reader:
            restore.apply(reader, _nothing)
        assert schema.inspect().current
        backup.write(tmp_path / "c.zip", NOW, _nothing)
    assert content(tmp_path / "c.zip") == content(tmp_path / "a.zip")


def test_an_existing_file_is_replaced_only_on_demand(home: Path, tmp_path: Path) -> None:
    with book(own_url(home, "book")):
        (tmp_path / "a.zip").write_text("precious")
        with pytest.raises(UnableToContinue, match="--force"):
            backup.write(tmp_path / "a.zip", NOW, _nothing)
        assert (tmp_path / "a.zip").read_text() == "precious"
        backup.write(tmp_path / "a.zip", NOW, _nothing, overwrite=True)
        with pytest.raises(UnableToContinue, match="does not exist"):
            backup.write(tmp_path / "nowhere" / "a.zip", NOW, _nothing)
        assert sorted(os.listdir(tmp_path)) == ["a.zip", "home"]


def test_an_empty_database_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    with database(own_url(home, "empty")), pytest.raises(UnableToContinue, match="trackline init"):
        backup.write(tmp_path / "a.zip", NOW, _nothing)


def test_writing_goes_on_while_a_backup_reads(home: Path) -> None:
    with book(own_url(home, "book")) as ctx, backup.snapshot() as seen:
        before = Account.objects.using(seen.alias).count()
        records.create(ctx, registry.get("account"), {"name": "Meanwhile"}, parse="json")
        assert Account.objects.using(seen.alias).count() == before
        assert Account.objects.count() == before + 1
        assert connection.alias == "default"


def rewrite(source: Path, target: Path, change: Any, replaced: dict[str, bytes] | None = None) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = (replaced or {}).get(name, old.read(name))
            if name == "manifest.json":
                raw = json.loads(text)
                change(raw)
                text = json.dumps(raw).encode()
            new.writestr(name, text)


def without_accounts(source: Path, target: Path) -> None:
    """A backup whose seals are right and whose contacts belong to nobody."""

    def change(raw: dict[str, Any]) -> None:
        raw["tables"] = [table for table in raw["tables"] if table["table"] != "accounts_account"]

    rewrite(source, target, change)
