"""Statements answer like the querysets they are made of, whatever the values, and within the scope of whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, as_user, make, make_account, make_cast
from trackline.accounts.models import Account
from trackline.kickoff.models import Meeting
from trackline.kit.policy import system_context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import get, resolve
from trackline.kit.records.types import registry
from trackline.kit.statements import MOMENT, NUMBER, NUMBERS, TEXT, Instances, Statement

pytestmark = pytest.mark.django_db


def test_values_stand_where_the_marks_stood() -> None:
    one, two = make_account("100 %s"), make_account("Two")
    found = Statement(
        lambda name, ids, last: (
            Account.objects.filter(pk__in=ids, pk__lte=last).exclude(name=name).order_by("pk").values_list("name")
        ),
        TEXT, NUMBERS, NUMBER,
    )  # fmt: skip
    for _ in range(2):
        assert found.rows("Two", [one.pk, two.pk], two.pk) == [("100 %s",)]
        assert found.rows("100 %s", [one.pk, two.pk], two.pk) == [("Two",)]
        assert found.rows("100 %s", [one.pk, two.pk], one.pk) == []
        assert found.rows("x", [], 2) == []


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_moment_is_compared_in_its_zone(hours: int) -> None:
    make("meeting", account=make_account(), title="Review", at=NOW)
    since = Statement(lambda at: Meeting.objects.filter(at__gte=at).values_list("at"), MOMENT)
    asked = (NOW + timedelta(hours=hours)).astimezone(UTC)
    assert [at for (at,) in since.rows(asked)] == list(
        Meeting.objects.filter(at__gte=asked).values_list("at", flat=True)
    )


def test_instances_are_those_of_the_queryset() -> None:
    account = make_account(tags=["ü"], arr="12.50", custom={})
    found = Instances(Account, lambda pk: Account.objects.filter(pk=pk), NUMBER)
    read, again = found.rows(account.pk)[0], Account.objects.get(pk=account.pk)
    names = [field.attname for field in Account._meta.concrete_fields]
    assert [getattr(read, name) for name in names] == [getattr(again, name) for name in names]
    assert not read._state.adding and read._state.db == "default"
    read.tier = 3
    read.save(update_fields=["tier"])
    assert Account.objects.get().tier == 3
    assert found.rows(0) == []


def test_each_asks_within_their_own_scope_with_the_same_statement() -> None:
    cast = make_cast()
    make_account("Below", parent=cast.account)
    rtype = registry.get("account")
    for _ in range(2):
        for who in (cast.owner, cast.teammate, cast.admin):
            assert get(as_user(who), rtype, cast.account.pk) == cast.account
            assert resolve(as_user(who), rtype, cast.account.key) == cast.account.pk
            assert get(as_user(who), rtype, "below").name == "Below"
        for read in (get, resolve):
            with pytest.raises(NotFound):
                read(as_user(cast.outsider), rtype, str(cast.account.pk))
        assert get(system_context(datetime(2026, 1, 1, tzinfo=UTC)), rtype, cast.account.pk) == cast.account


def test_what_a_type_asks_beyond_the_scope_is_asked_of_each() -> None:
    cast = make_cast(scope="all")
    rtype = registry.get("account_plan")
    plan = make("account_plan", account=cast.account, owner=cast.owner, confidentiality="plan_team")
    for _ in range(2):
        for read, pk in ((get, plan.pk), (resolve, str(plan.pk))):
            for who in (cast.admin, cast.owner):
                read(as_user(who), rtype, pk)
            for who in (cast.outsider, cast.teammate):
                with pytest.raises(NotFound):
                    read(as_user(who), rtype, pk)


def test_one_query_reads_a_record() -> None:
    cast = make_cast()
    ctx = as_user(cast.owner)
    with CaptureQueriesContext(connection) as asked:
        get(ctx, registry.get("account"), cast.account.pk)
    assert len(asked) == 1
