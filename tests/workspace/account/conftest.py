"""The cast around one account, and its people's browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in a book whose accounts are seen by their teams."""
    return make_cast()


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    """A signed-in browser of somebody: `as_("owner").get("/")`."""

    def browser(who: str) -> Client:
        client = Client()
        client.force_login(cast.everyone()[who])
        return client

    return browser
