"""Fixtures of the API's tests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.delivery.api.client import Api
from tests.delivery.api.world import World
from tests.factories import Cast, make_cast
from tests.shared import shared
from trackline.delivery.api.limits import windows


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Let no test be stopped by the calls of others."""
    windows.clear()
    yield
    windows.clear()


@pytest.fixture(scope="module")
def shared_cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast, made once for a module."""
    with shared(django_db_blocker, make_cast) as made:
        yield made


@pytest.fixture
def cast(shared_cast: Cast, db: None) -> Cast:
    """The cast, with account scope `team`."""
    return copy.deepcopy(shared_cast)


@pytest.fixture
def admin(cast: Cast) -> Api:
    """The administrator's API."""
    return Api(cast.admin)


@pytest.fixture
def world(cast: Cast, admin: Api) -> World:
    """Records around the cast's account."""
    return World(admin, cast.account, cast.owner)
