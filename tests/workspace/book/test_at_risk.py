"""The page of accounts at risk: its rows, the tick of the week, files."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.factories import make, make_account, make_cast, system
from trackline.book.models import StandUpEntry
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.risks import PAGE_SIZE

pytestmark = pytest.mark.django_db


def test_the_page_ticks_tells_and_is_taken_along() -> None:
    cast = make_cast()
    services.update(system(), registry.get("account"), cast.account.pk, {"status": "at_risk"})
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get("/book/at-risk").content.decode()
    assert (
        "1 account at risk with €2.84m at stake" in text and "Marked at risk" in text and "1 without a recovery" in text
    )
    answer = browser.post(f"/book/at-risk/{cast.account.pk}/discussed", {"yes": "1"}, headers={"hx-request": "true"})
    assert answer.status_code == 204 and "undo" in answer.headers["HX-Trigger"]
    entry = StandUpEntry.objects.alive().get()
    services.update(system(), registry.get("stand_up_entry"), entry.pk, {"note": "Call their CFO"})
    assert "Call their CFO" in browser.get("/book/at-risk").content.decode()
    lines = browser.get("/book/at-risk/export/csv").content.decode().splitlines()
    assert len(lines) == 2 and lines[1].endswith("yes,Call their CFO")
    book = load_workbook(BytesIO(b"".join(browser.get("/book/at-risk/export/xlsx"))))  # type: ignore[arg-type]
    assert book.sheetnames == ["At risk", "Score and money"]
    browser.post(f"/book/at-risk/{cast.account.pk}/discussed", headers={"hx-request": "true"})
    assert not StandUpEntry.objects.alive().exists()


def test_a_long_list_comes_in_pages_and_filters_stay() -> None:
    cast = make_cast()
    top = make_account("Group", status="at_risk", arr=9000)
    for number in range(PAGE_SIZE):
        make("account", name=f"Part {number:02}", parent=top, status="at_risk", arr=number)
    browser = Client()
    browser.force_login(cast.admin)
    first = browser.get(f"/book/at-risk?group={top.key}").content.decode()
    assert "1–50 of 51" in first and "Part 00" not in first
    last = browser.get(f"/book/at-risk?group={top.key}&page=2").content.decode()
    assert "51–51 of 51" in last and "Part 00" in last
    assert "No account matches" in browser.get("/book/at-risk?tier=3").content.decode()
