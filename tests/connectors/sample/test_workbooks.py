"""Every list that can be had as an Excel file, column by column: days are days, amounts carry a currency, shares a percent sign.

Lists of records follow from their fields. What the others hold stands in `workbooks.yaml`, made anew with
TRACKLINE_TEST_REFRESH=1.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.test import Client
from openpyxl import load_workbook

from tests.pages.table import steps
from trackline.accounts.models import User
from trackline.kit.records.types import RecordType, registry

pytestmark = pytest.mark.django_db

NAMED = ("account", "business_case", "dashboard", "scorecard", "survey_round")
"""What the addresses of lists name; a check of quality and a tile have keys of their own."""
PINNED = Path(__file__).with_name("workbooks.yaml")
LIKE_A_VALUE = re.compile(
    r"[-+]?[\d.,  ]+( ?(%|pp))?|\d{4}-\d\d-\d\d([T ].*)?|\d{1,2} [A-Z][a-z]{2} \d{4}|([A-Z]{3}|€|\$) ?[\d.,]+[km]?|[\d.,]+ ?[A-Z]{3}"
)
KIND = {
    "date": "day",
    "datetime": "moment",
    "percent": "percent",
    "money": "money",
    "integer": "number",
    "decimal": "number",
}
OF_SCHEMA = {"date": "day", "date-time": "moment"}


@pytest.fixture(scope="module")
def admin(made: dict[str, int], django_db_blocker: Any) -> Client:
    """A browser of an administrator, who sees the whole sample book."""
    with django_db_blocker.unblock():
        browser = Client()
        browser.force_login(User.objects.filter(roles__code="admin").get())
    return browser


@pytest.fixture(scope="module")
def names(made: dict[str, int], django_db_blocker: Any) -> dict[str, Any]:
    """A record for each that the addresses of lists name."""
    with django_db_blocker.unblock():
        first: dict[str, Any] = {name: registry.get(name).model.objects.alive().first() for name in NAMED}
    theirs = SimpleNamespace(**{name: first[name].pk for name in NAMED}, tile="t1")
    return first | {"theirs": theirs}


def content(browser: Client, address: str) -> bytes | None:
    """The file at an address, None where there is none."""
    answer: Any = browser.get(address)
    if answer.status_code != 200:
        return None
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def columns(file: bytes) -> Iterator[tuple[str, str, set[str], list[str]]]:
    """Each column of a workbook: sheet, heading, the kinds of its cells, and texts that look like something else."""
    for sheet in load_workbook(io.BytesIO(file)):
        for cells in sheet.iter_cols():
            held = [cell for cell in cells[1:] if cell.value is not None]
            words = [str(cell.value) for cell in held if cell.data_type == "s"]
            texts = [text for text in words if LIKE_A_VALUE.fullmatch(text.strip())]
            yield sheet.title, str(cells[0].value or ""), {kind_of(cell) for cell in held}, texts


def kind_of(cell: Any) -> str:
    """What a cell is to whoever opens the file."""
    if cell.is_date:
        return "moment" if "hh" in cell.number_format else "day"
    if cell.data_type == "n":
        currency = re.search(r"\[\$(\w*)\]", cell.number_format)
        return f"money {currency[1]}" if currency else "percent" if "%" in cell.number_format else "number"
    return {"s": "text", "b": "yes or no"}[cell.data_type]


@pytest.mark.parametrize("name", [rtype.name for rtype in registry.all()])
def test_a_list_of_records_has_the_kinds_of_its_fields(admin: Client, name: str) -> None:
    rtype = registry.get(name)
    file = content(admin, f"/r/{name}/export/xlsx")
    assert file is not None
    wrong = []
    for _sheet, heading, found, _texts in columns(file):
        expected = expected_of(rtype, heading)
        if found and expected and not all(kind.startswith(expected) for kind in found):
            wrong.append((heading, expected, found))
    assert wrong == []


def expected_of(rtype: RecordType, heading: str) -> str:
    """What a column of a record's list has to hold; an empty text for those of words."""
    if heading in ("created_at", "updated_at"):
        return "moment"
    if heading in rtype.specs:
        return KIND.get(rtype.specs[heading].kind, "")
    name, _, part = heading.partition(".")
    schema = dict(rtype.extra_schema.get(name, {}))
    schema = dict(schema.get("properties", {}).get(part, {})) if part else schema
    if not schema:
        return ""
    types = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if schema.get("format") in OF_SCHEMA:
        return OF_SCHEMA[schema["format"]]
    return "percent" if heading.endswith("_pct") else "number" if {"number", "integer"} & set(types) else ""


def others() -> list[str]:
    """The addresses of all other files, by what the table of rights asks for in any format."""
    asked = (step.address.partition("?")[0] for step in steps() if step.method == "GET" and "/export/" in step.address)
    return sorted(
        {re.sub(r"/export/\w+", "/export/xlsx", one) for one in asked if not re.match(r"/r/\w+/export/", one)}
    )


def test_every_other_list_holds_what_is_pinned(admin: Client, names: dict[str, Any]) -> None:
    found: dict[str, dict[str, str]] = {}
    for address in others():
        known = set(re.findall(r"\{(\w+)", address)) <= set(names)
        file = content(admin, address.format_map(names)) if known else None
        for sheet, heading, kinds, texts in columns(file) if file else ():
            assert not texts, f"{address}, {sheet}, {heading}: text that is a number or a day: {texts[:3]}"
            found.setdefault(f"{address} | {sheet}", {})[heading] = ", ".join(sorted(kinds))
    told = {step.address for step in steps() if step.address.endswith("/export/xlsx")}
    assert told - {name.rpartition(" | ")[0] for name in found} == {"/r/goal/export/xlsx"}, "lists that were not read"
    if os.environ.get("TRACKLINE_TEST_REFRESH"):
        PINNED.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=True, width=160), encoding="utf-8")
    pinned = yaml.safe_load(PINNED.read_text(encoding="utf-8"))
    held, kept = ({name: set(columns) for name, columns in one.items()} for one in (found, pinned))
    assert held == kept, "columns came or went: TRACKLINE_TEST_REFRESH=1 pins them anew"
    other = [
        (name, heading, kinds, pinned[name][heading])
        for name, columns in found.items()
        for heading, kinds in columns.items()
        if not set(kinds.split(", ")) - {""} <= set(pinned[name][heading].split(", "))
    ]
    assert other == []


def test_headings_say_what_their_columns_hold() -> None:
    for name, headings in yaml.safe_load(PINNED.read_text(encoding="utf-8")).items():
        for heading, kinds in headings.items():
            if heading.endswith("%"):
                assert kinds in ("", "percent"), (name, heading, kinds)
            if heading.endswith(" EUR"):
                assert kinds in ("", "money EUR"), (name, heading, kinds)
