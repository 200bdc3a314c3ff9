"""Rows that are read together become what each of them becomes alone, whatever stands between them."""

from __future__ import annotations

import csv
import io
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import plan_of, write
from trackline.connectors.engine.checks import checks_of
from trackline.connectors.mapping import drafts
from trackline.connectors.mapping.drafts import Draft, Drafter
from trackline.connectors.mapping.plan import TablePlan
from trackline.kit.records.types import registry

ODD = (
    "",
    " ",
    "n/a",
    "#N/A",
    "None",
    "-",
    "NULL",
    "Nora",
    "  padded  ",
    "two\nlines",
    "a\r\nb",
    "x" * 201,
    "x" * 300,
    "@ref",
)
DEALS: dict[str, tuple[str, ...]] = {
    "Id": ("006A0000001AbCd", "006A0000001AbCdEAF", "", "n/a", "x" * 201, "006"),
    "Name": ODD,
    "AccountId": ("001A0000001AbCd", "", "-", "@AccountRef1", "x" * 201, "001A0000001AbCdEAF"),
    "StageName": ("Closed Won", "Prospecting", "", "n/a", "Negotiation/Review"),
    "Amount": ("5", "$6.50", "£7", "much", "", "-", "1e30", "12.345", "€1.2m"),
    "Probability": ("10", "101", "", "-5", "ten", "99.5"),
    "CloseDate": ("2026-03-31", "", "2026-02-31", "soon", "n/a"),
    "Owner Name": ("Ana Ruiz", "", "n/a", "Ruiz, Ana <ana@example.com>", "x" * 201),
    "Remark": ODD,
    "Seats": ("5", "", "many", "7.5", "n/a"),
}
PEOPLE: dict[str, tuple[str, ...]] = {
    "FirstName": ODD,
    "LastName": ("Ruiz", "", "n/a", "y" * 190, "Bo\nBa"),
    "Title": ODD,
    "Email": ("a@x.com", "A@X.COM; b@y.com", "not one", "", "n/a", "Ana <ana@example.com>"),
    "Company": ("Acme", "", "Null", "Acme\nLtd", "x" * 300),
    "Phone": ("+49 30 1", "", "#", "0" * 70),
}


def file_of(columns: dict[str, tuple[str, ...]], rows: int) -> str:
    """Every column repeats its cells in a rhythm of its own, so that all kinds of neighbours meet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(islice(zip(*(cycle((*cells, cells[0])) for cells in columns.values()), strict=False), rows))
    return out.getvalue()


def drafter_of(plan: TablePlan) -> Drafter:
    return Drafter(plan, home_currency="EUR", checks=checks_of(registry.get(plan.type)))


def alone(reading: Any, plan: TablePlan) -> list[Draft]:
    """Each row by a reader that has read nothing before."""
    return [drafter_of(plan).draft(row) for row in reading.tables[0].rows()]


@pytest.mark.parametrize(("name", "columns"), [("Opportunity.csv", DEALS), ("Contact.csv", PEOPLE)])
@pytest.mark.parametrize("source", ["salesforce", "auto"])
def test_together_as_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, columns: dict[str, tuple[str, ...]], source: str
) -> None:
    reading, plan = plan_of(write(tmp_path, name, file_of(columns, 160)), source=source)
    [table] = plan.tables
    assert table.recognised
    expected = alone(reading, table)
    for size in (2, 500):  # few, so that some of them are sound throughout; and all at once
        monkeypatch.setattr(drafts, "_TOGETHER", size)
        together = list(drafter_of(table).drafts(reading.tables[0]))
        assert together == expected
    assert len(together) > 100
    assert any(draft.problems for draft in together)
    assert any(not draft.problems for draft in together)


def test_one_odd_cell_costs_no_other_row_anything(tmp_path: Path) -> None:
    rows = "".join(f"Company {number},City {number}\n" for number in range(900))
    long = "x" * 260
    text = f'Account Name,City\n{rows}{long},Ulm\n"Two\nlines",Paris\n#N/A,Rome\n'
    reading, plan = plan_of(write(tmp_path, "accounts.csv", text))
    found = list(drafter_of(plan.tables[0]).drafts(reading.tables[0]))
    assert [draft.values["name"] for draft in found[:900]] == [f"Company {number}" for number in range(900)]
    assert [draft.number for draft in found if draft.problems] == [902]
    assert found[901].values["name"] == "Two lines"
    assert "name" not in found[902].values
