"""A list of records as a file: all pages of what the list shows, of one account where it stands on one."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.factories import make
from tests.workspace.records.conftest import Open
from tests.workspace.records.world import World

pytestmark = pytest.mark.django_db


def body(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def test_a_list_is_a_file_with_the_filter_of_its_page(world: World, as_: Open) -> None:
    account = world.cast.account
    for number in range(60):
        make(
            "issue",
            account=account,
            title=f"Issue {number:02}",
            severity="high" if number else "low",
            assignee=world.cast.owner,
        )
    page = as_("owner").page("/r/issue?severity=high").content.decode()
    assert "/r/issue/export/xlsx?severity=high" in page
    sheet = load_workbook(io.BytesIO(body(as_("owner").page("/r/issue/export/xlsx?severity=high")))).active
    assert sheet is not None
    assert sheet.max_row == 60, "59 and the heading: more than a page of the list"
    rows = list(
        csv.DictReader(io.StringIO(body(as_("owner").page("/r/issue/export/csv?q=issue 03")).decode("utf-8-sig")))
    )
    assert [row["title"] for row in rows] == ["Issue 03"]
    assert len(json.loads(body(as_("owner").page(f"/r/issue/export/json?of={account.pk}")))) == 60


def test_meetings_come_as_a_calendar_and_other_records_do_not(world: World, as_: Open) -> None:
    make("meeting", account=world.cast.account, title="Review", at="2026-12-01T09:30:00Z")
    found = Calendar.from_ical(body(as_("owner").page(f"/r/meeting/export/ics?of={world.cast.account.pk}")))
    assert [str(event["summary"]).split(" · ")[0] for event in found.walk("VEVENT")] == ["Review"]
    assert as_("owner").page("/r/issue/export/ics").status_code == 404
    assert as_("owner").page("/r/issue/export/exe").status_code == 404


def test_outside_the_scope_there_is_nothing(world: World, as_: Open) -> None:
    make("issue", account=world.cast.account, title="Ours", assignee=world.cast.owner)
    assert json.loads(body(as_("outsider").page("/r/issue/export/json"))) == []
    assert as_("outsider").page(f"/r/issue/export/json?of={world.cast.account.pk}").status_code == 404
