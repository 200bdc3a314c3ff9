"""The Accounts list in groups: their order, what each adds up to, and where its name leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import as_user, make_account
from tests.workspace.accounts.conftest import Small
from trackline.accounts.models import Account
from trackline.workspace.queries.accounts.asked import Asked
from trackline.workspace.queries.accounts.groups import GROUPINGS
from trackline.workspace.queries.accounts.page import accounts_page, ordered_ids


def page(book: Small, query: str) -> Any:
    return accounts_page(as_user(book.katrin, timezone.now()), Asked.of_text(query))


def told(book: Small, query: str) -> list[tuple[str, int, int, int]]:
    return [
        (group.label, group.count, int(group.arr.amount), group.soon)
        for group in sorted(page(book, query).groups.values(), key=lambda group: group.label)
    ]


def test_groups_add_up_in_one_currency_and_only_what_matches(book: Small) -> None:
    assert told(book, "group=owner") == [("Katrin Vogel", 2, 1_500_000, 1), ("Tim Lorca", 3, 300_000, 0)]
    assert told(book, "group=tier&owner=me") == [("Tier 1", 2, 1_500_000, 1)]
    assert told(book, "group=region") == [("EMEA", 1, 0, 0), ("No region", 4, 1_800_000, 1)]


def test_rows_stand_in_groups_and_keep_their_order_within(book: Small) -> None:
    assert [item["name"] for item in page(book, "group=owner&order=name").items] == [
        "Ardent Rail", "Okada Brandt", "Ardent Nordics", "Ardent Signalling", "Lumière Optique",
    ]  # fmt: skip
    by_tier = [item["name"] for item in page(book, "group=tier&order=name").items]
    assert by_tier[-1] == "Ardent Nordics"


def test_colours_come_from_red_and_no_score_last(book: Small) -> None:
    Account.objects.filter(pk=book.okada.pk).update(health={"value": 90.0, "band": "green"})
    Account.objects.filter(pk=book.rail.pk).update(health={"value": 20.0, "band": "red"})
    found = page(book, "group=band&order=name")
    assert [item["name"] for item in found.items][:2] == ["Ardent Rail", "Okada Brandt"]
    assert {group.label: group.count for group in found.groups.values()} == {"Red": 1, "Green": 1, "No score": 3}
    assert len(page(book, "band=red,null").items) == 4


def test_what_was_never_scored_and_what_cannot_be_are_one_group(book: Small) -> None:
    Account.objects.filter(pk=book.rail.pk).update(health={})
    Account.objects.filter(pk=book.okada.pk).update(health={"value": 90.0, "band": "green"})
    found = page(book, "group=band&order=name")
    assert [(group.label, group.count) for group in found.groups.values() if group.value is None] == [("No score", 4)]
    assert len(page(book, "band=null").items) == len(page(book, "band=unknown").items) == 4


def test_a_group_leads_to_its_accounts_alone(book: Small) -> None:
    for name in GROUPINGS:
        for group in page(book, f"group={name}").groups.values():
            assert page(book, group.url).totals.count == group.count, (name, group.label)


def test_a_tree_and_a_word_that_means_nothing_have_no_groups(book: Small) -> None:
    assert not page(book, "mode=tree&group=owner").groups
    assert not page(book, "group=nothing").groups


def test_a_file_has_the_order_of_the_groups(book: Small) -> None:
    ctx = as_user(book.katrin, timezone.now())
    ids, _, _ = ordered_ids(ctx, Asked.of_text("group=owner&order=-name"))
    assert ids[:2] == [book.okada.pk, book.rail.pk]


def test_the_page_draws_a_line_above_each_group(book: Small, as_katrin: Client) -> None:
    text = as_katrin.get("/accounts?group=owner").content.decode()
    assert text.count('class="group-row"') == 2
    assert "2 accounts · €1.50m ARR · 1 renews within 90 d" in text
    assert '<option value="owner" selected>' in text


@pytest.mark.parametrize("name", GROUPINGS)
def test_queries_do_not_grow_with_groups(book: Small, name: str) -> None:
    with CaptureQueriesContext(connection) as few:
        page(book, f"group={name}")
    for number in range(5):
        make_account(f"More {number}", owner=book.tim, region=f"R{number}", tier=1 + number % 3)
    with CaptureQueriesContext(connection) as many:
        page(book, f"group={name}")
    assert len(many) == len(few)


def test_a_saved_field_brings_the_computed_cells_of_its_account(book: Small, as_katrin: Client) -> None:
    on = timezone.localdate() + timedelta(days=12)
    url = f"/r/account/{book.rail.pk}/cell/renewal_date"
    version = Account.objects.get(pk=book.rail.pk).version
    text = as_katrin.post(url, {"renewal_date": on.isoformat(), "version": version}).content.decode()
    mark = f'data-value="account-{book.rail.pk}-=renews_in"'
    assert mark in text
    assert '<span class="warn">12 d</span>' in text.split(mark)[1][:80]
    assert mark in as_katrin.get("/accounts").content.decode()
