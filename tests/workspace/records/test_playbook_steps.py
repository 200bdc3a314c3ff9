"""Steps of a playbook in the browser: added, moved, sorted, removed, saved and refused."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make, make_account, make_user
from trackline.choose.models import Play, Playbook
from trackline.choose.versions import since_start
from trackline.kit.models import Change
from trackline.workspace.records.steps import COLUMNS, Line, after, check_typed, check_words, when

STEPS = [
    {"title": "Audit", "offset_days": 30, "owner_role": "customer_success"},
    {"title": "Sign", "offset_days": 0},
    {"title": "Start", "offset_days": -14},
]


@pytest.fixture
def book(db: None) -> Playbook:
    found: Playbook = make("playbook", title="Renewal", anchor="Renewal date", steps=STEPS)
    return found


@pytest.fixture
def ruth(client: Client, db: None) -> Client:
    client.force_login(make_user("ruth", role="admin"))
    return client


def send(client: Client, book: Playbook, lines: list[Line], deed: str, version: int | None = None) -> tuple[int, str]:
    data = {name: [getattr(line, name) for line in lines] for name in COLUMNS}
    data["deed"] = [deed]
    data["version"] = [str(book.version if version is None else version)]
    answer = client.post(f"/r/playbook/{book.pk}/steps", data)
    return answer.status_code, answer.content.decode()


def lines_of(book: Playbook) -> list[Line]:
    return [Line.of(step) for step in book.steps]


def titles(book: Playbook) -> list[tuple[str, int | None, str]]:
    book.refresh_from_db()
    return [(step["title"], step.get("offset_days"), step["key"]) for step in book.steps]


def test_lines_move_and_go() -> None:
    lines = [Line(title=name, days=days) for name, days in (("a", "1"), ("b", "9"), ("c", ""))]
    assert [line.title for line in after(lines, "up:1")] == ["b", "a", "c"]
    assert [line.title for line in after(lines, "down:1")] == ["a", "c", "b"]
    assert [line.title for line in after(lines, "remove:0")] == ["b", "c"]
    assert [line.title for line in after(lines, "sort")] == ["b", "a", "c"]
    assert after(lines, "add")[-1] == Line()
    for deed in ("up:0", "down:2", "remove:7", "remove:x", "nonsense"):
        assert after(lines, deed) == lines


def test_days_read_in_words() -> None:
    assert [when(days) for days in (30, 0, -14, None)] == ["30 d before", "on the day", "14 d after", "no day"]


def test_saving_keeps_the_order_and_makes_keys_anew(ruth: Client, book: Playbook) -> None:
    first, second, third = lines_of(book)
    changed = Line(days="45", side="before", title="Audit", role="Customer success", key=first.key)
    status, _ = send(ruth, book, [changed, third, second, Line()], "save")
    assert status == 204
    assert titles(book) == [("Audit", 45, "T-45"), ("Start", -14, "T+14"), ("Sign", 0, "T-0")]
    assert book.steps[0]["owner_role"] == "customer_success"
    assert Change.objects.filter(record_type="playbook", record_id=book.pk, action="update").count() == 1


def test_a_key_that_somebody_chose_stays(ruth: Client, book: Playbook) -> None:
    send(ruth, book, [Line(title="Audit", days="30", key="audit")], "save")
    assert titles(book) == [("Audit", 30, "audit")]


def test_a_deed_answers_the_form_and_writes_nothing(ruth: Client, book: Playbook) -> None:
    status, text = send(ruth, book, lines_of(book), "add")
    assert (status, text.count('class="step-row"')) == (200, 4)
    assert "data-autofocus" in text
    assert len(titles(book)) == 3


def test_what_is_wrong_stands_at_its_line(ruth: Client, book: Playbook) -> None:
    status, text = send(ruth, book, [Line(title="Audit", days="soon"), Line(days="3")], "save")
    assert status == 422
    assert "Days: A whole number of days is expected" in text
    assert "Title: Needed, but missing." in text
    assert 'value="soon"' in text


def test_the_later_of_two_is_told(ruth: Client, book: Playbook) -> None:
    stale = book.version
    send(ruth, book, lines_of(book)[:2], "save")
    status, text = send(ruth, book, lines_of(book), "save", version=stale)
    assert status == 412
    assert "Somebody changed this playbook" in text
    assert len(titles(book)) == 2


def test_who_reads_sees_the_steps_without_the_button(client: Client, book: Playbook) -> None:
    client.force_login(make_user("dana", role="facilitator"))
    text = client.get(f"/r/playbook/{book.pk}").content.decode()
    assert "30 d before" in text
    assert "customer success" in text
    assert "Edit steps" not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "champions",
        "new_contacts least=2 levels=c_suite,vp",
        "meeting_held review=yes",
        "health_at_least band=green",
    ],
)
def test_a_check_reads_as_it_is_typed(text: str) -> None:
    assert check_words(check_typed(text)) == text


def test_a_check_and_instructions_are_saved_and_a_wrong_one_is_told(ruth: Client, book: Playbook) -> None:
    line = Line(title="Meet them", days="7", description="Ask whom else to meet.", condition="new_contacts least=2")
    assert send(ruth, book, [line], "save")[0] == 204
    book.refresh_from_db()
    assert book.steps[0]["condition"] == {"name": "new_contacts", "least": 2}
    assert book.steps[0]["description"] == "Ask whom else to meet."
    status, text = send(ruth, book, [Line(title="Meet them", condition="new_contacts least=many")], "save")
    assert status == 422
    assert "Check: least: a whole number" in text
    status, text = send(ruth, book, [Line(title="Meet them", condition="luck")], "save")
    assert "One of" in text


def test_earlier_versions_are_told_with_what_differs(ruth: Client, book: Playbook) -> None:
    play = make("play", account=make_account(), playbook=book)
    send(ruth, book, [Line(title="Audit", days="45", key="T-30"), Line(title="Sign", days="0")], "save")
    text = ruth.get(f"/r/playbook/{book.pk}").content.decode()
    assert "Earlier versions of the steps" in text
    assert "Version 2" in text
    panel = ruth.get(f"/r/play/{play.pk}").content.decode()
    assert "Started from version 1 of the playbook; version 2 is in force" in panel
    assert [(one.title, one.kind) for one in since_start(play_of(play.pk))] == [
        ("Audit", "added"),
        ("Audit", "removed"),
        ("Start", "removed"),
    ]


def play_of(pk: int) -> Play:
    return Play.objects.select_related("playbook").get(pk=pk)
