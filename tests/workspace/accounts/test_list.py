"""The Accounts list: what its filters keep and say, its order, sums, tree and columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import as_user, make, make_account, make_user, system
from tests.workspace.accounts.conftest import Small
from trackline.accounts.models import User
from trackline.accounts.services import change_setting, define_custom_field
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.page import accounts_page
from trackline.workspace.queries.accounts.sentences import sentences

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "list"}


def page(book: Small, query: str) -> Any:
    return accounts_page(as_user(book.katrin, timezone.now()), Asked.of_text(query))


def names(book: Small, query: str) -> list[str]:
    return [item["name"] for item in page(book, query).items]


def words(book: Small, query: str) -> list[str]:
    return [found.label for found in sentences(as_user(book.katrin, timezone.now()), Asked.of_text(query), (), "EUR")]


@pytest.mark.parametrize(
    ("query", "kept", "said"),
    [
        ("tier=1", ["Ardent Rail", "Okada Brandt"], "Tier 1"),
        ("tier=1,3", ["Ardent Rail", "Lumière Optique", "Okada Brandt"], "Tier 1 or Tier 3"),
        ("tier=1&tier=null", ["Ardent Nordics", "Ardent Rail", "Okada Brandt"], "Tier 1 or not set"),
        ("tier__not=1", ["Ardent Nordics", "Ardent Signalling", "Lumière Optique"], "Not Tier 1"),
        ("owner=me", ["Ardent Rail", "Okada Brandt"], "Owner is me"),
        ("renews=90", ["Ardent Rail"], "Renews within 90 days"),
        ("renews=late", ["Okada Brandt"], "Renewal date has passed"),
        ("below=ardent-rail", ["Ardent Nordics", "Ardent Rail", "Ardent Signalling"], "With all below Ardent Rail"),
        ("missing=arr", ["Lumière Optique"], "Without ARR"),
        ("missing=arr,tier", ["Ardent Nordics", "Lumière Optique"], "Without ARR or Tier"),
        ("watch=true", ["Okada Brandt"], "On watch"),
        ("tags=pilot,other", ["Okada Brandt"], "Tagged pilot or other"),
        ("alerts=open", ["Lumière Optique"], "Open alerts"),
        ("industry=Energy", ["Ardent Nordics"], "Industry is Energy"),
        ("arr_min=200k", ["Ardent Rail", "Ardent Signalling", "Okada Brandt"], "ARR from €200,000"),
        ("arr_min=150k&arr_max=300k", ["Ardent Signalling"], "ARR from €150,000 to €300,000"),
        ("region=null&tier=2", ["Ardent Signalling"], None),
        ("q=lumiere", ["Lumière Optique"], None),
        ("q=ardent rail", ["Ardent Rail"], None),
    ],
)
def test_a_filter_keeps_and_says(book: Small, query: str, kept: list[str], said: str | None) -> None:
    assert names(book, f"{query}&order=name") == kept
    if said:
        assert words(book, query) == [said]


def test_an_owner_is_called_by_name(book: Small) -> None:
    assert words(book, f"owner={book.tim.pk}") == ["Owner is Tim Lorca"]


def test_a_filter_that_cannot_be_read_is_left_out_and_named(book: Small, as_katrin: Client) -> None:
    found = page(book, "tier=1&nothing=3&renews=soon")
    assert sorted(found.unread) == ["nothing", "renews"]
    assert len(found.items) == 2
    answer = as_katrin.get("/accounts?tier=1&nothing=3")
    assert answer.status_code == 200
    assert "nothing could not be read" in answer.content.decode()


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("-arr", ["Ardent Rail", "Okada Brandt", "Ardent Signalling", "Ardent Nordics", "Lumière Optique"]),
        ("arr", ["Ardent Nordics", "Ardent Signalling", "Okada Brandt", "Ardent Rail", "Lumière Optique"]),
        ("owner,name", ["Ardent Rail", "Okada Brandt", "Ardent Nordics"]),
        ("region", ["Lumière Optique"]),
        ("", ["Lumière Optique", "Okada Brandt", "Ardent Rail"]),
        ("nothing", ["Ardent Rail", "Ardent Signalling"]),
    ],
)
def test_order_puts_empty_last_and_money_by_its_worth(book: Small, order: str, first: list[str]) -> None:
    """400,000 dollars at 0.5 are worth less than 500,000 euros; open alerts lead where nothing is said."""
    assert names(book, f"order={order}")[: len(first)] == first


def test_totals_are_in_one_currency_and_say_what_is_left_out(book: Small) -> None:
    totals = page(book, "").totals
    assert (totals.count, totals.arr.amount, totals.arr.currency) == (5, 1_800_000, "EUR")
    assert totals.arr.converted
    assert (totals.without_arr, totals.soon, totals.late, totals.undated) == (1, 1, 1, 2)
    make_account("Zürich Tram", currency="CHF", arr=5)
    assert page(book, "").totals.arr.without_rate == ("CHF",)


def test_the_tree_keeps_order_and_adds_up_groups(book: Small) -> None:
    found = page(book, "mode=tree&order=-name")
    assert [(item["name"], node.depth) for item, node in zip(found.items, found.nodes, strict=True)] == [
        ("Okada Brandt", 0),
        ("Lumière Optique", 0),
        ("Ardent Rail", 0),
        ("Ardent Signalling", 1),
        ("Ardent Nordics", 2),
    ]
    assert found.beside.groups[book.rail.pk].amount == 1_300_000
    assert found.beside.groups[book.signalling.pk].amount == 300_000
    assert book.okada.pk not in found.beside.groups


def test_a_closed_branch_folds_and_a_filter_shows_what_stands_above(book: Small) -> None:
    folded = page(book, f"mode=tree&order=name&closed={book.rail.pk}")
    assert [item["name"] for item in folded.items] == ["Ardent Rail", "Lumière Optique", "Okada Brandt"]
    assert folded.nodes[0].below == 1
    narrowed = page(book, "mode=tree&order=name&industry=Energy")
    assert [(item["name"], node.matches) for item, node in zip(narrowed.items, narrowed.nodes, strict=True)] == [
        ("Ardent Rail", False),
        ("Ardent Signalling", False),
        ("Ardent Nordics", True),
    ]


def test_who_stands_below_an_account_out_of_scope_stands_at_the_top(book: Small) -> None:
    change_setting(system(), "perm.account_scope", "team")
    found = accounts_page(as_user(book.tim), Asked.of_text("mode=tree&order=name"))
    assert [(item["name"], node.depth) for item, node in zip(found.items, found.nodes, strict=True)] == [
        ("Ardent Signalling", 0),
        ("Ardent Nordics", 1),
        ("Lumière Optique", 0),
    ]
    assert found.beside.groups[book.signalling.pk].amount == 300_000


def test_the_newest_snapshot_counts(book: Small, today: Any) -> None:
    assert page(book, "q=ardent rail").beside.snapshots == {book.rail.pk: ("amber", "green", today)}


def test_custom_fields_are_columns_filters_and_order(book: Small) -> None:
    define_custom_field(system(), "account", "Cost centre")
    services.update(system(), registry.get("account"), book.okada.pk, {"custom": {"cost_centre": "4711"}})
    found = page(book, "custom.cost_centre=4711&columns=custom.cost_centre,tier&order=custom.cost_centre")
    assert [item["name"] for item in found.items] == ["Okada Brandt"]
    assert [column.label for column in found.columns] == ["Cost centre", "Tier"]
    assert words(book, "custom.cost_centre=4711") == ["Cost centre is 4711"]


def test_a_page_beyond_the_last_is_the_last(book: Small) -> None:
    assert len(page(book, "page=99").items) == 5


def test_the_address_says_everything(as_katrin: Client) -> None:
    answer = as_katrin.get("/accounts?tier=2&tier=1&order=-arr&q=a&junk=", **HTMX)
    assert answer.headers["HX-Push-Url"] == "/accounts?q=a&tier=2,1&order=-arr"
    assert Asked.of_text("q=a&tier=2,1&order=-arr").url == "/accounts?q=a&tier=2,1&order=-arr"


def test_names_are_escaped(as_katrin: Client, book: Small) -> None:
    make_account('<img src=x onerror="alert(1)">', owner=book.katrin)
    content = as_katrin.get("/accounts?view=all&columns=owner,parent,description").content.decode()
    assert "<img src=x" not in content
    assert "&lt;img src=x" in content


def test_readers_see_no_way_to_change(book: Small, client: Client) -> None:
    client.force_login(make_user("frieda", role="facilitator"))
    content = client.get("/accounts?view=all").content.decode()
    assert "data-select " not in content
    assert "data-cell" not in content
    assert "/accounts/new" not in content


def test_columns_are_remembered(as_katrin: Client, book: Small) -> None:
    answer = as_katrin.post("/lists/accounts/columns", {"columns": "region,owner,nothing"}, **HTMX)
    assert ">Region<" in answer.content.decode()
    again = as_katrin.get("/accounts?view=all").content.decode()
    assert ">Region<" in again
    assert 'class="sort" href="/accounts?order=-track' not in again
    assert User.objects.get(pk=book.katrin.pk).preferences["columns"]["account"] == ["region", "owner", "nothing"]


@pytest.mark.parametrize(
    "query", ["view=all", "mode=tree", "q=a&tier=1", "columns=owner,parent,exec_sponsor,health,alerts"]
)
def test_queries_do_not_grow_with_rows(as_katrin: Client, book: Small, query: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_katrin.get(f"/accounts?{query}").status_code == 200
        return len(captured)

    count()
    before = count()
    for number in range(12):
        account = make_account(f"Account {number}", owner=book.tim, parent=book.okada, tier=1, exec_sponsor=book.katrin)
        make("health_snapshot", account=account, on=date(2026, 1, 1), delivery="red", relationship="red")
        make("alert", account=account, title="Late", rule="watch.late")
    assert count() == before
    assert before <= 22


@pytest.mark.parametrize(
    "query",
    [
        "q=%00%25_'&tier=9",
        "arr_min=1e300&arr_max=-1e300",
        "arr_min=x&renews=-1&below=%00&missing=nothing",
        "order=custom.a__b,-completeness,%00&columns=,,x",
        "page=999999&closed=1,x,99999999999999999999",
        "custom.nothing=1&created_at__gte=soon&owner=somebody&parent=x",
        "tags=%22&industry__contains=%25&tier__gte=2&id=1,2",
        "mode=tree&q=zzz&page=0",
    ],
)
def test_odd_addresses_are_answered(as_katrin: Client, query: str) -> None:
    assert as_katrin.get(f"/accounts?{query}").status_code == 200
    assert as_katrin.get(f"/lists/accounts/export/json?{query}").status_code == 200
