"""Accounts by size, in a book of which too little is known for a score."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, as_user, make, make_account, make_cast, system
from trackline.book.queries.size import by_size, by_size_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def places(found: Any) -> list[tuple[str, Any]]:
    return [(one.name, one.place and (one.place["rank"], one.place["tier"])) for one in found.rows]


def test_arr_and_open_white_space_place_an_account(cast: Cast) -> None:
    make_account("Small", arr=10_000, currency="EUR", owner=cast.owner)
    growing = make_account("Growing", currency="EUR", owner=cast.owner)
    make_account("Unknown", currency="EUR", owner=cast.owner)
    make_account("Gone", arr=9_000_000, currency="EUR", status="churned", owner=cast.owner)
    unit = make("business_unit", account=growing, name="Plant")
    product = make("product", name="Sensors")
    make("whitespace_cell", business_unit=unit, product=product, value=5000, currency="EUR")
    found = by_size(system())
    assert places(found) == [
        ("Okada Brandt Mobility", (1, 1)), ("Growing", (2, 2)), ("Small", (3, 2)), ("Unknown", None),
    ]  # fmt: skip
    assert [one.growth for one in found.rows] == [None, 5000, None, None]


def test_an_outsider_sees_ranks_of_the_book_and_no_name(cast: Cast) -> None:
    make_account("Own", arr=100, currency="EUR", owner=cast.outsider)
    told = by_size_json(as_user(cast.outsider))
    assert told["of"] == 2
    assert [(one["name"], one["rank"]) for one in told["accounts"]] == [("Own", 2)]


def test_the_page_places_accounts_before_anything_is_scored(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    page = client.get("/book").content.decode()
    assert "By size" in page
    assert "Tier 1" in page.split('id="by-size"')[1]
