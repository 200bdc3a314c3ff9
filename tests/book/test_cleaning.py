"""What was done to the figures of a ranking: medians that stand in, figures that stand out; on the page, by who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import Cast, as_user, make_account, make_cast, make_model, system
from trackline.accounts.models import Account, User
from trackline.book.models import ScoringModel
from trackline.book.queries.cleaning import cleaning
from trackline.book.scoring.keeping import refresh_ranking

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """Nine revenues, one far above the others, and an account of which none is known."""
    cast = make_cast()
    Account.objects.update(status="prospect")
    ScoringModel.objects.all().delete()
    feeds = [{"kind": "field", "name": "arr"}]
    criteria = [{"key": "arr", "label": "Revenue", "weight": 100, "direction": "up", "feeds": feeds}]
    make_model(name="Revenue", from_on=None, criteria=criteria)
    for at, arr in enumerate((8, 10, 14, 19, 21, 25, 30, 40, 140, None)):
        make_account(f"Account {at}", arr=arr, owner=cast.owner)
    return cast


def test_the_median_stands_in_and_a_figure_beyond_the_fences_is_flagged(cast: Cast) -> None:
    refresh_ranking(system(timezone.now()), timezone.localdate())
    [column] = cleaning(as_user(cast.owner, timezone.now())).columns
    assert (column.known, column.imputed) == (9, 1)
    assert [(one.name, one.value) for one in column.missing] == [("Account 9", 21)]
    assert [(one.name, one.value, one.side) for one in column.flagged] == [("Account 8", 140, "high")]
    assert (column.result.details["low"], column.result.details["high"]) == (-10, 54)


def page(user: User) -> Any:
    client = Client()
    client.force_login(user)
    return client.get("/book/model/figures-used").content.decode()


def test_the_page_names_what_is_seen_and_counts_all(cast: Cast) -> None:
    assert "The book has not been scored" in page(cast.owner)
    refresh_ranking(system(timezone.now()), timezone.localdate())
    text = page(cast.owner)
    assert "1 figure is missing, 1 stands out" in text and "Account 8" in text and "Account 9" in text
    outside = page(cast.outsider)
    assert (
        "1 figure is missing, 1 stands out" in outside
        and "Account" not in outside.partition("<h1")[2].partition("Fences lie")[0]
    )
