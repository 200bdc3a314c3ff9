"""Bulk changes: each record keeps its rules, the rest changes, one undo takes all of it back."""

from __future__ import annotations

import pytest

from tests.factories import as_user, make, make_account, make_cast, system
from trackline.accounts.models import Account
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, Invalid, NotFound
from trackline.kit.records.bulk import delete_many, undo_batch, update_many
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return registry.get("account")


def test_many_records_change_in_one_batch_and_come_back_in_one(account) -> None:
    accounts = [make_account(f"Account {number}", tier=number) for number in (1, 2, 3)]
    result = update_many(system(), account, [a.pk for a in accounts], {"tier": 3, "region": "EMEA"})
    assert (len(result.changed), result.refused) == (3, [])
    assert set(Account.objects.values_list("tier", flat=True)) == {3}
    assert Change.objects.filter(batch=result.batch).count() == 3
    undone = undo_batch(system(), result.batch)
    assert len(undone.changed) == 3
    assert list(Account.objects.order_by("name").values_list("tier", "region")) == [(1, ""), (2, ""), (3, "")]


def test_records_that_are_so_already_are_counted_apart(account) -> None:
    one, two = make_account("One", tier=1), make_account("Two", tier=2)
    result = update_many(system(), account, [one.pk, two.pk], {"tier": 1})
    assert (result.changed, result.unchanged) == (["Two"], ["One"])


def test_a_bad_value_is_told_once_and_nothing_changes(account) -> None:
    one = make_account("One")
    with pytest.raises(Invalid) as refused:
        update_many(system(), account, [one.pk], {"tier": "9"}, parse="text")
    assert refused.value.errors[0]["loc"] == ["tier"]


def test_who_refuses_is_listed_by_name_and_the_others_change(account) -> None:
    parent = make_account("Ardent Rail")
    child = make_account("Ardent Signalling", parent=parent)
    other = make_account("Nordwall")
    result = update_many(system(), account, [parent.pk, child.pk, other.pk], {"parent": child.pk})
    assert result.changed == ["Nordwall"]
    assert {refusal.title for refusal in result.refused} == {"Ardent Rail", "Ardent Signalling"}
    assert all("circle" in refusal.reason for refusal in result.refused)


def test_values_may_follow_from_the_record(account) -> None:
    one, two = make_account("One", tags=["a"]), make_account("Two", tags=["b"])
    update_many(system(), account, [one.pk, two.pk], lambda record: {"tags": [*record.tags, "pilot"]})
    assert list(Account.objects.order_by("name").values_list("tags", flat=True)) == [["a", "pilot"], ["b", "pilot"]]


def test_what_is_out_of_scope_does_not_exist(account) -> None:
    cast = make_cast()
    own = make_account("Olga's", owner=cast.outsider)
    result = update_many(as_user(cast.outsider), account, [cast.account.pk, own.pk], {"tier": 2})
    assert result.changed == ["Olga's"]
    assert result.refused[0].reason == f"There is no account {cast.account.pk}."
    with pytest.raises(Forbidden):
        update_many(as_user(cast.facilitator), account, [cast.account.pk], {"tier": 2})
    with pytest.raises(Forbidden):
        delete_many(as_user(cast.facilitator), account, [cast.account.pk])


def test_deleted_records_come_back_with_what_belonged_to_them(account) -> None:
    one, two = make_account("One"), make_account("Two")
    make("contact", account=one, name="Ada")
    result = delete_many(system(), account, [one.pk, two.pk])
    assert len(result.changed) == 2
    assert not Account.objects.alive().exists()
    undo_batch(system(), result.batch)
    assert Account.objects.alive().count() == 2
    assert one.contacts.alive().count() == 1


def test_a_parent_goes_when_its_children_are_among_the_chosen(account) -> None:
    parent = make_account("Ardent Rail")
    child = make_account("Ardent Signalling", parent=parent)
    result = delete_many(system(), account, [parent.pk, child.pk])
    assert (result.changed, result.refused) == (["Ardent Signalling", "Ardent Rail"], [])
    undone = undo_batch(system(), result.batch)
    assert (len(undone.changed), undone.refused) == (2, [])


def test_undo_leaves_what_was_changed_again_and_says_so(account) -> None:
    one, two = make_account("One", tier=1), make_account("Two", tier=1)
    result = update_many(system(), account, [one.pk, two.pk], {"tier": 3})
    update_many(system(), account, [two.pk], {"tier": 2})
    undone = undo_batch(system(), result.batch)
    assert undone.changed == ["One"]
    assert [refusal.title for refusal in undone.refused] == ["Two"]
    assert Account.objects.get(pk=two.pk).tier == 2


def test_undo_of_an_unknown_batch_is_not_found() -> None:
    import uuid

    with pytest.raises(NotFound):
        undo_batch(system(), uuid.uuid4())


def test_an_empty_choice_is_refused(account) -> None:
    with pytest.raises(Invalid):
        update_many(system(), account, ["", "x"], {"tier": 1})
