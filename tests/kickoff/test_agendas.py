"""Agendas of the book: shipped once, edited by administrators, offered to meetings by their type."""

from __future__ import annotations

import pytest

from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.kickoff import services
from trackline.kickoff.models import Agenda
from trackline.kickoff.rules.agendas import shipped
from trackline.kickoff.sitting import sitting
from trackline.kit.problems import Forbidden, Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def test_every_book_starts_with_what_is_shipped() -> None:
    assert {one.key for one in Agenda.objects.all()} == {one.key for one in shipped()}
    assert Agenda.objects.get(key="qbr_001").duration_min == 60


def test_blocks_fill_the_minutes_or_fit_into_them() -> None:
    own = make("agenda", title="Plant visit", text="10 min Welcome\n50 min Line 4")
    assert (own.key, own.duration_min) == ("plant-visit", 60)
    longer = records.update(system(), registry.get("agenda"), own.pk, {"text": "10 min Welcome\n80 min Line 4"})
    assert longer.duration_min == 90
    with pytest.raises(Invalid, match="The blocks take 90 minutes, the agenda has 60"):
        records.update(system(), registry.get("agenda"), own.pk, {"duration_min": 60})
    with pytest.raises(Invalid, match="At least one block"):
        make("agenda", title="Nothing", text=" \n ")
    assert make("agenda", title="Open list", text="What moved\nWhat is stuck").duration_min is None


def test_a_meeting_takes_what_administrators_made_and_keeps_it() -> None:
    meeting = make("meeting", account=make_account(), title="QBR", review="qbr", at=NOW)
    book = registry.get("agenda")
    with pytest.raises(Forbidden):
        make("agenda", ctx=as_user(make_user("katrin")), title="Mine", text="5 min Hello")
    records.update(system(), book, Agenda.objects.get(key="qbr_001").pk, {"text": "60 min Their business"})
    services.set_agenda(system(), meeting.pk, "qbr_001")
    meeting.refresh_from_db()
    assert meeting.agenda == "60 min Their business"
    records.update(system(), book, Agenda.objects.get(key="qbr_003").pk, {"active": False})
    with pytest.raises(Invalid, match="There is no agenda qbr_003"):
        services.set_agenda(system(), meeting.pk, "qbr_003")
    offered = sitting(system(), meeting.pk).presets
    assert offered[0].key == "qbr_001"
    assert "qbr_003" not in [one.key for one in offered]
