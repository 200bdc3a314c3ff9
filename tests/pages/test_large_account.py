"""An account of hundreds of people, routes and steps and of 20,000 observations asks no more queries than one half as large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from unittest import mock

import pytest

from bench.large import OBSERVATIONS, SIZES
from bench.large import grow as make_large
from tests.factories import NOW
from tests.pages.book import Book, grow, make_book
from tests.pages.test_query_counts import PAGES, PER_ROW, difference, queries_of, shape
from trackline.accounts.models import Account, Contact, Observation
from trackline.align.models import Route
from trackline.choose.models import Play

pytestmark = pytest.mark.django_db

OF_AN_ACCOUNT = [name for name in PAGES if "/accounts/{account.key}" in name and name not in PER_ROW]
HALF = {name: count // 2 for name, count in SIZES.items()}

Queries = Mapping[str, list[str]]


def asked(book: Book) -> Queries:
    """The queries of each page of the account."""
    return {name: queries_of(book, PAGES[name]) for name in OF_AN_ACCOUNT}


def uncounted(queries: list[str]) -> list[str]:
    """Leave out what counts the rows of a list: one that shows everything needs no count."""
    return [query for query in queries if not query.startswith("SELECT COUNT(*)")]


def test_a_large_account_asks_no_more_queries() -> None:
    assert len(OF_AN_ACCOUNT) > 60
    with mock.patch("django.utils.timezone.now", return_value=NOW):
        book = make_book()
        grow(book, 1, 3)
        small = asked(book)
        account = Account.objects.get(key=book.names["account"].key)
        make_large(account, HALF, OBSERVATIONS // 2)
        half = asked(book)
        make_large(account)
        for model, count in ((Contact, 200), (Route, 100), (Play, 50), (Observation, 20_000)):
            assert model.objects.filter(account=account).count() >= count
        large = asked(book)
    pairs = {name: (uncounted(half[name]), uncounted(large[name])) for name in OF_AN_ACCOUNT}
    grown = [
        f"{name}: {len(before)} queries of half the account, {len(after)} of the whole\n{difference(before, after)}"
        for name, (before, after) in pairs.items()
        if len(after) > len(before)
    ]
    assert not grown, "\n".join(grown)
    # Nor does anything stand twice that a small account is asked for once, or not at all.
    repeated = [
        f"{name}: {times:+} × {text}"
        for name in OF_AN_ACCOUNT
        for text, times in (Counter(map(shape, large[name])) - Counter(map(shape, small[name]))).items()
        if times > 1
    ]
    assert not repeated, "\n".join(repeated)
