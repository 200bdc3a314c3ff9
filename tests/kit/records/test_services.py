"""Writes of records: fields, links, versions, deletion, undo and what the ledger keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.services import define_custom_field
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, Invalid, NotFound, Refused, Stale
from trackline.kit.records import services
from trackline.kit.records.external import external_ids_of
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

ACCOUNT, CONTACT, GOAL = (registry.get(name) for name in ("account", "contact", "goal"))


def errors_of(problem: pytest.ExceptionInfo[Any]) -> dict[str, str]:
    return {".".join(map(str, error["loc"])): error["msg"] for error in problem.value.errors}


def test_create_writes_one_ledger_row_without_values() -> None:
    contact = make("contact", account=make_account(), name="Lumière Tanaka")
    change = Change.objects.get(record_type="contact", record_id=contact.pk)
    assert (change.action, change.changes, change.account_id) == ("create", {}, contact.account_id)
    assert contact.search_text == "lumiere tanaka"


def test_update_keeps_from_and_to_and_raises_the_version() -> None:
    account = make_account(arr=Decimal("2700000"))
    changed = services.update(system(), ACCOUNT, account.pk, {"arr": 2840000, "watch": True}, parse="json")
    change = Change.objects.filter(record_type="account", record_id=account.pk).latest("id")
    assert change.changes == {"arr": ["2700000", "2840000"], "watch": [False, True]}
    assert changed.version == change.version == 2


def test_update_without_a_difference_writes_nothing() -> None:
    account = make_account()
    before = Change.objects.count()
    same = services.update(system(), ACCOUNT, account.pk, {"name": account.name})
    assert same.version == 1
    assert Change.objects.count() == before


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as problem:
        services.create(system(), CONTACT, {"name": "", "influence": 9, "hobby": "golf"}, parse="json")
    assert set(errors_of(problem)) == {"name", "influence", "hobby", "account"}


def test_read_only_and_fixed_fields_are_refused() -> None:
    goal = make("goal", account=make_account(), title="Scrap", baseline=5, target=2)
    with pytest.raises(Invalid) as problem:
        services.update(system(), GOAL, goal.pk, {"progress_pct": 5, "account": "1"}, parse="json")
    assert set(errors_of(problem)) == {"progress_pct", "account"}


def test_database_constraints_answer_with_the_field() -> None:
    account = make_account()
    make("contact", account=account, name="A", email="a@okada.example")
    with pytest.raises(Invalid) as problem:
        make("contact", account=account, name="B", email="A@OKADA.example")
    assert "email" in errors_of(problem)


def test_links_stay_within_one_account() -> None:
    ours, theirs = make_account("Ours"), make_account("Theirs")
    foreign = make("kpi", account=theirs, name="Churn")
    with pytest.raises(Invalid) as problem:
        make("goal", account=ours, title="G", baseline=1, target=2, kpis=[foreign.pk])
    assert "another account" in errors_of(problem)["kpis"]


def test_links_are_set_and_kept_in_the_ledger() -> None:
    account = make_account()
    kpi, other = (make("kpi", account=account, name=name) for name in ("One", "Two"))
    goal = make("goal", account=account, title="G", baseline=1, target=2, kpis=[kpi.pk])
    services.update(system(), GOAL, goal.pk, {"kpis": [str(other.pk)]}, parse="json")
    change = Change.objects.filter(record_type="goal").latest("id")
    assert change.changes["kpis"] == [[kpi.pk], [other.pk]]
    services.undo(system(), change.pk)
    assert list(goal.kpis.values_list("pk", flat=True)) == [kpi.pk]


def test_a_later_writer_of_the_same_field_is_told_and_nothing_is_overwritten() -> None:
    katrin, tim = make_user("katrin"), make_user("tim")
    account = make_account(region="EMEA")
    services.update(as_user(tim), ACCOUNT, account.pk, {"region": "APAC"}, expected_version=1)
    with pytest.raises(Stale) as problem:
        services.update(as_user(katrin), ACCOUNT, account.pk, {"region": "Americas"}, expected_version=1, merge=True)
    assert "Tim changed Region" in problem.value.detail
    account.refresh_from_db()
    assert account.region == "APAC"


def test_merging_lets_two_people_change_different_fields() -> None:
    account = make_account()
    services.update(system(), ACCOUNT, account.pk, {"region": "APAC"}, expected_version=1)
    merged = services.update(system(), ACCOUNT, account.pk, {"segment": "Top"}, expected_version=1, merge=True)
    assert (merged.region, merged.segment) == ("APAC", "Top")
    with pytest.raises(Stale):
        services.update(system(), ACCOUNT, account.pk, {"segment": "Low"}, expected_version=1)


def test_undo_of_an_update_is_refused_once_the_field_moved_again() -> None:
    account = make_account(region="EMEA")
    first = services.update(system(), ACCOUNT, account.pk, {"region": "APAC"}).last_change
    services.update(system(), ACCOUNT, account.pk, {"region": "Americas"})
    with pytest.raises(Stale):
        services.undo(system(), first.pk)


def test_undo_of_an_update_leaves_later_changes_of_other_fields() -> None:
    account = make_account(region="EMEA")
    first = services.update(system(), ACCOUNT, account.pk, {"region": "APAC"}).last_change
    services.update(system(), ACCOUNT, account.pk, {"segment": "Top"})
    undone = services.undo(system(), first.pk)
    assert (undone.region, undone.segment) == ("EMEA", "Top")


def test_delete_takes_what_belongs_along_and_undo_brings_all_back() -> None:
    account = make_account()
    goal = make("goal", account=account, title="G", baseline=1, target=2)
    check_in = make("check_in", goal=goal, value=1, comment="ok")
    gone = make("contact", account=account, name="Gone before")
    services.delete(system(), CONTACT, gone.pk)
    change = services.delete(system(), ACCOUNT, account.pk)
    for record in (account, goal, check_in):
        record.refresh_from_db()
        assert record.deleted_at is not None
    services.undo(system(), change.pk)
    for record in (account, goal, check_in, gone):
        record.refresh_from_db()
    assert account.deleted_at is goal.deleted_at is check_in.deleted_at is None
    assert gone.deleted_at is not None, "what was deleted before stays deleted"


def test_a_key_freed_by_deletion_can_be_taken_and_then_blocks_the_way_back() -> None:
    account = make_account("Nordwall")
    change = services.delete(system(), ACCOUNT, account.pk)
    make_account("Nordwall", key=account.key)
    with pytest.raises(Refused, match="taken its place"):
        services.undo(system(), change.pk)


def test_restoring_below_a_deleted_account_is_refused() -> None:
    account = make_account()
    contact = make("contact", account=account, name="A")
    services.delete(system(), CONTACT, contact.pk)
    services.delete(system(), ACCOUNT, account.pk)
    with pytest.raises(Refused, match="is deleted"):
        services.restore(system(), CONTACT, contact.pk)


def test_an_account_with_subsidiaries_is_not_deleted() -> None:
    parent = make_account("Parent")
    make_account("Child", parent=parent)
    with pytest.raises(Refused, match="Child"):
        services.delete(system(), ACCOUNT, parent.pk)


def test_custom_fields_are_typed_and_merge() -> None:
    define_custom_field(system(), "account", "Founded", "decimal", key="founded")
    define_custom_field(system(), "account", "Segment code", "choice", key="code", choices=["A", "B"])
    account = services.create(system(), ACCOUNT, {"name": "X", "custom": {"founded": 1996}}, parse="json")
    services.update(system(), ACCOUNT, account.pk, {"custom": {"code": "A"}}, parse="json")
    account.refresh_from_db()
    assert account.custom == {"founded": 1996, "code": "A"}
    with pytest.raises(Invalid) as problem:
        services.update(system(), ACCOUNT, account.pk, {"custom": {"code": "C", "other": 1}}, parse="json")
    assert set(errors_of(problem)) == {"custom.code", "custom.other"}
    services.update(system(), ACCOUNT, account.pk, {"custom": {"founded": None}}, parse="json")
    account.refresh_from_db()
    assert account.custom == {"code": "A"}


def test_external_ids_belong_to_one_record() -> None:
    account = services.create(system(), ACCOUNT, {"name": "X", "external_ids": {"salesforce": "001"}}, parse="json")
    assert external_ids_of(ACCOUNT, account.pk) == {"salesforce": "001"}
    with pytest.raises(Invalid):
        services.create(system(), ACCOUNT, {"name": "Y", "external_ids": {"salesforce": "001"}}, parse="json")


def test_rights_are_checked_before_anything_else() -> None:
    cast = make_cast()
    with pytest.raises(Forbidden) as problem:
        services.update(as_user(cast.facilitator), ACCOUNT, cast.account.pk, {"nonsense": 1})
    assert problem.value.extra["permission"] == "track:write"
    with pytest.raises(NotFound):
        services.update(as_user(cast.outsider), ACCOUNT, cast.account.pk, {"region": "EMEA"})
    assert services.update(as_user(cast.teammate), ACCOUNT, cast.account.pk, {"region": "EMEA"}).region == "EMEA"


def test_an_outsider_cannot_link_to_what_they_do_not_see() -> None:
    cast = make_cast()
    with pytest.raises(Invalid) as problem:
        make("contact", ctx=as_user(cast.outsider), account=cast.account, name="Spy")
    assert "no account" in errors_of(problem)["account"]


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\ud800"])
def test_text_that_a_database_cannot_keep_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        services.create(system(), ACCOUNT, {"name": f"X{value}"}, parse="json")
