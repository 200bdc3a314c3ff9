"""A small book: a group of three, two others, several currencies."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make, make_account, make_user, system
from tests.shared import shared
from trackline.accounts.models import Account, User
from trackline.accounts.services import set_exchange_rate


@dataclass
class Small:
    """The people and accounts by short names."""

    katrin: User
    tim: User
    rail: Account
    signalling: Account
    nordics: Account
    okada: Account
    lumiere: Account


@pytest.fixture(scope="module")
def today() -> date:
    return timezone.localdate()


@pytest.fixture(scope="module")
def shared_book(django_db_setup: None, django_db_blocker: Any, today: date) -> Iterator[Small]:
    """The book, made once for a module."""
    with shared(django_db_blocker, partial(make_book, today)) as made:
        yield made


@pytest.fixture
def book(shared_book: Small, db: None) -> Small:
    return copy.deepcopy(shared_book)


def make_book(today: date) -> Small:
    katrin, tim = make_user("katrin", name="Katrin Vogel"), make_user("tim", name="Tim Lorca")
    set_exchange_rate(system(), "USD", date(2020, 1, 31), Decimal("0.5"))
    rail = make_account("Ardent Rail", owner=katrin, tier=1, arr=1_000_000, renewal_date=today + timedelta(days=40))
    signalling = make_account("Ardent Signalling", parent=rail, owner=tim, tier=2, arr=400_000, currency="USD")
    nordics = make_account("Ardent Nordics", parent=signalling, owner=tim, arr=100_000, industry="Energy")
    okada = make_account(
        "Okada Brandt",
        owner=katrin,
        tier=1,
        arr=500_000,
        renewal_date=today - timedelta(days=3),
        watch=True,
        tags=["pilot"],
    )
    lumiere = make_account(
        "Lumière Optique", owner=tim, tier=3, renewal_date=today + timedelta(days=400), region="EMEA"
    )
    make("alert", account=lumiere, title="Usage falls", rule="watch.signal.usage_decline")
    now = system(timezone.now())
    make("health_snapshot", ctx=now, account=rail, on=today - timedelta(days=9), delivery="red", relationship="green")
    make("health_snapshot", ctx=now, account=rail, on=today, delivery="amber", relationship="green")
    return Small(katrin, tim, rail, signalling, nordics, okada, lumiere)


@pytest.fixture
def as_katrin(book: Small, client: Client) -> Client:
    client.force_login(book.katrin)
    return client
