"""The import pages, from upload to undo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import make_account, make_user
from trackline.accounts.models import Account, Contact
from trackline.align.models import Route
from trackline.connectors import sessions, storage
from trackline.connectors.models import ImportRun, SavedMap
from trackline.connectors.views.result import _title

pytestmark = pytest.mark.django_db

ACCOUNTS = "Account Name,Industry,Employees\nAcme,Retail,5\nBolt,Energy,6\n"
CONTACTS = "Full Name,Email,Company,Influence\nAnn,a@x.com,Acme,huge\nBo,b@x.com,Acmee,4\nCy,c@x.com,Bolt,3\n"
DEALS = "Deal Name,Company,Stage,Close Date\nD,Acme,Zephyr,03/04/2026\nE,Bolt,Won,05/06/2026\n"


@pytest.fixture
def client(home: Path) -> Client:
    """A manager's browser."""
    browser = Client()
    browser.force_login(make_user("ann", role="admin"))
    return browser


def upload(client: Client, files: Mapping[str, str], **more: str) -> int:
    """Upload files and return the number of the import."""
    sent = [SimpleUploadedFile(name, text.encode()) for name, text in files.items()]
    response = client.post("/import", {"files": sent, **more})
    assert response.status_code == 302, response.content
    found = re.fullmatch(r"/import/(\d+)/columns", response.headers["Location"])
    assert found
    return int(found.group(1))


def words(response: Any) -> str:
    """The text of a page, on one line."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def decide(client: Client, pk: int, **more: str) -> str:
    response = client.post(f"/import/{pk}/decide", more, headers={"HX-Request": "true", "HX-Target": "main"})
    assert response.status_code == 200
    return words(response)


def test_the_start_teaches(client: Client) -> None:
    page = words(client.get("/import"))
    assert "Nothing was imported yet" in page
    assert "Upload and map columns" in page


def test_an_empty_form_is_sent_back(client: Client) -> None:
    response = client.post("/import", {})
    assert response.status_code == 422
    assert "Choose at least one file." in words(response)


def test_large_uploads_are_refused(client: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 10
    response = client.post("/import", {"files": [SimpleUploadedFile("a.csv", b"x" * 50)]})
    assert response.status_code == 422


def test_from_upload_to_undo(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS})
    page = words(client.get(f"/import/{pk}/columns"))
    assert "1 file is ready" in page
    assert "3 of 3 columns mapped" in page
    assert client.post(f"/import/{pk}/check").headers["Location"] == f"/import/{pk}/check"
    page = words(client.get(f"/import/{pk}/check"))
    assert "2 changes ready" in page
    assert "Import 2 changes" in page
    assert not Account.objects.exists()
    assert client.post(f"/import/{pk}/run").headers["Location"] == f"/import/{pk}"
    page = words(client.get(f"/import/{pk}"))
    assert "2 created" in page
    assert Account.objects.count() == 2
    assert not any(sessions.storage.uploads_of(ImportRun.objects.get().folder).iterdir())
    assert "2 records it created will be removed" in words(client.get(f"/import/{pk}/undo"))
    client.post(f"/import/{pk}/undo", headers={"HX-Request": "true"})
    assert "This import was taken back" in words(client.get(f"/import/{pk}"))
    assert not Account.objects.filter(deleted_at__isnull=True).exists()
    assert "Undone" in words(client.get("/import"))


def test_rejected_rows_are_fixed_in_place(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS, "contacts.csv": CONTACTS})
    client.post(f"/import/{pk}/check")
    page = words(client.get(f"/import/{pk}/check"))
    assert "3 changes ready, 2 rows rejected" in page
    assert "A whole number from 1 to 5 is expected." in page
    assert "There is no account called “Acmee”." in page
    fixes = {
        "file": ["contacts.csv"] * 2,
        "column": ["Influence", "Company"],
        "value": ["huge", "Acmee"],
        "meant": ["5", "Acme"],
    }
    client.post(f"/import/{pk}/fix", fixes)
    assert "5 changes ready" in words(client.get(f"/import/{pk}/check"))
    client.post(f"/import/{pk}/run")
    assert dict(Contact.objects.values_list("name", "influence")) == {"Ann": 5, "Bo": 4, "Cy": 3}


def test_questions_are_asked_and_answered(client: Client) -> None:
    make_account("Acme")
    make_account("Bolt")
    pk = upload(client, {"deals.csv": DEALS})
    page = words(client.get(f"/import/{pk}/columns"))
    assert "1 question before this can be imported" in page
    assert "Day first: 03/04/2026 is 3 April 2026" in page
    assert "What does the stage “Zephyr” in deals.csv mean?" in page
    decide(client, pk, what="question", file="deals.csv", question="date_order:Close Date", answer="dmy")
    page = decide(client, pk, what="question", file="deals.csv", question="stage:Zephyr", answer="qualifying")
    assert "1 file is ready" in page
    client.post(f"/import/{pk}/check")
    client.post(f"/import/{pk}/run")
    assert str(Route.objects.get(title="D").expected_close_on) == "2026-04-03"
    assert Route.objects.get(title="D").state == "qualifying"


def test_columns_and_types_are_decided_by_hand(client: Client) -> None:
    pk = upload(client, {"liste.csv": "Bezeichnung der Kundschaft,Fax\nAcme,+49\nBolt,\n"})
    assert "None of the files was recognised" in words(client.get(f"/import/{pk}/columns"))
    page = decide(client, pk, what="type", file="liste.csv", type="account")
    assert "No column gives Name; without it no row can be imported." in page
    decide(client, pk, what="column", file="liste.csv", heading="Bezeichnung der Kundschaft", target="name")
    page = decide(client, pk, what="column", file="liste.csv", heading="Fax", target="skip")
    assert "1 of 2 columns mapped" in page
    client.post(f"/import/{pk}/check")
    client.post(f"/import/{pk}/run")
    assert {account.name: account.custom for account in Account.objects.all()} == {"Acme": {}, "Bolt": {}}
    late = client.post(f"/import/{pk}/decide", {"what": "options"})
    assert late.status_code == 409, "decisions come too late once the import has been run"


def test_options_count(client: Client) -> None:
    pk = upload(client, {"contacts.csv": "Full Name,Email,Company\nAnn,a@x.com,Acme\n"})
    decide(client, pk, what="options", mode="create", create_accounts="on")
    client.post(f"/import/{pk}/check")
    assert "2 changes ready" in words(client.get(f"/import/{pk}/check"))


def test_files_can_be_left_out(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS, "products.csv": "Product Name,List Price\nPro,5\n"})
    page = decide(client, pk, what="type", file="products.csv", type="skip")
    assert "1 of 2 files are ready" in page
    client.post(f"/import/{pk}/check")
    client.post(f"/import/{pk}/run")
    assert "Left out by hand." in words(client.get(f"/import/{pk}"))


def test_maps_are_kept_for_the_next_export(client: Client) -> None:
    text = "Bezeichnung der Kundschaft,Fax\nAcme,+49\n"
    pk = upload(client, {"liste-2026-10.csv": text})
    decide(client, pk, what="type", file="liste-2026-10.csv", type="account")
    decide(client, pk, what="column", file="liste-2026-10.csv", heading="Bezeichnung der Kundschaft", target="name")
    response = client.post(f"/import/{pk}/map", {"name": "Our list"}, headers={"HX-Request": "true"})
    assert "Our list" in response.headers["HX-Trigger"]
    kept = SavedMap.objects.get()
    again = upload(client, {"liste-2026-11.csv": text}, map=str(kept.pk))
    assert "1 file is ready" in words(client.get(f"/import/{again}/columns"))


def test_rejected_rows_are_downloaded(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS + "Kranz,,many\n"})
    client.post(f"/import/{pk}/check")
    client.post(f"/import/{pk}/run")
    assert "Download accounts-rejected.csv" in words(client.get(f"/import/{pk}"))
    response = client.get(f"/import/{pk}/rejects/accounts-rejected.csv")
    assert (
        b"".join(response.streaming_content).decode("utf-8-sig").splitlines()[1]
        == "Kranz,,many,4,Employees: A number is expected."
    )  # type: ignore[attr-defined]
    for name in ("check.json", "..%2fprogress.json", "none-rejected.csv"):
        assert client.get(f"/import/{pk}/rejects/{name}").status_code == 404


def test_an_import_is_its_owners(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS})
    other = Client()
    other.force_login(make_user("bo"))
    for address in (f"/import/{pk}", f"/import/{pk}/columns", f"/import/{pk}/check", f"/import/{pk}/undo"):
        assert other.get(address).status_code == 404
    assert "accounts.csv" not in words(other.get("/import"))


def test_uploads_can_be_dropped(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS})
    folder = storage.path_of(ImportRun.objects.get().folder)
    client.post(f"/import/{pk}/discard")
    assert not folder.exists()
    assert not ImportRun.objects.exists()


def test_names_of_uploads_stay_in_their_folder(client: Client) -> None:
    pk = upload(client, {"../../../etc/accounts.csv": ACCOUNTS})
    run = ImportRun.objects.get(pk=pk)
    assert [path.name for path in storage.uploads_of(run.folder).iterdir()] == ["accounts.csv"]


def test_a_run_that_broke_off_is_told(client: Client) -> None:
    pk = upload(client, {"accounts.csv": ACCOUNTS})
    run = ImportRun.objects.get(pk=pk)
    ImportRun.objects.filter(pk=pk).update(state="running", result={"files": [], "created": {}})
    page = words(client.get(f"/import/{pk}"))
    assert "Nothing was imported" in page
    assert "broke off before its first file was complete, and nothing was kept. Import them again" in page
    run.refresh_from_db()
    assert run.state == "failed"


def test_long_work_goes_on_beside_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread is not started here: it would write through a connection of its own, outside the test's transaction."""
    pk = upload(client, {"accounts.csv": ACCOUNTS})
    monkeypatch.setattr(sessions, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(sessions.threading.Thread, "start", lambda self: None)
    client.post(f"/import/{pk}/check")
    assert "Comparing your files with what Trackline holds" in words(client.get(f"/import/{pk}/check"))
    storage.write_progress(ImportRun.objects.get().folder, {"table": "accounts.csv", "done": 1, "total": 2})
    assert "accounts.csv: 1 of 2 rows" in words(client.get(f"/import/{pk}/progress", headers={"HX-Request": "true"}))
    storage.write_progress(ImportRun.objects.get().folder, {"finished": True})
    response = client.get(f"/import/{pk}/progress", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == f"/import/{pk}/check"


def test_rows_rejected_for_one_reason_are_told_once(client: Client) -> None:
    deals = "Deal Name,Account Name,Stage,Amount\n" + "".join(f"D{n},Nobody Inc,Proposal,{n}\n" for n in range(30))
    pk = upload(client, {"accounts.csv": ACCOUNTS, "deals.csv": deals})
    client.post(f"/import/{pk}/check")
    client.post(f"/import/{pk}/run")
    page = words(client.get(f"/import/{pk}"))
    assert page.count("There is no account called “Nobody Inc”.") == 1
    assert "and 29 more" in page
    assert "See the accounts" in page


def test_accounts_that_rows_only_name_are_added_from_the_check(client: Client) -> None:
    pk = upload(client, {"deals.csv": "Deal Name,Company,Stage\nD,Acme,Won\nE,Bolt,Won\n"})
    client.post(f"/import/{pk}/check")
    page = words(client.get(f"/import/{pk}/check"))
    assert "2 rows name accounts that nobody has added." in page
    client.post(f"/import/{pk}/fix", {"create_accounts": "on"})
    page = words(client.get(f"/import/{pk}/check"))
    assert "nobody has added" not in page
    assert "4 changes ready" in page


def test_differences_are_told_in_words(client: Client) -> None:
    ann = make_user("owner", name="Ann Bo")
    make_account("Acme", owner=ann, tier=1, renewal_date="2027-01-31")
    make_user("eve", name="Eve Day")
    pk = upload(client, {"accounts.csv": "Account Name,Owner,Renewal Date,Tier\nAcme,Eve Day,2027-03-31,2\n"})
    client.post(f"/import/{pk}/check")
    page = words(client.get(f"/import/{pk}/check"))
    assert "Owner: Ann Bo → Eve Day" in page
    assert "Renewal date: 31 Jan 2027 → 31 Mar 2027" in page


def test_an_export_of_ours_may_be_said_to_hold_anything(client: Client) -> None:
    stamps = "2026-01-05T10:00:00Z,2026-01-05T10:00:00Z"
    pk = upload(
        client,
        {
            "alerts.csv": f"id,account,account_name,title,rule,fired_at,created_at,updated_at\n9,1,Acme,A,R,{stamps},2026-01-05T10:00:00Z\n"
        },
    )
    page = client.get(f"/import/{pk}/columns").content.decode()
    assert re.search(r'<option value="alert"\s+selected\s*>', page)


def test_a_new_row_is_looked_at_with_what_it_says(client: Client) -> None:
    pk = upload(
        client, {"accounts.csv": "Account Name,Owner,ARR,Renewal Date,Hobby\nAcme,Noor Aziz,€1200,2027-03-31,Chess\n"}
    )
    client.post(f"/import/{pk}/check")
    page = words(client.get(f"/import/{pk}/check"))
    # The owner is new as well, and is called what the file calls them.
    for said in ("Acme row 2, new", "Owner: Noor Aziz", "ARR: 1,200", "Renewal date: 31 Mar 2027", "Hobby: Chess"):
        assert said in page
    assert "not set" not in page
    client.post(f"/import/{pk}/run")
    deals = upload(client, {"deals.csv": "Deal Name,Company,Stage,Amount\nFleet,Acme,Value Proposition,NOK 5\n"})
    client.post(f"/import/{deals}/check")
    assert "Stage: Value Proposition" in words(client.get(f"/import/{deals}/check"))
    client.post(f"/import/{deals}/run")
    assert "NOK is in use without a rate: their amounts are left out of sums" in words(client.get(f"/import/{deals}"))
    assert "1 user added because rows name them" in words(client.get(f"/import/{pk}"))


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        ((43, 0, 12), "43 created, 12 rejected"),
        ((0, 2, 0), "2 updated"),
        ((0, 0, 3), "Nothing has changed, 3 rejected"),
        ((0, 0, 0), "Nothing has changed: all rows say what Trackline holds"),
    ],
)
def test_the_title_of_a_result_tells_what_was_rejected_too(counts: tuple[int, int, int], title: str) -> None:
    figures = dict(zip(("created", "updated", "rejected"), counts, strict=True))
    assert _title(ImportRun(state="done"), figures) == title
