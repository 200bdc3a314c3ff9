"""What a column proves is used; what it leaves open is asked, never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import csv_text, drafts_of, plan_one, write

HEADINGS = "Deal Name;Stage;Amount;Close Date;Closed Date"


def deals(tmp_path: Path, *rows: str) -> Path:
    return write(tmp_path, "deals.csv", csv_text(HEADINGS, rows))


def asked(path: Path, told: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(question.kind, question.column) for question in plan_one(path, told).open_questions]


def test_one_clear_date_settles_its_column(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;5;03/04/2024;", "B;Won;5;25/03/2024;")
    assert asked(path) == []
    assert [draft.values["expected_close_on"] for draft in drafts_of(path)] == [date(2024, 4, 3), date(2024, 3, 25)]


def test_a_column_without_a_clear_date_is_asked(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;5;03/04/2024;", "B;Won;5;05/06/2024;")
    [question] = plan_one(path).open_questions
    assert question.options == [
        ["dmy", "Day first: 03/04/2024 is 3 April 2024"],
        ["mdy", "Month first: 03/04/2024 is 4 March 2024"],
    ]


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2024, 4, 3)), ("mdy", date(2024, 3, 4))])
def test_the_answer_counts(tmp_path: Path, order: str, day: date) -> None:
    path = deals(tmp_path, "A;Won;5;03/04/2024;")
    answer = {"files": {"deals.csv": {"date_order": order}}}
    assert asked(path, answer) == []
    assert drafts_of(path, answer)[0].values["expected_close_on"] == day
    assert drafts_of(path, {"date_order": order})[0].values["expected_close_on"] == day


def test_another_column_of_the_file_settles_it(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;5;03/04/2024;25/12/2024")
    assert asked(path) == []
    assert drafts_of(path)[0].values["expected_close_on"] == date(2024, 4, 3)


def test_columns_that_contradict_each_other_are_asked(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;5;03/04/2024;", "B;Won;5;25/03/2024;", "C;Won;5;03/25/2024;")
    assert asked(path) == [("date_order", "Close Date")]
    clear = deals(tmp_path, "B;Won;5;25/03/2024;", "C;Won;5;03/25/2024;")
    assert asked(clear) == []


@pytest.mark.parametrize("day", ["2024-04-03", "3.4.2024", "3 Apr 2024", "03/03/2024"])
def test_clear_forms_are_not_asked(tmp_path: Path, day: str) -> None:
    assert asked(deals(tmp_path, f"A;Won;5;{day};")) == []


def test_one_clear_number_settles_its_column(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;1.234;1.2.2024;", "B;Won;1.234,50;1.2.2024;")
    assert asked(path) == []
    assert [draft.values["value"] for draft in drafts_of(path)] == [Decimal(1234), Decimal("1234.50")]


def test_a_column_without_a_clear_number_is_asked(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;1.234;1.2.2024;", "B;Won;4821;1.2.2024;")
    [question] = plan_one(path).open_questions
    assert question.options == [[".", "Decimal point: 1.234 is 1.234"], [",", "Decimal comma: 1.234 is 1234"]]
    assert drafts_of(path, {"decimal": ","})[0].values["value"] == 1234
    assert drafts_of(path, {"decimal": "."})[0].values["value"] == Decimal("1.23")


def test_typed_numbers_of_json_are_never_asked(tmp_path: Path) -> None:
    path = write(
        tmp_path, "deals.json", '[{"deal name": "A", "stage": "Won", "amount": 1.234, "close date": "2024-01-02"}]'
    )
    assert asked(path) == []


def test_shares_of_one_are_percentages(tmp_path: Path) -> None:
    path = write(tmp_path, "deals.csv", "Deal Name,Stage,Probability\nA,Proposal,0.6\nB,Lead,0\nC,Won,1\n")
    assert [draft.values["probability"] for draft in drafts_of(path)] == [60, 0, 100]
    whole = write(tmp_path, "deals2.csv", "Deal Name,Stage,Probability\nA,Proposal,60\nB,Lead,0.5 %\n")
    assert [draft.values["probability"] for draft in drafts_of(whole)] == [60, Decimal("0.5")]


def test_own_fields_with_two_readings_stay_text(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "accounts.csv", "Account Name,Last Fair,Size\nAcme,03/04/2024,1.234\n"))
    assert [(column.kind, column.is_custom) for column in table.columns[1:]] == [("text", True), ("text", True)]
    assert table.open_questions == []


def test_empty_words_prove_nothing(tmp_path: Path) -> None:
    path = deals(tmp_path, "A;Won;n/a;-;", "B;Won;NULL;0000-00-00;", "C;Won;5;2024-01-02;")
    assert next(sorted(draft.values) for draft in drafts_of(path)) == ["stage", "state", "title"]
    assert not [problem for draft in drafts_of(path) for problem in draft.problems]
