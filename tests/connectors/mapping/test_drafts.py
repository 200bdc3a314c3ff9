"""Cells become values: kinds, currencies, choices, references, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from tests.connectors.support import drafts_of, write
from trackline.connectors.mapping.cells import full_salesforce_id


def test_currency_from_sign_column_and_heading(tmp_path: Path) -> None:
    signs = drafts_of(write(tmp_path, "deals.csv", "Deal Name,Stage,Amount\nA,Won,£5\nB,Won,$6\nC,Won,7\n"))
    assert [draft.values.get("currency") for draft in signs] == ["GBP", "USD", None]
    column = drafts_of(write(tmp_path, "deals2.csv", "Deal Name,Stage,Amount,Currency\nA,Won,5,usd\n"))
    assert column[0].values["currency"] == "USD"
    heading = drafts_of(write(tmp_path, "deals3.csv", "Deal Name,Stage,Amount in CHF\nA,Won,5\n"))
    assert heading[0].values == {"title": "A", "stage": "Won", "value": Decimal(5), "currency": "CHF", "state": "won"}


def test_choices_by_key_label_and_synonym(tmp_path: Path) -> None:
    text = "Full Name,Email,Sentiment,Buying Role\nA,a@x.com,Advocate,Decision maker\nB,b@x.com,supporter,CHAMPION\nC,c@x.com,loving,\n"
    one, two, three = drafts_of(write(tmp_path, "contacts.csv", text))
    assert (one.values["sentiment"], one.values["buying_role"]) == ("advocate", "economic_buyer")
    assert (two.values["sentiment"], two.values["buying_role"]) == ("positive", "champion")
    [problem] = three.problems
    assert (problem.heading, problem.value) == ("Sentiment", "loving")
    assert problem.reason == "One of detractor, neutral, positive, advocate is expected."


def test_words_that_are_not_known_fall_back_where_that_is_harmless(tmp_path: Path) -> None:
    [draft] = drafts_of(write(tmp_path, "accounts.csv", "Account Name,Account Type,Tier\nAcme,Press,B\n"))
    assert draft.values == {"name": "Acme", "status": "active", "tier": 2}


def test_near_misses_are_hinted(tmp_path: Path) -> None:
    [draft] = drafts_of(write(tmp_path, "contacts.csv", "Full Name,Email,Sentiment\nA,a@x.com,advocat\n"))
    assert draft.problems[0].hint == "advocate"


def test_every_wrong_cell_of_a_row_is_told(tmp_path: Path) -> None:
    text = "Deal Name,Stage,Amount,Close Date\nA,Won,much,31.02.2027\nB,Won,5,1.2.2027\n"
    first, second = drafts_of(write(tmp_path, "deals.csv", text))
    assert [(p.heading, p.value, p.reason) for p in first.problems] == [
        ("Amount", "much", "A number is expected."),
        ("Close Date", "31.02.2027", "February 2027 has 28 days."),
    ]
    assert not second.problems


def test_excel_serials_and_dates(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (
        ["Deal Name", "Stage", "Close Date"],
        ["A", "Won", datetime(2026, 3, 31)],  # noqa: DTZ001
        ["B", "Won", 46112],
        ["C", "Won", "31.03.2026"],
    ):
        sheet.append(line)
    book.save(tmp_path / "deals.xlsx")
    assert {draft.values["expected_close_on"] for draft in drafts_of(tmp_path / "deals.xlsx")} == {date(2026, 3, 31)}


def test_times_become_instants(tmp_path: Path) -> None:
    [draft] = drafts_of(
        write(tmp_path, "tickets.csv", "Ticket ID,Subject,Closed At\n1,Broken,2026-01-31T10:00:00+02:00\n")
    )
    assert draft.values["resolved_at"] == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert draft.values["status"] == "closed"


def test_replacements_are_read_instead(tmp_path: Path) -> None:
    path = write(tmp_path, "accounts.csv", "Account Name,Country\nAcme,Dtl.\n")
    [draft] = drafts_of(path, {"files": {"accounts.csv": {"values": {"Country": {"Dtl.": "Germany"}}}}})
    assert draft.values["region"] == "Germany"


def test_monthly_amounts_and_references_of_contracts(tmp_path: Path) -> None:
    [draft] = drafts_of(
        write(tmp_path, "subscriptions.csv", "subscription_id,account_id,start_date,mrr\nS-1,A-1,2026-01-01,100\n")
    )
    assert draft.values == {"ref": "S-1", "start_on": date(2026, 1, 1), "arr": Decimal(1200)}
    assert [(each.by, each.text) for each in draft.references["account"]] == [("id", "A-1")]


def test_names_of_contacts(tmp_path: Path) -> None:
    text = "First Name,Last Name,Email\nAnn,Bo,a@x.com\n,Cy,\n,,d.e@x.com\n"
    assert [draft.values["name"] for draft in drafts_of(write(tmp_path, "contacts.csv", text))] == [
        "Ann Bo",
        "Cy",
        "d.e",
    ]


def test_unreadable_web_addresses_cost_no_row(tmp_path: Path) -> None:
    [draft] = drafts_of(write(tmp_path, "accounts.csv", "Account Name,Website\nAcme,www.expressl&t.net\n"))
    assert not draft.problems
    assert [(w.heading, w.value) for w in draft.warnings] == [("Website", "www.expressl&t.net")]


def test_deleted_and_unfinished_rows_are_left_out(tmp_path: Path) -> None:
    text = "ID,ISDELETED,SUBJECT,STATUS,ACTIVITYDATE,ACCOUNTID\n00T1,false,Call,Completed,2026-01-01,0011\n00T2,true,Call,Completed,2026-01-01,0011\n00T3,false,Call,Open,2027-01-01,0011\n"
    done, deleted, open_ = drafts_of(write(tmp_path, "Task.csv", text), source="salesforce")
    assert (done.left_out, done.defaults["kind"]) == ("", "call")
    assert deleted.left_out == "Deleted in Salesforce."
    assert open_.left_out == "The task is still open; only finished ones are interactions."


def test_short_and_long_salesforce_ids_are_one() -> None:
    assert full_salesforce_id("0014W00002578rV") == "0014W00002578rVQAQ"
    assert full_salesforce_id("0014W00002578rVQAQ") == "0014W00002578rVQAQ"
    assert full_salesforce_id("AccountRef12345") != "AccountRef12345"
