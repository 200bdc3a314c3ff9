"""Relationship lines: what one contact does to another, which are refused, what goes with a contact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make, make_account, system
from trackline.accounts.models import RelationshipLine
from trackline.kit.history.models import Change
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[Any, Any]:
    account = make_account()
    return make("contact", account=account, name="Misaki"), make("contact", account=account, name="Sabine")


def test_a_line_takes_the_account_of_its_contact_and_reads_as_a_sentence(people: tuple[Any, Any]) -> None:
    who, whom = people
    line = make("relationship_line", contact=who, kind="supports", toward=whom)
    assert line.account == who.account
    assert str(line) == "Misaki supports Sabine"
    assert Change.objects.get(record_type="relationship_line").title == "Misaki supports Sabine"


def test_one_line_of_a_kind_and_none_to_the_contrary(people: tuple[Any, Any]) -> None:
    who, whom = people
    line = make("relationship_line", contact=who, kind="supports", toward=whom)
    with pytest.raises(Invalid, match="Misaki already supports Sabine"):
        make("relationship_line", contact=who, kind="supports", toward=whom)
    with pytest.raises(Invalid, match="change that line instead"):
        make("relationship_line", contact=who, kind="blocks", toward=whom)
    make("relationship_line", contact=who, kind="influences", toward=whom)
    make("relationship_line", contact=whom, kind="blocks", toward=who)
    services.delete(system(), registry.get("relationship_line"), line.pk)
    make("relationship_line", contact=who, kind="blocks", toward=whom)


def test_a_line_leads_to_somebody_else_of_the_same_account(people: tuple[Any, Any]) -> None:
    who, _ = people
    with pytest.raises(Invalid, match="Somebody else"):
        make("relationship_line", contact=who, kind="supports", toward=who)
    stranger = make("contact", account=make_account("Nordwall"), name="Stranger")
    with pytest.raises(Invalid, match="belongs to another account"):
        make("relationship_line", contact=who, kind="supports", toward=stranger)
    with pytest.raises(Invalid, match="There is no contact 99"):
        make("relationship_line", contact="99", kind="supports", toward=who)


def test_lines_go_with_the_contact_they_start_from_and_come_back_with_it(people: tuple[Any, Any]) -> None:
    who, whom = people
    make("relationship_line", contact=who, kind="supports", toward=whom)
    services.delete(system(), registry.get("contact"), who.pk)
    assert not RelationshipLine.objects.filter(deleted_at=None).exists()
    services.restore(system(), registry.get("contact"), who.pk)
    assert RelationshipLine.objects.filter(deleted_at=None).count() == 1
