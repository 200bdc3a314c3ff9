"""Lists: filters, search, order and cursors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import as_user, make, make_account, make_cast, system
from trackline.kit.problems import BadRequest
from trackline.kit.records.queries import ListParams, list_page
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

ACCOUNT, CONTACT, ROUTE = (registry.get(name) for name in ("account", "contact", "route"))


def names(rtype: Any = ACCOUNT, **params: str) -> list[str]:
    page = list_page(system(), rtype, ListParams.of(params))
    return [item["name"] if "name" in item else item["title"] for item in page.items]


def walk(order: str, limit: int = 2) -> list[str]:
    found, cursor = [], ""
    while True:
        page = list_page(system(), ACCOUNT, ListParams.of({"order": order, "limit": str(limit), "cursor": cursor}))
        found += [item["name"] for item in page.items]
        if page.next is None:
            return found
        cursor = page.next


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=0, max_size=9), st.sampled_from(["arr", "-arr"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_show_each_record_once_with_empty_values_last(values: list[int | None], order: str) -> None:
    from trackline.accounts.models import Account

    Account.objects.all().delete()
    for number, value in enumerate(values):
        make_account(f"A{number}", arr=value)
    found = walk(order)
    assert sorted(found) == sorted(f"A{number}" for number in range(len(values)))
    seen = [values[int(name[1:])] for name in found]
    known = [value for value in seen if value is not None]
    assert known == sorted(known, reverse=order.startswith("-"))
    assert all(value is None for value in seen[len(known) :])


def test_filters_by_value_list_range_and_absence() -> None:
    make_account("Low", arr=100, tier=3)
    make_account("High", arr=900, tier=1)
    make_account("None", tier=None)
    assert names(tier="1,3") == ["High", "Low"]
    assert names(arr__gte="900") == ["High"]
    assert names(tier="null") == ["None"]
    assert names(tier__not="1", order="name") == ["Low", "None"] or names(tier__not="1") == ["Low"]
    assert names(name__contains="ig") == ["High"]


def test_search_ignores_case_and_accents_and_takes_all_words() -> None:
    make_account("Lumière Optique")
    make_account("Lumière Autre")
    assert names(q="LUMIERE opt") == ["Lumière Optique"]


def test_references_are_filtered_by_id_and_by_key() -> None:
    account = make_account("Nordwall Logistik")
    make("contact", account=account, name="Frauke")
    make("contact", account=make_account("Other"), name="Someone")
    assert names(CONTACT, account=str(account.pk)) == names(CONTACT, account="nordwall-logistik") == ["Frauke"]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"cursor": "WyJhIl0"},
        {"order": "nothing"},
        {"nothing": "1"},
        {"tier": "nine"},
        {"arr__gte": "abc"},
        {"name__gte": "a"},
        {"renewal_date": "31.31.2026"},
        {"created_at__gte": "yesterday"},
        {"custom.none": "1"},
        {"name": "a\x00"},
    ],
)
def test_bad_parameters_are_named(params: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as problem:
        list_page(system(), ACCOUNT, ListParams.of(params))
    assert problem.value.errors


def test_an_unknown_filter_suggests_the_nearest() -> None:
    with pytest.raises(BadRequest, match="Did you mean 'industry'"):
        list_page(system(), ACCOUNT, ListParams.of({"industri": "x"}))


def test_lists_hold_only_what_the_actor_may_see() -> None:
    cast = make_cast()
    make("route", account=cast.account, title="Line 4", type="upsell")
    for person, expected in (("owner", 1), ("facilitator", 1), ("admin", 1), ("outsider", 0)):
        ctx = as_user(cast.everyone()[person])
        assert len(list_page(ctx, ROUTE, ListParams()).items) == expected
        assert len(list_page(ctx, ACCOUNT, ListParams(q="okada")).items) == expected


def test_the_number_of_queries_does_not_grow_with_rows(django_assert_num_queries: Any) -> None:
    account = make_account()
    for number in range(3):
        make("route", account=account, title=f"R{number}", type="upsell")
    with django_assert_num_queries(2 + len(ROUTE.links)) as few:
        list_page(system(), ROUTE, ListParams())
    for number in range(9):
        make("route", account=account, title=f"S{number}", type="upsell")
    with django_assert_num_queries(len(few.captured_queries)):
        list_page(system(), ROUTE, ListParams())
