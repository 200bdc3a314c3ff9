"""`trackline import`, as a terminal and a program meet it. What imports do is tested with the connectors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.delivery.cli.conftest import Shell
from tests.factories import NOW
from trackline.accounts.models import Account
from trackline.connectors import storage
from trackline.connectors.models import ImportRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

ACCOUNTS = "Account Name,Industry,Annual Revenue\nNordwind AG,Energy,3.5E8\nOkada Brandt,Automotive,1200000\n"


@pytest.fixture
def accounts(tmp_path: Path) -> str:
    path = tmp_path / "accounts.csv"
    path.write_text(ACCOUNTS)
    return str(path)


def test_files_are_imported_once(shell: Shell, accounts: str) -> None:
    first = shell("import", accounts, "--json")
    assert first.code == 0
    assert first.json["created"] == {"accounts": 2}
    again = shell("import", accounts, "--json")
    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == ({}, {}, {"accounts": 2})
    assert Account.objects.count() == 2


def test_a_run_that_was_killed_is_told_from_one_that_goes_on(shell: Shell, accounts: str) -> None:
    shell("import", accounts, "--json")
    run = ImportRun.objects.get()
    ImportRun.objects.update(state="running")
    storage.write_progress(run.folder, {"table": "accounts.csv", "done": 1, "total": 2})
    assert shell("import", "list", "--json").json["items"][0]["state"] == "running"
    beat = storage.path_of(run.folder) / "progress.json"
    os.utime(beat, (0, 0))
    assert shell("import", "list", "--json").json["items"][0]["state"] == "failed"


def test_a_run_says_how_far_it_is_to_whoever_lists_it(
    shell: Shell, accounts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(storage, "write_progress", lambda folder, facts: told.append(facts))
    shell("import", accounts, "--json")
    assert told[0] == {"table": "", "done": 0, "total": 2, "unit": "rows"}
    assert told[-1] == {"finished": True}


def test_a_dry_run_tells_and_changes_nothing(shell: Shell, accounts: str) -> None:
    done = shell("import", "--dry-run", "--json", accounts)
    assert (done.json["created"], done.json["dry_run"], done.json["run"]) == ({"accounts": 2}, True, None)
    assert not Account.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_person_reads_a_table_and_how_to_take_it_back(shell: Shell, accounts: str) -> None:
    done = shell("import", accounts)
    assert "accounts.csv" in done.out
    assert f"trackline import undo {ImportRun.objects.get().pk}" in done.err


def test_an_import_is_taken_back(shell: Shell, accounts: str) -> None:
    run = shell("import", accounts, "--json").json["run"]
    assert shell("import", "undo", str(run)).code == 0
    assert not Account.objects.alive().exists()
    assert shell("import", "list", "--json").json["items"][0]["state"] == "undone"
    assert shell("import", "undo", str(run)).code == 1
    assert shell("import", "undo", "999").code == 1


def test_what_cannot_be_imported_is_an_error(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "strange.csv").write_text("Foo,Bar\n1,2\n")
    done = shell("import", str(tmp_path / "strange.csv"))
    assert done.code == 1
    assert "strange.csv" in done.err
    assert shell("import", str(tmp_path / "missing.csv")).code == 2
    assert shell("import").code == 2


def test_an_open_question_is_asked_with_its_answers(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("Account Name,Renewal Date\nNordwind AG,03/04/2027\nOkada Brandt,05/06/2027\n")
    asked = shell("import", str(path))
    assert asked.code == 1
    assert "--date-order dmy" in asked.err
    assert not Account.objects.exists()
    assert shell("import", str(path), "--date-order", "dmy").code == 0
    assert Account.objects.get(name="Nordwind AG").renewal_date.month == 4


def test_a_map_says_the_rest_and_is_checked(shell: Shell, tmp_path: Path) -> None:
    path, map_file = tmp_path / "kunden.csv", tmp_path / "map.json"
    path.write_text("Wer,Was\nNordwind AG,Energy\n")
    map_file.write_text(json.dumps({"files": {"kunden*.csv": {"type": "account", "columns": {"Wer": "name"}}}}))
    assert shell("import", str(path), "--map", str(map_file)).code == 0
    assert Account.objects.get().name == "Nordwind AG"
    map_file.write_text('{"colums": {}}')
    wrong = shell("import", str(path), "--map", str(map_file))
    assert (wrong.code, "colums" in wrong.err) == (2, True)


def test_the_exit_code_tells_some_from_all_and_none(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("Full Name,Email,Company\nAnn Bo,ann@x.example,Home\nCy Dee,cy@x.example,Nowhere\n")
    none = shell("import", str(path), "--json")
    assert (none.code, none.json["outcome"], none.json["counts"]["rejected"]) == (1, "failed", 2)
    Account.objects.create(name="Home", key="home", path="/1/", created_at=NOW, updated_at=NOW)
    some = shell("import", str(path), "--json")
    assert (some.code, some.json["outcome"]) == (3, "partial")
    assert some.json["counts"] == {
        "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "warnings": 0
    }  # fmt: skip
    assert shell("import", "--dry-run", str(path)).code == 3
    path.write_text("Full Name,Email,Company\nAnn Bo,ann@x.example,Home\n")
    everything = shell("import", str(path), "--json")
    assert (everything.code, everything.json["outcome"]) == (0, "complete")


def test_where_columns_went_and_what_was_not_taken_is_told(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text(
        "Organization - ID,Organization - Name,Organization - Website,Organization - Motto,Organization - Open deals\n"
        "1,Nordwind AG,none to speak of,Calm,2\n"
    )
    done = shell("import", str(path))
    assert "kept as custom fields: Organization - Motto" in done.err
    assert "columns left out: Organization - Open deals" in done.err
    assert "1 cell not taken (2). Organization - Website “none to speak of”: Not a web address" in done.err
    [file] = shell("import", str(path), "--json").json["files"]
    assert file["columns"] == {
        "Organization - ID": "external_id", "Organization - Name": "name", "Organization - Website": "domain",
        "Organization - Motto": "custom:motto", "Organization - Open deals": "",
    }  # fmt: skip


def test_what_a_file_of_rejected_rows_says_beside_is_no_column_that_was_left_out(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "accounts-rejected.csv"
    path.write_text("Account Name,Industry,_row,_reason\nNordwind AG,Energy,3,Employees: A number is expected.\n")
    done = shell("import", str(path))
    assert (done.code, "left out" in done.err) == (0, False)
