"""Rows that stand below other rows of their file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import counts, import_files, reasons, write
from tests.factories import make_account
from trackline.accounts.models import Account, Contact

pytestmark = pytest.mark.django_db


def accounts(tmp_path: Path, rows: str) -> Path:
    return write(tmp_path, "accounts.csv", f"Account Name,Parent Account,Employees\n{rows}")


def parents() -> dict[str, str | None]:
    return dict(Account.objects.values_list("name", "parent__name"))


def test_parents_may_come_later_and_chains_be_long(tmp_path: Path, home: Path) -> None:
    import_files(accounts(tmp_path, "D,C,\nC,B,\nB,A,\nA,,\n"))
    assert parents() == {"A": None, "B": "A", "C": "B", "D": "C"}
    ids = dict(Account.objects.values_list("name", "pk"))
    assert Account.objects.get(name="D").path == f"/{ids['A']}/{ids['B']}/{ids['C']}/{ids['D']}/"


def test_parents_may_be_in_the_book(tmp_path: Path, home: Path) -> None:
    make_account("A")
    import_files(accounts(tmp_path, "B,a,\n"))
    assert parents() == {"A": None, "B": "A"}


def test_an_unknown_parent_rejects_the_row_and_those_below(tmp_path: Path, home: Path) -> None:
    result = import_files(accounts(tmp_path, "A,,\nB,Nowhere,\nC,B,\nD,C,\nE,A,\n"))
    assert reasons(result) == [
        (3, "Parent Account", "There is no account called “Nowhere”."),
        (4, "Parent Account", "The row of its parent is rejected."),
        (5, "Parent Account", "The row of its parent is rejected."),
    ]
    assert parents() == {"A": None, "E": "A"}


def test_a_wrong_cell_in_the_parents_row_takes_the_children_along(tmp_path: Path, home: Path) -> None:
    result = import_files(accounts(tmp_path, "B,A,\nA,,many\nC,,5\n"))
    assert reasons(result) == [
        (2, "Parent Account", "There is no account called “A”."),
        (3, "Employees", "A number is expected."),
    ]
    assert parents() == {"C": None}


def test_circles_are_refused(tmp_path: Path, home: Path) -> None:
    result = import_files(accounts(tmp_path, "A,B,\nB,A,\nC,C,\n"))
    assert (3, "Parent Account", "The row of its parent is rejected.") in reasons(result)
    assert (2, "Parent Account", "That would make a circle.") in reasons(result)
    assert (4, "Parent Account", "Account and parent are the same.") in reasons(result)


def test_circles_through_the_book_are_refused(tmp_path: Path, home: Path) -> None:
    top = make_account("Top")
    make_account("Below", parent=top)
    result = import_files(accounts(tmp_path, "Top,Below,\n"))
    assert reasons(result) == [(2, "Parent Account", "That would make a circle.")]


def test_a_moved_account_takes_those_below_along(tmp_path: Path, home: Path) -> None:
    one, two = make_account("One"), make_account("Two")
    middle = make_account("Middle", parent=one)
    leaf = make_account("Leaf", parent=middle)
    import_files(accounts(tmp_path, "Middle,Two,\n"))
    leaf.refresh_from_db()
    assert leaf.path == f"/{two.pk}/{middle.pk}/{leaf.pk}/"


def test_later_files_find_no_rejected_account(tmp_path: Path, home: Path) -> None:
    accounts(tmp_path, "B,Nowhere,\nA,,\n")
    write(tmp_path, "contacts.csv", "Full Name,Email,Company\nAnn,a@x.com,B\nBo,b@x.com,A\n")
    result = import_files(tmp_path)
    assert counts(result)["created"] == {"accounts": 1, "contacts": 1}
    assert Contact.objects.get().name == "Bo"
