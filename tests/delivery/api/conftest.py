"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.api.client import Api
from tests.delivery.api.world import World
from tests.factories import Cast, make_cast
from trackline.delivery.api.limits import windows


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Let no test be stopped by the calls of others."""
    windows.clear()
    yield
    windows.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, with account scope `team`."""
    return make_cast()


@pytest.fixture
def admin(cast: Cast) -> Api:
    """The administrator's API."""
    return Api(cast.admin)


@pytest.fixture
def world(cast: Cast, admin: Api) -> World:
    """Records around the cast's account."""
    return World(admin, cast.account, cast.owner)
