"""Bulk edit from the list: the dialog names what changes, one undo takes it back, refusals are told by name."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client

from tests.workspace.accounts.conftest import Small
from trackline.accounts.models import Account

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}


def toast(answer: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return found


def ids(*accounts: Account) -> str:
    return ",".join(str(account.pk) for account in accounts)


def test_a_field_of_many_changes_and_comes_back(as_katrin: Client, book: Small) -> None:
    form = as_katrin.get(f"/bulk/account/tier?ids={ids(book.rail, book.okada)}", **HTMX).content.decode()
    assert "Tier of 2 accounts" in form
    assert "Ardent Rail, Okada Brandt" in form
    answer = as_katrin.post("/bulk/account/tier", {"ids": ids(book.rail, book.okada), "tier": "3"}, **HTMX)
    assert toast(answer)["text"] == "Tier changed: 2 accounts"
    assert Account.objects.filter(tier=3).count() == 3
    undone = as_katrin.post(toast(answer)["undo"], **HTMX)
    assert toast(undone)["text"] == "Undone: 2 changes"
    assert Account.objects.filter(tier=1).count() == 2


def test_tags_are_added_and_taken_off(as_katrin: Client, book: Small) -> None:
    both = ids(book.rail, book.okada)
    as_katrin.post("/bulk/account/tags", {"ids": both, "tags": ["pilot", "vip"], "how": "add"}, **HTMX)
    assert list(
        Account.objects.filter(pk__in=[book.rail.pk, book.okada.pk]).order_by("name").values_list("tags", flat=True)
    ) == [
        ["pilot", "vip"],
        ["pilot", "vip"],
    ]
    as_katrin.post("/bulk/account/tags", {"ids": both, "tags": ["pilot"], "how": "remove"}, **HTMX)
    assert Account.objects.get(pk=book.okada.pk).tags == ["vip"]
    assert as_katrin.post("/bulk/account/tags", {"ids": both, "tags": "", "how": "add"}, **HTMX).status_code == 422


def test_watch_is_switched(as_katrin: Client, book: Small) -> None:
    as_katrin.post("/bulk/account/watch", {"ids": ids(book.rail, book.okada), "watch": "true"}, **HTMX)
    assert Account.objects.filter(watch=True).count() == 2
    as_katrin.post("/bulk/account/watch", {"ids": ids(book.rail, book.okada), "watch": ""}, **HTMX)
    assert not Account.objects.filter(watch=True).exists()


def test_a_bad_value_stands_beside_its_field(as_katrin: Client, book: Small) -> None:
    answer = as_katrin.post("/bulk/account/arr", {"ids": ids(book.rail), "arr": "a lot"}, **HTMX)
    assert answer.status_code == 422
    assert "is not a number" in answer.content.decode()


def test_who_refuses_is_named_and_the_rest_can_be_undone(as_katrin: Client, book: Small) -> None:
    answer = as_katrin.post(
        "/bulk/account/parent", {"ids": ids(book.rail, book.okada), "parent": book.nordics.pk}, **HTMX
    )
    content = answer.content.decode()
    assert "1 account was left as it is" in content
    assert "Ardent Rail" in content
    assert toast(answer)["undo"].startswith("/bulk/undo/")


def test_all_of_the_filter_may_be_meant(as_katrin: Client, book: Small) -> None:
    at = {"HTTP_HX_CURRENT_URL": "http://testserver/accounts?owner=me"}
    form = as_katrin.get(f"/bulk/account/region?ids={book.rail.pk}", **HTMX, **at).content.decode()
    assert "All 2 accounts of this filter" in form
    as_katrin.post("/bulk/account/region", {"ids": book.rail.pk, "region": "APAC", "all": "on"}, **HTMX, **at)
    assert set(Account.objects.filter(region="APAC")) == {book.rail, book.okada}


def test_delete_says_what_goes_and_is_undone(as_katrin: Client, book: Small) -> None:
    chosen = ids(book.rail, book.signalling, book.nordics, book.lumiere)
    form = as_katrin.get(f"/bulk/account/delete?ids={chosen}", **HTMX).content.decode()
    assert "Delete 4 accounts?" in form
    assert "1 alert" in form
    answer = as_katrin.post("/bulk/account/delete", {"ids": chosen}, **HTMX)
    assert Account.objects.alive().count() == 1
    as_katrin.post(toast(answer)["undo"], **HTMX)
    assert Account.objects.alive().count() == 5


def test_names_and_computed_fields_are_not_offered(as_katrin: Client, book: Small) -> None:
    fields = as_katrin.get(f"/bulk/account?ids={book.rail.pk}", **HTMX).content.decode()
    named = re.findall(r">\s*([A-Z][^<>]*?)\s*<", fields)
    assert "Industry" in named
    assert not {"Name", "Completeness"} & set(named)
    assert as_katrin.get(f"/bulk/account/completeness?ids={book.rail.pk}", **HTMX).status_code == 404
