"""Saved views: one's own, shared ones, the default, and that a name is taken once."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from tests.workspace.accounts.conftest import Small
from trackline.accounts.models import SavedView

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}


def save(client: Client, name: str, query: str = "tier=1&order=-arr", **more: str):
    return client.post(f"/lists/accounts/views/new?{query}", {"name": name, **more}, **HTMX)


def test_a_view_is_saved_and_opens(as_katrin: Client) -> None:
    answer = save(as_katrin, "Large ones")
    view = SavedView.objects.get()
    assert answer.headers["HX-Redirect"] == f"/accounts?tier=1&order=-arr&view={view.pk}"
    content = as_katrin.get(answer.headers["HX-Redirect"]).content.decode()
    assert re.search(rf'aria-current="page"\s*>\s*{view.name}\s*<', content)
    assert "Save view" not in content
    assert "Edit view" in content


def test_save_appears_when_the_list_differs_and_update_on_ones_own(as_katrin: Client) -> None:
    assert "Save view" not in as_katrin.get("/accounts?view=all").content.decode()
    assert "Save view" in as_katrin.get("/accounts?tier=2").content.decode()
    save(as_katrin, "Large ones")
    view = SavedView.objects.get()
    changed = as_katrin.get(f"/accounts?tier=2&view={view.pk}").content.decode()
    assert "Update view" in changed
    as_katrin.post(f"/lists/accounts/views/{view.pk}/update?tier=2&page=3&view={view.pk}", **HTMX)
    assert SavedView.objects.get().query == "tier=2"


def test_a_taken_or_missing_name_is_refused_beside_the_field(as_katrin: Client) -> None:
    save(as_katrin, "Large ones")
    for name in ("large ONES", "  "):
        answer = save(as_katrin, name)
        assert answer.status_code == 422
        assert "view-name-error" in answer.content.decode()
    assert SavedView.objects.count() == 1


def test_shared_views_are_seen_but_not_changed_by_others(book: Small, client: Client) -> None:
    client.force_login(book.katrin)
    save(client, "Shared one", shared="on")
    save(client, "Private one")
    shared, private = SavedView.objects.get(name="Shared one"), SavedView.objects.get(name="Private one")
    client.force_login(book.tim)
    content = client.get(f"/accounts?tier=1&order=-arr&view={shared.pk}").content.decode()
    assert "Shared one" in content
    assert "Shared by Katrin Vogel" in content
    assert "Private one" not in content
    assert "Edit view" not in content
    for pk in (shared.pk, private.pk):
        assert client.post(f"/lists/accounts/views/{pk}", {"name": "Mine"}, **HTMX).status_code == 404
        assert client.post(f"/lists/accounts/views/{pk}/delete", **HTMX).status_code == 404


def test_the_default_view_opens_and_there_is_one(as_katrin: Client) -> None:
    save(as_katrin, "One", is_default="on")
    save(as_katrin, "Two", "tier=2", is_default="on")
    two = SavedView.objects.get(is_default=True)
    assert two.name == "Two"
    assert as_katrin.get("/accounts").headers["Location"] == f"/accounts?tier=2&view={two.pk}"
    assert as_katrin.get("/accounts?view=all").status_code == 200


def test_a_view_is_renamed_and_removed(as_katrin: Client) -> None:
    save(as_katrin, "One")
    view = SavedView.objects.get()
    as_katrin.post(f"/lists/accounts/views/{view.pk}", {"name": "Renamed"}, **HTMX)
    assert SavedView.objects.get().name == "Renamed"
    answer = as_katrin.post(f"/lists/accounts/views/{view.pk}/delete", **HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "View Renamed removed"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "tier",
        "owner",
        "renewal_date",
        "arr",
        "parent",
        "tags",
        "watch",
        "industry",
        "domain",
        "missing",
        "alerts",
        "created_at",
    ],
)
def test_each_filter_has_a_form_that_keeps_the_rest(as_katrin: Client, name: str) -> None:
    at = {"HTTP_HX_CURRENT_URL": "http://testserver/accounts?q=a&status=active&tier=1&view=3"}
    answer = as_katrin.get(f"/lists/accounts/filter/{name}", **HTMX, **at)
    if name == "created_at":
        assert answer.status_code == 404
        return
    content = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="status" value="active"' in content
    assert 'name="q" value="a"' in content
    assert 'name="view"' not in content
    assert ('type="hidden" name="tier"' in content) == (name != "tier")
