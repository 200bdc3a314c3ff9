"""What the list shows as a file: the same rows, order and columns, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

from django.test import Client
from openpyxl import load_workbook

from tests.factories import make_account
from tests.workspace.accounts.conftest import Small


def rows(client: Client, query: str) -> list[list[str]]:
    answer = client.get(f"/lists/accounts/export/csv?{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(text)))


def test_a_csv_has_what_the_list_shows(as_katrin: Client) -> None:
    found = rows(as_katrin, "tier=1&order=-arr&columns=owner,arr,health,renews_in,watch")
    assert found[0] == ["Key", "Account", "Owner", "ARR", "Currency", "Health", "Days to renewal", "On watch"]
    assert [line[:5] for line in found[1:]] == [
        ["ardent-rail", "Ardent Rail", "Katrin Vogel", "1000000", "EUR"],
        ["okada-brandt", "Okada Brandt", "Katrin Vogel", "500000", "EUR"],
    ]
    assert found[1][5].startswith("delivery amber, relationship green")
    assert [line[6] for line in found[1:]] == ["40", "-3"]


def test_all_rows_of_the_filter_are_written_not_one_page(as_katrin: Client, book: Small) -> None:
    for number in range(60):
        make_account(f"Account {number}", owner=book.tim, tier=3)
    assert len(rows(as_katrin, "tier=3&page=2")) == 62


def test_text_that_looks_like_a_formula_stays_text(as_katrin: Client) -> None:
    make_account("=HYPERLINK(1)", key="formula")
    assert rows(as_katrin, "q=hyperlink")[1][1] == "'=HYPERLINK(1)"
    answer = as_katrin.get("/lists/accounts/export/xlsx?q=hyperlink")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    cell = sheet.cell(2, 2)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_json_names_fields_and_keeps_types(as_katrin: Client) -> None:
    answer = as_katrin.get("/lists/accounts/export/json?q=ardent rail&columns=arr,renewal_date,tier")
    found = json.loads(b"".join(answer.streaming_content))
    assert found[0] | {"renewal_date": ""} == {
        "key": "ardent-rail",
        "name": "Ardent Rail",
        "arr": 1000000,
        "currency": "EUR",
        "renewal_date": "",
        "tier": "Tier 1",
    }


def test_another_ending_is_not_found(as_katrin: Client) -> None:
    assert as_katrin.get("/lists/accounts/export/exe").status_code == 404
