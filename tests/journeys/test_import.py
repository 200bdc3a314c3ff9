"""An export of a CRM becomes accounts: upload, columns, what would change, import, rejected rows mended, taken back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.factories import Cast
from tests.journeys.checks import clean, settle
from trackline.accounts.models import Account
from trackline.connectors.models import ImportRun

Open = Callable[..., Page]
EXPORT = """Id,Name,Industry,NumberOfEmployees,AnnualRevenue,Website,Fax No
001A1,Kranz Systems,Energy,120,1200000,kranz.example,+49 1
001A2,Lumen Werke,Energy,many,800000,lumen.example,
001A3,Okada Brandt Mobility,Automotive,5400,90000000,okada.example,
"""


def test_an_export_comes_in_is_mended_and_taken_back(open_page: Open, cast: Cast, tmp_path: Path) -> None:
    page = open_page("owner", "/accounts")
    page.get_by_role("link", name="Import", exact=True).first.click()
    page.wait_for_url("**/import")
    expect(page.locator("#main")).to_contain_text("Nothing was imported yet")
    upload(page, tmp_path / "Account.csv", EXPORT)

    expect(page.locator("h1")).to_contain_text("1 file is ready")
    expect(page.get_by_label("What Account.csv becomes")).to_have_value("account")
    expect(page.get_by_label("Field for NumberOfEmployees")).to_have_value("client_fte")
    page.get_by_label("Field for Fax No").select_option("skip")
    settle(page)
    clean(page)
    page.get_by_role("button", name="Check 3 rows").click()

    expect(page.locator("h1")).to_contain_text("1 row rejected")
    rejected = page.get_by_role("region", name="Rejected rows")
    expect(rejected).to_contain_text("many")
    expect(rejected).to_contain_text("number is expected")
    changes = page.get_by_role("complementary", name="What changes in Account.csv")
    expect(changes).to_contain_text("Kranz Systems")
    expect(changes).to_contain_text("Okada Brandt Mobility row 4, changed")
    clean(page)
    assert Account.objects.count() == 1, "nothing is written before the import is asked for"
    page.get_by_role("button", name="Import 2 changes").click()

    expect(page.locator("h1")).to_contain_text("1 created")
    clean(page)
    assert set(Account.objects.values_list("name", "industry")) == {
        ("Kranz Systems", "Energy"),
        ("Okada Brandt Mobility", "Automotive"),
    }
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Account-rejected.csv").click()
    mended = tmp_path / "Account-rejected.csv"
    download.value.save_as(mended)
    rows = list(csv.reader(mended.read_text("utf-8-sig").splitlines()))
    assert rows[1][:4] == ["001A2", "Lumen Werke", "Energy", "many"]
    assert any("number is expected" in cell for cell in rows[1])

    page.get_by_role("link", name="Import more").click()
    upload(page, mended, mended.read_text("utf-8-sig").replace("many", "75"))
    page.get_by_role("button", name="Check 1 row").click()
    page.get_by_role("button", name="Import 1 change").click()
    expect(page.locator("h1")).to_contain_text("1 created")
    assert Account.objects.get(name="Lumen Werke").client_fte == 75

    page.get_by_role("navigation", name="You are here").get_by_role("link", name="Import").click()
    page.get_by_role("link", name="Account.csv").click()
    page.get_by_role("button", name="Undo import").click()
    dialog = page.get_by_role("dialog", name="Undo this import?")
    expect(dialog).to_contain_text("1 record it created will be removed, 1 it changed go back")
    dialog.get_by_role("button", name="Undo import").click()
    expect(page.locator("#main")).to_contain_text("1 record removed, 1 put back as they were")
    clean(page)
    assert set(Account.objects.alive().values_list("name", flat=True)) == {"Okada Brandt Mobility", "Lumen Werke"}
    assert Account.objects.get(name="Okada Brandt Mobility").industry == ""


def test_what_is_not_understood_is_asked_and_mapped_by_hand(open_page: Open, cast: Cast, tmp_path: Path) -> None:
    page = open_page("owner", "/import")
    upload(page, tmp_path / "kundschaft.csv", "Bezeichnung,Ort der Kundschaft\nKranz Systems,Lindau\n")
    expect(page.locator("h1")).to_contain_text("None of the files was recognised")
    page.get_by_label("What kundschaft.csv becomes").select_option("account")
    settle(page)
    page.get_by_label("Field for Bezeichnung").select_option("name")
    settle(page)
    expect(page.get_by_role("button", name="Check 1 row")).to_be_enabled()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/import")
    assert not ImportRun.objects.exists()


def test_an_upload_that_is_refused_says_why(open_page: Open, cast: Cast, tmp_path: Path) -> None:
    page = open_page("owner", "/import")
    page.locator("form.form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Upload and map columns").click()
    expect(page.locator(".form-errors")).to_contain_text("Choose at least one file")
    expect(page.locator(".form-errors")).to_be_focused()
    clean(page)


def upload(page: Page, file: Path, text: str) -> None:
    """Choose a file and send it."""
    file.write_text(text)
    page.get_by_label("Files, or a zip of them").set_input_files(file)
    page.get_by_role("button", name="Upload and map columns").click()
    page.wait_for_url("**/columns")
