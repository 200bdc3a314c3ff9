"""A world of records, and browsers of its people."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, make_cast
from tests.shared import shared
from tests.workspace.records.world import World

Open = Callable[..., Client]


@pytest.fixture(scope="module")
def shared_cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast, made once for a module."""
    with shared(django_db_blocker, make_cast) as made:
        yield made


@pytest.fixture
def world(shared_cast: Cast, db: None) -> World:
    """The cast around one account in a book whose accounts are seen by their teams."""
    return World(copy.deepcopy(shared_cast))


@pytest.fixture
def as_(world: World) -> Callable[[str], Browser]:
    """A browser of somebody of the cast: `as_("owner").part("/panel/goal/1")`."""
    return lambda who: Browser(world.cast.everyone()[who])


@pytest.fixture
def browser(as_: Callable[[str], Browser]) -> Browser:
    """The administrator's browser: may do everything to every type."""
    return as_("admin")


class Browser:
    """A signed-in browser that asks for pages, and for parts as htmx does."""

    def __init__(self, user: Any) -> None:
        self.client = Client()
        self.client.force_login(user)

    def page(self, url: str) -> Any:
        """Ask for a page."""
        return self.client.get(url)

    def part(self, url: str, target: str = "panel-content") -> Any:
        """Ask for a part of a page."""
        return self.client.get(url, headers={"HX-Request": "true", "HX-Target": target})

    def post(self, url: str, data: dict[str, Any] | None = None, target: str = "") -> Any:
        """Send entries as htmx does."""
        headers = {"HX-Request": "true", "HX-Target": target or "x"}
        return self.client.post(url, data or {}, headers=headers)
