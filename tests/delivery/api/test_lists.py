"""Lists: each record once whatever the order, and a number of queries that does not grow."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.delivery.api.client import Api, problem
from tests.delivery.api.world import NAMES, World
from tests.factories import NOW, Cast, make, make_account
from trackline.kit.records.ordering import unpack
from trackline.kit.records.types import registry


def all_pages(api: Api, path: str, limit: int) -> list[str]:
    """Return the ids of all pages, following the cursor."""
    found: list[str] = []
    glue, cursor = "&" if "?" in path else "?", ""
    while True:
        page = api.get(f"{path}{glue}limit={limit}{cursor}").json()
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return found
        assert len(page["items"]) == limit
        cursor = f"&cursor={page['next']}"


@pytest.fixture
def many(cast: Cast) -> Api:
    """Accounts with ties and gaps in every field that orders, and routes on one of them."""
    for number in range(14):
        make_account(
            f"Account {number // 3}",
            owner=cast.owner,
            tier=[1, 2, None][number % 3],
            arr=[None, 100, 100, 250.5][number % 4],
            industry=["", "Energy", "Banking"][number % 3],
            renewal_date=[None, date(2027, 1, 1), date(2027, 6, 30)][number % 3],
            watch=bool(number % 2),
            maturity=[None, 3][number % 2],
            parent=cast.account if number % 2 else None,
        )
        make(
            "route",
            account=cast.account,
            title=f"Route {number % 2}",
            type="upsell",
            value=[None, 5, 7.25][number % 3],
            probability=[10, 30][number % 2],
        )
    return Api(cast.owner)


@pytest.mark.parametrize("name", ["account", "route"])
def test_each_record_comes_once_in_every_order(many: Api, name: str) -> None:
    rtype = registry.get(name)
    fields = [field for field, spec in rtype.stored.items() if spec.kind not in ("tags", "object")]
    whole = set(all_pages(many, f"/{rtype.resource}", 200))
    for field in (*fields, "id", "created_at", "updated_at"):
        for order in (field, f"-{field}"):
            once = all_pages(many, f"/{rtype.resource}?order={order}", 200)
            for limit in (1, 4) if field in ("arr", "tier", "name", "value") else (4,):
                paged = all_pages(many, f"/{rtype.resource}?order={order}", limit)
                assert paged == once, (order, limit)
            assert sorted(once) == sorted(whole), order
            shown = [item[field] for item in many.get(f"/{rtype.resource}?order={order}&limit=200").json()["items"]]
            kept = [value for value in shown if value is not None]
            assert shown[: len(kept)] == kept or field in ("industry", "region", "business_model"), (order, shown)
    mixed = f"/{rtype.resource}?order={'tier,-arr,renewal_date' if name == 'account' else '-value,probability'}"
    assert all_pages(many, mixed, 3) == all_pages(many, mixed, 200)


def test_a_cursor_carries_its_order_and_fits_no_other(many: Api) -> None:
    first = many.get("/accounts?order=-arr,name&limit=3").json()
    second = many.get(f"/accounts?limit=3&cursor={first['next']}").json()
    assert second == many.get(f"/accounts?order=-arr,name&limit=3&cursor={first['next']}").json()
    problem(many.get(f"/accounts?order=name&cursor={first['next']}"), 400)
    problem(many.get(f"/contacts?cursor={first['next']}"), 400)


def test_filters_and_search_hold_over_pages(many: Api) -> None:
    path = "/accounts?watch=true&q=account&order=-arr"
    assert all_pages(many, path, 2) == all_pages(many, path, 200)
    assert len(all_pages(many, path, 2)) == 7


def test_histories_and_timelines_come_in_pages(world: World) -> None:
    account = world.ids["account"]
    for number in range(7):
        world.api.patch(f"/accounts/{account}", {"segment": f"S{number}"})
        world.api.made("/notes", {"account": account, "title": f"Note {number}"})
    for path in (f"/accounts/{account}/history", f"/accounts/{account}/timeline"):
        whole = all_pages(world.api, path, 200)
        assert all_pages(world.api, path, 2) == whole == sorted(whole, key=int, reverse=True)
        problem(world.api.get(f"{path}?order=at"), 400)
        problem(world.api.get(f"{path}?cursor=x"), 400)
    newest = world.api.get(f"/accounts/{account}/history?limit=1").json()["items"][0]
    assert newest["changes"] == [{"field": "segment", "from": "S5", "to": "S6"}]
    assert newest["by"]["name"] == "Ada"


BESIDE = {
    "step": 1,
    "contact": 1,
    "competitor": 5,
    "competitor_sighting": 2,
    "pain_point": 5,
    "share_link": 2,
    "survey_round": 1,
    "value_gap": 3,
    "pilot": 4,
    "data_source": 3,
    "deck_template": 1,
}
"""Queries for what a list tells beside fields: the zone of a step's day, gaps and stances, ranks, opened pages,
other accounts of a person, waves of a round, what a gap is worth, how a pilot is measured, what is open on a source,
which file a template is drawn from."""


@pytest.mark.parametrize("name", NAMES)
def test_queries_do_not_grow_with_the_rows(world: World, name: str) -> None:
    rtype = registry.get(name)
    made = world.make(rtype)
    counts = []
    for rows in (1, 6):
        world.api.get(f"/{rtype.resource}")
        with CaptureQueriesContext(connection) as queries:
            found = world.api.get(
                f"/{rtype.resource}?limit=200&deleted=only" if rows > 1 else f"/{rtype.resource}?limit=200"
            )
        counts.append(len(queries))
        assert len(found.json()["items"]) >= rows
        if rows == 1:
            add_deleted_copies(rtype.model.objects.get(pk=made["id"]))
    assert counts[0] == counts[1]
    # token, rows, external ids, one for each link, and what is told beside the fields
    assert counts[0] <= 3 + len(rtype.links) + BESIDE.get(name, 0)


def add_deleted_copies(row: Any) -> None:
    """Add deleted rows like this one: what is unique among living records may repeat there."""
    for _ in range(6):
        row.pk, row._state.adding, row.deleted_at = None, True, NOW
        row.save(force_insert=True)


def column(api: Api, path: str, name: str) -> list[Any]:
    """Return what the rows of all pages hold in a field."""
    items, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{path}&limit=2{cursor and '&cursor='}{cursor}").json()
        items += [item[name] for item in page["items"]]
        cursor = page["next"]
    return items


def test_a_reference_is_ordered_by_the_name_that_is_shown(cast: Cast) -> None:
    api, names = Api(cast.admin), {str(user.pk): user.name for user in cast.everyone().values()}
    for number, owner in enumerate((cast.owner, cast.admin, cast.teammate, cast.admin, None)):
        make("risk", account=cast.account, title=f"Risk {number}", owner=owner)
    make("risk", account=make_account("Aaland"), title="Elsewhere", owner=cast.outsider)
    found = [names.get(pk) for pk in column(api, "/risks?order=owner", "owner")]
    assert found == ["Ada", "Ada", "Katrin", "Olga", "Tim", None]
    assert [names.get(pk) for pk in column(api, "/risks?order=-owner", "owner")] == [*found[4::-1], None]
    assert column(api, "/risks?order=account,-title", "title")[:2] == ["Elsewhere", "Risk 4"]


def test_a_parent_out_of_scope_gives_nothing_away_by_its_place(cast: Cast) -> None:
    hidden, seen = make_account("Aardvark holding"), make_account("Zebra group", owner=cast.owner)
    make_account("Of the hidden one", owner=cast.owner, parent=hidden)
    make_account("Of the seen one", owner=cast.owner, parent=seen)
    api = Api(cast.owner)
    assert column(api, "/accounts?order=parent,name", "name") == [
        "Of the seen one",
        "Of the hidden one",
        "Okada Brandt Mobility",
        "Zebra group",
    ]
    cursor = api.get("/accounts?order=parent,name&limit=2").json()["next"]
    assert "Aardvark" not in str(unpack(cursor))


def test_empty_words_stand_last(cast: Cast) -> None:
    for industry in ("", "Energy", "", "Banking", "Retail"):
        make_account(f"In {industry or 'none'}", industry=industry)
    api = Api(cast.admin)
    assert column(api, "/accounts?order=industry", "industry") == ["Banking", "Energy", "Retail", None, None, None]
    assert column(api, "/accounts?order=-industry", "industry") == ["Retail", "Energy", "Banking", None, None, None]


def test_a_text_with_commas_is_found_whole(cast: Cast) -> None:
    made = make("risk", account=cast.account, title="Late, again")
    api = Api(cast.admin)
    assert [item["id"] for item in api.get("/risks?title=Late, again").json()["items"]] == [str(made.pk)]
    created = api.get(f"/risks/{made.pk}").json()["created_at"]
    assert [item["id"] for item in api.get(f"/risks?created_at={created}").json()["items"]] == [str(made.pk)]


@pytest.mark.parametrize(("resource", "word"), [("pipelines", "kam"), ("stages", "proposal"), ("metrics", "margin")])
def test_what_every_book_starts_with_can_be_searched(cast: Cast, resource: str, word: str) -> None:
    assert Api(cast.admin).get(f"/{resource}?q={word}").json()["items"]
