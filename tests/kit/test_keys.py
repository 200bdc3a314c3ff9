"""Conditions on many keys find the same records as a plain list of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from tests.factories import make, make_account
from trackline.accounts.models import Account, Contact
from trackline.kit.keys import Keys

pytestmark = pytest.mark.django_db


def test_the_same_records_are_found() -> None:
    accounts = [make_account(f"Company {number}") for number in range(4)]
    people = [make("contact", account=account, name="Ann") for account in accounts]
    wanted = [accounts[0].pk, accounts[2].pk, accounts[2].pk + 10_000]
    assert set(Account.objects.filter(pk__in=Keys(wanted)).values_list("name", flat=True)) == {"Company 0", "Company 2"}
    assert list(Contact.objects.filter(account__in=Keys(wanted)).order_by("pk")) == [people[0], people[2]]
    assert list(Contact.objects.filter(account_id__in=Keys(wanted), name="Ann").order_by("-pk")) == [
        people[2],
        people[0],
    ]
    assert list(Contact.objects.exclude(account__in=Keys(wanted)).order_by("pk")) == [people[1], people[3]]
    either = Q(account__in=Keys(wanted[:1])) | Q(account__in=Keys(wanted[1:]))
    assert Contact.objects.filter(either).count() == 2
    assert list(Account.objects.filter(contacts__in=Keys([people[3].pk]))) == [accounts[3]]
    assert Account.objects.filter(pk__in=Keys(wanted)).update(region="South") == 2


def test_among_no_keys_is_nothing_and_the_database_is_not_asked() -> None:
    make_account()
    with CaptureQueriesContext(connection) as seen:
        assert list(Account.objects.filter(pk__in=Keys())) == []
    assert not seen.captured_queries


def test_however_many_keys_there_are() -> None:
    account = make_account()
    assert list(Account.objects.filter(pk__in=Keys(range(account.pk, account.pk + 100_000)))) == [account]
