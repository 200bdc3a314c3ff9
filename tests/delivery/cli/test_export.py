"""`trackline export`: complete files of every record type."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar
from openpyxl import load_workbook
from pptx import Presentation

from tests.delivery.cli.conftest import Shell
from trackline.kit.policy import Context, system_context
from trackline.kit.records import exports
from trackline.kit.records import services as records
from trackline.kit.records.models import CustomField
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def make(ctx: Context, noun: str, **data: Any) -> Any:
    return records.create(ctx, registry.get(noun), data, parse="json")


@pytest.fixture
def account() -> Any:
    ctx = system_context(timezone.now())
    CustomField.objects.create(record_type="account", key="cost_centre", label="Cost centre", kind="text")
    account = make(
        ctx,
        "account",
        name="=Nord „AG“",
        currency="EUR",
        arr=1234.5,
        tags=["x", "y"],
        custom={"cost_centre": "K1"},
        external_ids={"salesforce": "001A"},
    )
    make(ctx, "contact", account=account.pk, name="Zoë", phone="+49 30 1234")
    return account


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_field_with_names_beside_ids(shell: Shell, account: Any, tmp_path: Path) -> None:
    assert shell("export", "accounts", "--to", str(tmp_path / "a.csv")).code == 0
    assert shell("export", "contacts", "--to", str(tmp_path / "c.csv")).code == 0
    (row,) = read(tmp_path / "a.csv")
    assert row["arr"] == "1234.5"
    assert row["tags"] == "x; y"
    assert (row["custom.cost_centre"], row["external_id.salesforce"]) == ("K1", "001A")
    assert set(registry.get("account").specs) <= set(row)
    (contact,) = read(tmp_path / "c.csv")
    assert (contact["account"], contact["account_name"]) == (str(account.pk), "'=Nord „AG“")


def test_no_cell_is_run_as_a_formula(shell: Shell, account: Any, tmp_path: Path) -> None:
    shell("export", "accounts", "--to", str(tmp_path / "a.csv"))
    shell("export", "contacts", "--to", str(tmp_path / "c.csv"))
    shell("export", "accounts", "--to", str(tmp_path / "a.xlsx"))
    assert read(tmp_path / "a.csv")[0]["name"].startswith("'=")
    assert read(tmp_path / "c.csv")[0]["phone"] == "+49 30 1234"
    sheet = load_workbook(tmp_path / "a.xlsx").active
    name = sheet.cell(2, [cell.value for cell in sheet[1]].index("name") + 1)
    assert (name.value, name.data_type) == ("=Nord „AG“", "s")


def test_json_is_what_the_api_answers_and_what_archives_alone_hold(shell: Shell, account: Any, tmp_path: Path) -> None:
    shell("export", "accounts", "--to", str(tmp_path / "a.json"))
    (item,) = json.loads((tmp_path / "a.json").read_text())
    account.refresh_from_db()
    rtype = registry.get("account")
    expected = to_json(system_context(timezone.now()), rtype, account)
    assert item["id"] == str(account.pk)
    assert set(item) == {*expected, *rtype.archived_as.values()}


@pytest.mark.parametrize("ending", [".zip", ".xlsx", ".json", ""])
def test_all_holds_every_record_type(shell: Shell, account: Any, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"all{ending}"
    done = shell("export", "all", "--to", str(target), "--json")
    assert done.json["records"]["accounts"] == 1
    resources = {rtype.resource for rtype in registry.all()}
    assert set(done.json["records"]) == resources
    if ending == ".zip":
        found = {name.removesuffix(".csv") for name in zipfile.ZipFile(target).namelist()}
    elif ending == ".xlsx":
        found = {sheet.lower().replace(" ", "-") for sheet in load_workbook(target).sheetnames}
    elif ending == ".json":
        found = set(json.loads(target.read_text()))
    else:
        found = {name.removesuffix(".csv") for name in os.listdir(target)}
    assert len(found) == len(resources)


def test_every_row_comes_whatever_the_page_size(
    shell: Shell, account: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    ctx = system_context(timezone.now())
    for number in range(6):
        make(ctx, "contact", account=account.pk, name=f"Contact {number}")
    shell("export", "contacts", "--to", str(tmp_path / "c.csv"))
    rows = read(tmp_path / "c.csv")
    assert len({row["id"] for row in rows}) == 7
    assert all(row["account_name"] for row in rows)


def test_filters_are_those_of_the_api(shell: Shell, account: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "c.csv")
    assert shell("export", "contacts", "--to", path, "--search", "zoe").out.endswith("1 records\n")
    assert shell("export", "contacts", "--to", path, "--filter", "name=Nobody").out.endswith("0 records\n")
    wrong = shell("export", "contacts", "--to", path, "--filter", "nam=x")
    assert (wrong.code, "name" in wrong.err) == (2, True)


def test_wrong_usage_is_told_and_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    slip = shell("export", "acounts", "--to", str(tmp_path / "a.csv"))
    assert (slip.code, "Did you mean accounts?" in slip.err) == (2, True)
    assert shell("export", "accounts", "--to", str(tmp_path / "a.pdf")).code == 2
    assert shell("export", "all", "--to", str(tmp_path / "a.csv")).code == 2
    assert os.listdir(tmp_path) == []


def test_a_workbook_has_typed_cells(shell: Shell, account: Any, tmp_path: Path) -> None:
    ctx = system_context(timezone.now())
    records.update(ctx, registry.get("account"), account.pk, {"renewal_date": date(2027, 3, 31)})
    make(ctx, "route", account=account.pk, title="Ramp-up", type="upsell", value=250000, probability=40, currency="CHF")
    make(ctx, "meeting", account=account.pk, title="Review", at="2026-12-01T09:30:00Z")
    target = tmp_path / "all.xlsx"
    assert shell("export", "all", "--to", str(target)).code == 0
    book = load_workbook(target)

    def cell(sheet: str, column: str) -> Any:
        page = book[sheet]
        assert (page.freeze_panes, page.auto_filter.ref[:3]) == ("B2", "A1:")
        return page.cell(2, [found.value for found in page[1]].index(column) + 1)

    renewal = cell("Accounts", "renewal_date")
    assert (renewal.is_date, renewal.value.date()) == (True, date(2027, 3, 31))
    arr = cell("Accounts", "arr")
    assert (arr.value, arr.number_format.startswith("[$EUR] #,##0.00")) == (1234.5, True)
    value = cell("Routes", "value")
    assert (value.value, value.number_format.startswith("[$CHF]")) == (250000, True), "its own currency"
    share = cell("Routes", "probability")
    assert (share.value, share.number_format) == (40, '0.0## "%"'), "percentage points, as everywhere"
    assert cell("Meetings", "at").value.replace(tzinfo=UTC) == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert cell("Accounts", "id").data_type == "s"


def test_meetings_make_a_calendar_and_nothing_else_does(shell: Shell, account: Any, tmp_path: Path) -> None:
    make(system_context(timezone.now()), "meeting", account=account.pk, title="Review", at="2026-12-01T09:30:00Z")
    done = shell("export", "meetings", "--to", str(tmp_path / "m.ics"), "--json")
    assert done.json["records"] == {"meetings": 1}
    (event,) = Calendar.from_ical((tmp_path / "m.ics").read_bytes()).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert shell("export", "accounts", "--to", str(tmp_path / "a.ics")).code == 2


def test_a_plan_is_written_in_the_format_of_its_ending(shell: Shell, account: Any, tmp_path: Path) -> None:
    for ending, begins in (("pdf", b"%PDF"), ("docx", b"PK"), ("md", b"# "), ("json", b"{")):
        file = tmp_path / f"plan.{ending}"
        assert shell("export", "plan", account.key, "--to", str(file), "--on", "2026-09-30").code == 0
        assert file.read_bytes().startswith(begins)
    told = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert (told["as_of"], told["facts"]["account"]["arr"]) == ("2026-09-30", 1234.5)
    assert shell("export", "plan", account.key, "--to", str(tmp_path / "plan.exe")).code == 2
    assert shell("export", "plan", "--to", str(tmp_path / "plan.pdf")).code == 2
    assert shell("export", "plan", "nobody", "--to", str(tmp_path / "plan.pdf")).code == 1
    assert shell("export", "accounts", account.key, "--to", str(tmp_path / "a.csv")).code == 2


def test_documents_are_written_by_their_ending(shell: Shell, account: Any, tmp_path: Path) -> None:
    deck, report = tmp_path / "review.pptx", tmp_path / "report.xlsx"
    assert shell("export", "review", account.key, "--to", str(deck), "--edition", "customer").code == 0
    assert deck.read_bytes().startswith(b"PK")
    assert shell("export", "book", "--to", str(report), "--period", "month", "--json").json["bytes"] > 0
    told = shell("export", "review", account.key, "--to", str(tmp_path / "r.json"), "--on", "2026-01-31", "--json")
    assert told.code == 0 and json.loads((tmp_path / "r.json").read_text())["as_of"] == "2026-01-31"
    for wrong in (("review", "--to", str(deck)), ("book", account.key, "--to", str(report)),
                  ("review", account.key, "--to", "r.doc"), ("accounts", account.key, "--to", "a.csv")):  # fmt: skip
        assert shell("export", *wrong).code == 2


def test_slides_on_a_template_of_one_s_own(shell: Shell, account: Any, tmp_path: Path) -> None:
    own, deck = tmp_path / "own.pptx", tmp_path / "review.pptx"
    Presentation().save(str(own))
    assert shell("export", "review", account.key, "--to", str(deck), "--template", str(own)).code == 0
    assert Presentation(str(deck)).slide_width == Presentation().slide_width
    own.write_text("no slides")
    assert shell("export", "review", account.key, "--to", str(deck), "--template", str(own)).code == 2


def test_a_dashboard_by_its_name_in_every_format(shell: Shell, account: Any, tmp_path: Path) -> None:
    ctx = system_context(timezone.now())
    make(ctx, "dashboard", name="Where we stand", shared=True, tiles=[{"kind": "arr"}, {"kind": "accounts"}])
    for ending, begins in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("xlsx", b"PK"), ("json", b"{")):
        target = tmp_path / f"board.{ending}"
        assert shell("export", "dashboard", "where we stand", "--to", str(target)).code == 0
        assert target.read_bytes().startswith(begins)
    target = tmp_path / "none.json"
    assert shell("export", "dashboard", "Where we stand", "--to", str(target), "--filter", "region=Nowhere").code == 0
    assert json.loads(target.read_bytes())["tiles"][1]["value"] == 0
    for wrong in (
        ("--filter", "luck=1"), ("--on", "2026-01-01"), ("--edition", "customer"),
    ):  # fmt: skip
        assert shell("export", "dashboard", "Where we stand", "--to", str(target), *wrong).code == 2
    assert shell("export", "dashboard", "--to", str(target)).code == 2
    assert shell("export", "dashboard", "Nobody's", "--to", str(target)).code == 1
    assert shell("export", "book", "--to", str(tmp_path / "r.pdf"), "--filter", "tier=1").code == 2


def test_the_summary_of_a_meeting_is_written_as_text_and_as_json(shell: Shell, account: Any, tmp_path: Path) -> None:
    ctx = system_context(timezone.now())
    meeting = make(ctx, "meeting", account=account.pk, title="Review", at="2026-12-01T09:30:00Z")
    target = tmp_path / "summary.txt"
    assert shell("export", "summary", str(meeting.pk), "--to", str(target)).code == 0
    assert target.read_text("utf-8").startswith("Summary: Review")
    assert shell("export", "summary", str(meeting.pk), "--to", str(tmp_path / "s.json")).code == 0
    told = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert told["subject"].startswith("Summary: Review") and told["people"] == []
    assert shell("export", "summary", "--to", str(target)).code == 2
    assert shell("export", "summary", "999999", "--to", str(target)).code == 1
    assert shell("export", "summary", str(meeting.pk), "--to", str(target), "--on", "2026-01-01").code == 2
