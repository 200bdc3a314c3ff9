"""What a file holds where its headings are everybody's: by evidence, or asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import write
from trackline.connectors.known import types_of
from trackline.connectors.mapping.build import build_plan
from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.mapping.saved import parse_map
from trackline.connectors.readers import read_paths


def _plan(path: Path, told: dict[str, str] | None = None) -> TablePlan:
    """The plan of a file, with all record types that the program has."""
    [table] = build_plan(read_paths([path]), parse_map(told or {}), types_of=types_of).tables
    return table


@pytest.mark.parametrize(
    ("name", "headings", "row", "type_name"),
    [
        ("export.csv", "Name,Type,Annual Revenue", "Acme,Customer,5000000", "account"),
        ("export.csv", "Name,Type,Annual Revenue,Owner", "Acme,Customer,5000000,Ann Bo", "account"),
        ("export.csv", "Name,Owner,Status,Tier", "Acme,Ann Bo,Active,A", "account"),
        ("export.csv", "Id,Name,Owner,Phone,Billing City", "1,Acme,Ann Bo,+1 555,Oslo", "account"),
        ("export.csv", "Name,Country,Employees", "Acme,Norway,50", "account"),
        ("export.csv", "Name,Status,Renewal", "Acme,Active,2027-01-31", "account"),
        ("export.csv", "Name,Type,Website,Description", "Acme,Customer,acme.example,Pumps", "account"),
        ("export.csv", "Name,Industry", "Acme,Energy", "account"),
        ("list.csv", "Name", "Acme GmbH\nBolt Inc.\nCrane Ltd", "account"),
        ("accounts.csv", "Name", "Acme", "account"),
        ("companies.csv", "Name,Owner", "Acme,Ann Bo", "account"),
        ("export.csv", "Name,Email,Phone,Company", "Ann Bo,ann@acme.example,+1 555,Acme", "contact"),
        ("contacts.csv", "Name,Owner", "Ann Bo,Eve Day", "contact"),
        ("export.csv", "Name,Amount,Stage,Close Date,Owner", "Pumps,5000,Proposal,2027-01-31,Ann Bo", "route"),
        ("deals.csv", "Name,Type,Owner,Amount", "Pumps,Upsell,Ann Bo,5000", "route"),
        ("products.csv", "Name,Type,Status", "Pump,Hardware,Active", "product"),
        ("export.csv", "Name,Family,List Price", "Pump,Hardware,50", "product"),
        ("users.csv", "Name", "Ann Bo", "user"),
        ("export.csv", "Sales Rep,Manager,Region", "Ann Bo,Eve Day,EMEA", "user"),
        ("tickets.csv", "Name,Status,Owner", "Broken pump,Open,Ann Bo", "issue"),
        ("cases.csv", "Subject,Status,Priority", "Broken pump,Open,High", "issue"),
        ("notes.csv", "Title,Body", "Visit,All is well", "note"),
        ("tasks.csv", "Subject,Due Date,Status", "Call,2027-01-31,Open", "interaction"),
    ],
)
def test_kind_is_decided_by_evidence(tmp_path: Path, name: str, headings: str, row: str, type_name: str) -> None:
    table = _plan(write(tmp_path, name, f"{headings}\n{row}\n"))
    assert table.type == type_name, table.reason


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("Name", "Ann"),
        ("Name,Owner", "Acme,Ann Bo"),
        ("Name,Type", "Acme,Big"),
        ("Id,Name,Type,Status", "1,Acme,Big,Open"),
        ("Title,Status,Owner,Description", "Acme,Open,Ann Bo,Text"),
        ("Name,Region", "Acme,North"),
    ],
)
def test_what_could_be_several_things_is_not_guessed(tmp_path: Path, headings: str, row: str) -> None:
    table = _plan(write(tmp_path, "export.csv", f"{headings}\n{row}\n"))
    assert not table.recognised
    assert table.reason.startswith("Not recognised: these headings could be those of ")
    assert "`--as accounts`" in table.reason


def test_a_person_may_say_what_a_file_holds(tmp_path: Path) -> None:
    table = _plan(write(tmp_path, "export.csv", "Name,Owner\nAcme,Ann Bo\n"), {"type": "account"})
    assert table.type == "account"
    assert [column.target for column in table.columns] == ["name", "owner"]


def test_people_of_a_file_are_named_by_its_names_not_their_owner(tmp_path: Path) -> None:
    table = _plan(write(tmp_path, "export.csv", "Owner,Name\nEve Day,Ann Bo\n"), {"type": "user"})
    assert {column.heading: column.target for column in table.columns}["Name"] == "name"


def test_a_file_of_our_own_that_is_not_imported_is_not_called_something_else(tmp_path: Path) -> None:
    table = _plan(
        write(tmp_path, "scoring-models.csv", "id,version,created_at,updated_at,title\n1,1,2027-01-01,2027-01-01,A\n")
    )
    assert not table.recognised
    assert "could be those of" not in table.reason


@pytest.mark.parametrize(
    ("name", "headings", "row", "found"),
    [
        (
            "Goals & KPIs.csv",
            "Goal,Customer,Owner,Start value,Target value,Current value,Unit,Deadline,Status",
            "Less scrap,Acme,Ann,4.8,2.4,3.6,%,30 Jun 2027,On track",
            ("goal", "title account owner baseline target current unit due_on status"),
        ),
        (
            "Risikoliste.csv",
            "Risiko;Kunde;Eintrittswahrscheinlichkeit;Auswirkung;Gegenmaßnahme;Verantwortlich;Frist",
            "Preiskampf;Acme;4;5;Wertbericht;Ann;30.06.2027",
            ("risk", "title account likelihood impact mitigation owner due_on"),
        ),
        (
            "action items.csv",
            "Action item,Client,Who,By when,Status",
            "Send offer,Acme,Ann,2027-01-31,Open",
            ("action", "title account owner due_on status"),
        ),
    ],
)
def test_registers_in_the_words_of_spreadsheets(
    tmp_path: Path, name: str, headings: str, row: str, found: tuple[str, str]
) -> None:
    table = _plan(write(tmp_path, name, f"{headings}\n{row}\n"))
    assert (table.type, " ".join(column.target for column in table.columns)) == found


def test_a_list_called_goals_is_not_taken_for_accounts(tmp_path: Path) -> None:
    table = _plan(write(tmp_path, "goals.csv", "Customer,Owner,Industry,Tier\nAcme,Ann,Energy,1\n"))
    assert not table.recognised
    assert table.reason.startswith("Not recognised: it may hold goals, but no column gives title.")
