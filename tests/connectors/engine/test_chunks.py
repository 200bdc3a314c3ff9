"""One file with everything in it: new and known records, twins, slips, own fields and parents that come later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import counts, import_files, write
from tests.factories import system
from trackline.accounts.models import Account, Contact
from trackline.connectors.engine import table
from trackline.connectors.services import undo_import
from trackline.kit.history.models import Change
from trackline.kit.models import ExternalId

pytestmark = pytest.mark.django_db

ACCOUNTS = """Id,Name,ParentId,Industry,NumberOfEmployees,Website,Sector code,Since
1,Alder,3,Energy,10,https://alder.example,A-1,2020-01-31
2,Birch,,Energy,20,https://birch.example,A-2,2020-02-28
1,Alder,3,Energy,10,https://alder.example,A-1,2020-01-31
2,Birch,,Energy,21,https://birch.example,A-2,2020-02-28
3,Cedar,,Retail,many,https://cedar.example,A-3,2020-03-31
4,Douglas,5,Retail,40,https://douglas.example,,
5,Elm,,Retail,50,https://elm.example,A-5,soon
6,"Fir
Group",5,Energy,60,,A-6,2020-06-30
"""
CONTACTS = """Id,FirstName,LastName,Email,AccountId,Buying Role
c1,Ann,Alder,ann@birch.example,2,champion
c2,Bob,Birch,bob@birch.example,2,Decision maker
c3,Cem,Cedar,cem@birch.example,7,champion
c4,Dot,Douglas,ann@birch.example,2,
c5,Eve,Elm,eve@elm.example,5,wizard
"""


@pytest.mark.parametrize("size", [2, 2_000])
def test_all_of_it_whatever_rows_come_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(table, "CHUNK", size)
    first = "Id,Name,Industry,NumberOfEmployees\n2,Birch,Energy,19\n"
    import_files(write(tmp_path / "first", "Account.csv", first), source="salesforce")
    files = (write(tmp_path, "Account.csv", ACCOUNTS), write(tmp_path, "Contact.csv", CONTACTS))
    result = import_files(*files, source="salesforce")
    assert counts(result) == {
        "created": {"accounts": 4, "contacts": 3},
        "updated": {"accounts": 1},
        "unchanged": {"accounts": 1},
    }
    told = {(each.file, each.row, each.column): each.reason for each in (*result.rejected, *result.warnings)}
    assert told == {
        ("Account.csv", 2, "ParentId"): "No account with this id is known; the field stays empty.",
        ("Account.csv", 5, ""): "The same account as in row 3, but with other values. Keep one of the rows.",
        ("Account.csv", 6, "NumberOfEmployees"): "A number is expected.",
        ("Contact.csv", 4, "AccountId"): "There is no account with the id “7”.",
        ("Contact.csv", 5, "Email"): "Another contact of this account has this e-mail address.",
    }
    columns = ("name", "parent__name", "client_fte", "domain", "custom")
    assert list(Account.objects.order_by("name").values_list(*columns)) == [
        ("Alder", None, 10, "alder.example", {"sector_code": "A-1", "since": "2020-01-31"}),
        ("Birch", None, 20, "birch.example", {"sector_code": "A-2", "since": "2020-02-28"}),
        ("Douglas", "Elm", 40, "douglas.example", {}),
        ("Elm", None, 50, "elm.example", {"sector_code": "A-5", "since": "soon"}),
        ("Fir Group", "Elm", 60, "", {"sector_code": "A-6", "since": "2020-06-30"}),
    ]
    assert list(Contact.objects.order_by("name").values_list("name", "buying_role", "account__name")) == [
        ("Ann Alder", "champion", "Birch"),
        ("Bob Birch", "economic_buyer", "Birch"),
        ("Eve Elm", "", "Elm"),
    ]
    lines = Change.objects.filter(record_type__in=("account", "contact"))
    assert sorted(lines.filter(action="create").values_list("title", "version")) == [
        (name, 1) for name in ("Alder", "Ann Alder", "Birch", "Bob Birch", "Douglas", "Elm", "Eve Elm", "Fir Group")
    ]
    [(title, changes, version)] = lines.filter(action="update").values_list("title", "changes", "version")
    assert (title, version, changes["client_fte"], changes["domain"]) == (
        "Birch",
        2,
        ["19", "20"],
        ["", "birch.example"],
    )
    assert changes["custom.sector_code"] == [None, "A-2"]
    ids = ExternalId.objects.values_list("value", flat=True)
    assert sorted(ids) == ["1", "2", "4", "5", "6", "c1", "c2", "c5"]
    again = import_files(*files, source="salesforce")
    assert counts(again) == {"created": {}, "updated": {}, "unchanged": {"accounts": 6, "contacts": 3}}
    undo_import(system(), result.run or 0)
    assert list(Account.objects.filter(deleted_at=None).values_list("name", "client_fte", "custom")) == [
        ("Birch", 19, {})
    ]
