"""Our own exports after somebody worked on them in a spreadsheet: what was changed changes, nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.connectors.support import counts, import_files, reasons, write
from tests.factories import make, make_account, make_user, system
from trackline.accounts.models import Account
from trackline.kit.models import ExternalId
from trackline.kit.records import exports
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.track.models import Issue

pytestmark = pytest.mark.django_db
Rows = list[dict[str, str]]


def edited(
    folder: Path, record_type: str, edit: Callable[[Rows], Rows], *, delimiter: str = ",", name: str = ""
) -> Path:
    """Export a type, let somebody edit the rows, and save the file as a spreadsheet does."""
    rtype = registry.get(record_type)
    path = folder / (name or f"{rtype.resource}.csv")
    exports.write_csv(path, system(), rtype, exports.rows(system(), rtype, ListParams()))
    rows = edit(list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return write(folder, path.name, out.getvalue())


def without(*names: str) -> Callable[[Rows], Rows]:
    """Take columns out."""
    return lambda rows: [{name: value for name, value in row.items() if name not in names} for row in rows]


@pytest.fixture
def book(home: Path) -> Account:
    """An account with values in most kinds of fields."""
    make_user("ann", name="Ann Bo")
    make_account("Bolt", arr="10")
    return make_account("Acme", arr="1200.50", renewal_date="2027-03-31", tier=2, industry="Energy", tags=["core"])


def test_columns_taken_out_keep_what_they_held(tmp_path: Path, book: Account) -> None:
    path = edited(tmp_path, "account", without("arr", "renewal_date", "tags", "created_at", "updated_at"))
    assert counts(import_files(path)) == {"created": {}, "updated": {}, "unchanged": {"accounts": 2}}
    assert not ExternalId.objects.exists()


def test_an_empty_cell_keeps_the_value(tmp_path: Path, book: Account) -> None:
    path = edited(tmp_path, "account", lambda rows: [{**row, "arr": "", "industry": ""} for row in rows])
    assert counts(import_files(path))["updated"] == {}


def test_a_renamed_record_is_met_by_its_id(tmp_path: Path, book: Account) -> None:
    path = edited(tmp_path, "account", lambda rows: [{**row, "name": f"{row['name']} Group"} for row in rows])
    assert counts(import_files(path))["updated"] == {"accounts": 2}
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Acme Group", "Bolt Group"]


def test_rows_added_are_new_and_take_the_usual_defaults(tmp_path: Path, book: Account) -> None:
    path = edited(tmp_path, "account", lambda rows: [*rows, {"name": "Crane", "owner_name": "Ann Bo", "tier": "1"}])
    result = import_files(path)
    assert (reasons(result), counts(result)["created"]) == ([], {"accounts": 1})
    crane = Account.objects.get(name="Crane")
    assert (crane.key, crane.owner.name, crane.tier, crane.currency) == ("crane", "Ann Bo", 1, "EUR")


def test_a_german_spreadsheet_writes_dates_and_numbers_its_way(tmp_path: Path, book: Account) -> None:
    def german(rows: Rows) -> Rows:
        made = {"Acme": ("1.300,75", "30.04.2027"), "Bolt": ("10,5", "")}
        return [{**row, "arr": made[row["name"]][0], "renewal_date": made[row["name"]][1]} for row in rows]

    path = edited(tmp_path, "account", german, delimiter=";")
    assert counts(import_files(path))["updated"] == {"accounts": 2}
    book.refresh_from_db()
    assert (str(book.arr), str(book.renewal_date)) == ("1300.75", "2027-04-30")


def test_a_file_of_another_name_is_known_by_its_headings(tmp_path: Path, book: Account) -> None:
    make("goal", account=book, title="Less scrap", baseline=4, target=2)
    path = edited(tmp_path, "goal", lambda rows: [{**row, "target": "1.5"} for row in rows], name="for Monday.csv")
    assert counts(import_files(path))["updated"] == {"goals": 1}
    assert str(Goal.objects.get().target) == "1.500000"


def test_another_owner_by_name_counts_where_the_id_was_left(tmp_path: Path, book: Account) -> None:
    """People edit the name they can read, and leave the id beside it."""
    make_user("eve", name="Eve Day")
    issue = make("issue", account=book, title="Late parts", assignee=make_user("dan", name="Dan Roe"))
    path = edited(tmp_path, "issue", lambda rows: [{**row, "assignee_name": "Eve Day"} for row in rows])
    assert counts(import_files(path))["updated"] == {"issues": 1}
    assert Issue.objects.get(pk=issue.pk).assignee.name == "Eve Day"


def test_links_by_name_count_where_the_ids_were_left(tmp_path: Path, book: Account) -> None:
    first, second = (make("kpi", account=book, name=name, unit="count", direction="increase") for name in ("A", "B"))
    goal = make("goal", account=book, title="Less scrap", baseline=4, target=2, kpis=[first.pk])
    path = edited(tmp_path, "goal", lambda rows: [{**row, "kpis_name": "A; B"} for row in rows])
    assert counts(import_files(path))["updated"] == {"goals": 1}
    assert set(goal.kpis.all()) == {first, second}


def test_a_name_that_nobody_has_leaves_the_word_to_the_id(tmp_path: Path, book: Account) -> None:
    make("goal", account=book, title="Less scrap", baseline=4, target=2)
    path = edited(tmp_path, "goal", lambda rows: [{**row, "account_name": "Nobody Ltd"} for row in rows])
    result = import_files(path)
    assert (result.rejected, counts(result)["unchanged"]) == ([], {"goals": 1})
    [warning] = result.warnings
    assert warning.reason == "Nothing is called so; the id beside it means “Acme” and counts."
