"""The cast around one account, and its people's browsers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, make_cast
from tests.shared import shared


@pytest.fixture(scope="module")
def shared_cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast, made once for a module."""
    with shared(django_db_blocker, make_cast) as made:
        yield made


@pytest.fixture
def cast(shared_cast: Cast, db: None) -> Cast:
    """The cast, in a book whose accounts are seen by their teams."""
    return copy.deepcopy(shared_cast)


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    """A signed-in browser of somebody: `as_("owner").get("/")`."""

    def browser(who: str) -> Client:
        client = Client()
        client.force_login(cast.everyone()[who])
        return client

    return browser
