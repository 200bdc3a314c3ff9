"""What goes wrong changes nothing, and everything that changes is in the history."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.connectors.support import counts, import_files, write
from tests.delivery.conftest import template_file
from tests.factories import as_user, make_account, make_user
from trackline.accounts.models import Account, Contact
from trackline.align.models import Route, RouteTransition
from trackline.connectors import services, storage
from trackline.connectors.models import ImportRun
from trackline.kit.history.models import Change
from trackline.kit.problems import Refused

pytestmark = pytest.mark.django_db


def test_a_look_changes_nothing_and_tells_all(tmp_path: Path, home: Path) -> None:
    make_account("Acme", industry="Retail")
    text = "Account Name,Industry,Employees,Hobby\nAcme,Energy,5,x\nBolt,,6,\nKranz,,many,\n"
    result = import_files(write(tmp_path, "accounts.csv", text), dry_run=True)
    assert counts(result) == {"created": {"accounts": 1}, "updated": {"accounts": 1}, "unchanged": {}}
    told = result.to_json(differences=True)
    assert told["files"][0]["differences"] == [
        {
            "row": 2,
            "title": "Acme",
            "action": "update",
            "changes": {"industry": ["Retail", "Energy"], "client_fte": [None, "5"], "custom.hobby": [None, "x"]},
        },
        {"row": 3, "title": "Bolt", "action": "create", "changes": {"client_fte": [None, "6"]}},
    ]
    assert told["rejected"] == [
        {"file": "accounts.csv", "row": 4, "reason": "A number is expected.", "column": "Employees", "value": "many"}
    ]
    assert Account.objects.count() == 1
    assert not ImportRun.objects.exists()


def test_a_look_agrees_with_the_import(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "accounts.csv", "Account Name,Parent Account\nB,A\nA,\n")
    write(
        tmp_path, "contacts.csv", "Full Name,Email,Company,Reports To\nAnn,a@x.com,A,Bo\nBo,b@x.com,A,\nCy,c@x.com,Z,\n"
    )
    write(tmp_path, "deals.csv", "Deal Name,Company,Stage,Deal Owner,Product\nD,A,Zuschlag Angebot,Ann Us,Pro\n")
    look = import_files(tmp_path, dry_run=True)
    done = import_files(tmp_path)
    assert counts(look) == counts(done)
    assert look.rejected == done.rejected


def test_the_result_has_the_promised_shape(tmp_path: Path, home: Path) -> None:
    result = import_files(write(tmp_path, "accounts.csv", "Account Name,Employees\nAcme,5\nBolt,x\n")).to_json()
    assert result["created"] == {"accounts": 1}
    assert result["updated"] == result["unchanged"] == {}
    assert result["rejected"] == [
        {"file": "accounts.csv", "row": 3, "reason": "A number is expected.", "column": "Employees", "value": "x"}
    ]
    assert (result["rejected_count"], result["failed"], result["questions"], result["skipped"]) == (1, [], [], [])


def test_a_bad_file_changes_nothing_and_the_others_stand(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "accounts.csv", "Account Name\nAcme\n")
    write(tmp_path, "contacts.csv", 'Full Name,Email,Company\nAnn,a@x.com,Acme\n"Bo,b@x.com,Acme\n')
    write(tmp_path, "other.csv", "A,B\n1,2\n")
    result = import_files(tmp_path)
    assert counts(result)["created"] == {"accounts": 1}
    assert [each["file"] for each in result.failed] == ["contacts.csv"]
    assert not result.ok
    assert [each["file"] for each in result.skipped] == ["other.csv"]


def test_a_file_the_database_refuses_changes_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trackline.connectors.engine.matching import Matcher

    monkeypatch.setattr(Matcher, "refuse_clash", lambda self, candidate: None)
    make_account("Acme")
    text = "Contact ID,Full Name,Email,Company\n1,Ann,a@x.com,Acme\n2,Bo,A@x.com,Acme\n"
    result = import_files(write(tmp_path, "contacts.csv", text))
    assert not Contact.objects.exists()
    assert counts(result)["created"] == {}
    assert result.failed[0]["reason"].startswith("The database refused the file")


def test_open_questions_keep_a_file_out(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    path = write(tmp_path, "deals.csv", "Deal Name,Company,Stage,Close Date\nA,Acme,Won,03/04/2024\n")
    result = import_files(path)
    assert (result.ok, Route.objects.count()) == (False, 0)
    [question] = result.questions
    assert (question["file"], question["column"], question["kind"]) == ("deals.csv", "Close Date", "date_order")
    assert import_files(path, told={"date_order": "dmy"}).ok
    assert str(Route.objects.get().closed_on) == "2024-04-03"


def test_rejected_rows_come_back_as_a_file(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    text = 'Full Name;Email;Company;Influence\nMüller;a@x.com;Acme;huge\nBo;b@x.com;Acme;4\n"Cy; Jr";broken;Acme;5\n'
    result = import_files(write(tmp_path, "contacts.csv", text.encode("cp1252")))
    path = Path(result.folder) / result.files[0].rejects
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["Full Name"], row["_row"], row["_reason"]) for row in rows] == [
        ("Müller", "2", "Influence: A whole number from 1 to 5 is expected."),
        ("Cy; Jr", "4", "Email: Not an e-mail address."),
    ]
    corrected = path.read_text(encoding="utf-8-sig").replace("huge", "5").replace("broken", "c@x.com")
    again = import_files(write(tmp_path, path.name, corrected))
    assert counts(again) == {"created": {"contacts": 2}, "updated": {}, "unchanged": {}}
    assert Contact.objects.get(name="Müller").custom == {}


def test_everything_is_in_the_history(tmp_path: Path, home: Path) -> None:
    ann = make_user("ann", role="admin")
    account = make_account("Acme", industry="Retail")
    Change.objects.all().delete()
    write(tmp_path, "accounts.csv", "Account Name,Industry\nAcme,Energy\nBolt,\n")
    write(tmp_path, "deals.csv", "Deal Name,Company,Stage\nD,Acme,Won\n")
    import_files(tmp_path, ctx=as_user(ann))
    run = ImportRun.objects.get()
    rows = Change.objects.filter(batch=run.batch, record_type__in=("account", "route"))
    told = [(c.action, c.record_type, c.title, c.via, c.actor_id, c.version, c.changes) for c in rows]
    assert sorted(told, key=lambda each: each[1:3]) == [
        ("update", "account", "Acme", "import", ann.pk, 2, {"industry": ["Retail", "Energy"]}),
        ("create", "account", "Bolt", "import", ann.pk, 1, {}),
        ("create", "route", "D", "import", ann.pk, 1, {}),
    ]
    account.refresh_from_db()
    assert (account.version, account.updated_by_id) == (2, ann.pk)
    transition = RouteTransition.objects.get()
    assert (transition.from_state, transition.to_state, transition.by_id) == ("", "won", ann.pk)
    assert rows.get(record_type="route").account_id == account.pk


def test_a_run_is_started_once(tmp_path: Path, home: Path) -> None:
    from tests.factories import system

    reading, plan = services.plan_import([write(tmp_path, "accounts.csv", "Account Name\nAcme\n")])
    run = services.start_run(system(), "accounts.csv", plan, {})
    services.run_import(system(), run, reading, plan)
    with pytest.raises(Refused, match="has been started already"):
        services.run_import(system(), run, reading, plan)


def test_the_run_tells_what_was_done(tmp_path: Path, home: Path) -> None:
    result = import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"))
    run = ImportRun.objects.get()
    assert (run.pk, run.state, run.name, run.result["created"]) == (result.run, "done", "accounts.csv", {"accounts": 1})
    assert storage.path_of(run.folder) == Path(result.folder)


SCRIPT = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.utils import timezone
from trackline.connectors import services
from trackline.kit.policy import system_context

def stop(table, done, total):
    if table == "contacts.csv" and done >= 2000:
        os.kill(os.getpid(), signal.SIGKILL)

services.import_paths(system_context(timezone.now(), "cli"), [Path(sys.argv[1])], progress=stop)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="kills a process that writes into a database file of its own")
def test_a_killed_import_leaves_no_half_file(tmp_path: Path) -> None:
    """The file being imported when the process dies is not there at all; those before it are whole."""
    source, home = tmp_path / "in", tmp_path / "home"
    write(source, "accounts.csv", "Account Name\n" + "".join(f"A{n}\n" for n in range(50)))
    rows = "".join(f"P{n},p{n}@x.com,A{n % 50}\n" for n in range(5_000))
    write(source, "contacts.csv", f"Full Name,Email,Company\n{rows}")
    environment = {**os.environ, "TRACKLINE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "trackline.delivery.settings"}
    environment.pop("TRACKLINE_DATABASE_URL", None)
    home.mkdir()
    shutil.copy(template_file(), home / "trackline.sqlite3")
    killed = subprocess.run([sys.executable, "-c", SCRIPT, str(source)], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    database = sqlite3.connect(home / "trackline.sqlite3")
    count = lambda table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: E731
    assert (count("accounts_account"), count("accounts_contact")) == (50, 0)
    assert database.execute("SELECT state, json_extract(result, '$.created') FROM connectors_importrun").fetchone() == (
        "running",
        '{"accounts":50}',
    )
