"""Every record type, through everything a browser does to a record."""

from __future__ import annotations

import json

import pytest
from django.utils.html import escape

from tests.workspace.records.conftest import Browser
from tests.workspace.records.world import SECTIONS, World
from trackline.kit.history.models import Change
from trackline.kit.records.types import registry

OWN_PAGES = ("account",)
every_section = pytest.mark.parametrize("names", SECTIONS.values(), ids=SECTIONS)


@every_section
def test_list_table_panel_page_and_form_open(world: World, browser: Browser, names: list[str]) -> None:
    for name in names:
        reads(world, browser, name)


@every_section
def test_refuse_an_empty_form_then_create_then_undo(world: World, browser: Browser, names: list[str]) -> None:
    for name in names:
        creates(world, browser, name)


@every_section
def test_delete_then_restore(world: World, browser: Browser, names: list[str]) -> None:
    for name in names:
        deletes(world, browser, name)


@every_section
def test_every_field_has_an_editor_in_its_box(world: World, browser: Browser, names: list[str]) -> None:
    for name in names:
        edits(world, browser, name)


@every_section
def test_the_title_is_edited_in_place(world: World, browser: Browser, names: list[str]) -> None:
    for name in names:
        renames(world, browser, name)


def reads(world: World, browser: Browser, name: str) -> None:
    """List, table, panel, page and form open."""
    record = world.get(name)
    if name not in OWN_PAGES:
        assert browser.page(f"/r/{name}").status_code == 200
        assert browser.page(f"/r/{name}/{record.pk}").status_code == 200
    table = browser.part(f"/r/{name}/table", "x").content.decode()
    assert f"/r/{name}/{record.pk}" in table or f"/accounts/{getattr(record, 'key', '')}" in table
    panel = browser.part(f"/panel/{name}/{record.pk}")
    assert panel.status_code == 200
    assert "panel-body" in panel.content.decode()
    form = browser.part(f"/panel/{name}/new?account={world.cast.account.pk}")
    assert form.status_code == 200
    assert f'hx-post="/r/{name}/new' in form.content.decode()


def creates(world: World, browser: Browser, name: str) -> None:
    """An empty form is refused, a filled one creates, and that can be undone."""
    rtype = registry.get(name)
    needed = [s for s in rtype.specs.values() if s.required and not s.read_only and s.name != "account"]
    if needed:
        refused = browser.post(f"/r/{name}/new", {"account": str(world.cast.account.pk)})
        assert refused.status_code == 422
        page = refused.content.decode()
        assert "form-errors" in page
        assert all(f'id="new-{spec.name}-error"' in page for spec in needed)
    sent = world.posted(name)
    before = set(registry.get(name).model.objects.alive().values_list("pk", flat=True))
    response = browser.post(f"/r/{name}/new", sent)
    assert response.status_code in (200, 204), response.content.decode()[-2000:]
    made = set(registry.get(name).model.objects.alive().values_list("pk", flat=True)) - before
    assert len(made) == 1
    told = json.loads(response.headers["HX-Trigger"])
    assert told["toast"]["text"].startswith(f"{registry.get(name).label} added")
    undone = browser.post(told["toast"]["undo"])
    assert undone.status_code == 204, undone.content
    assert set(registry.get(name).model.objects.alive().values_list("pk", flat=True)) == before


def deletes(world: World, browser: Browser, name: str) -> None:
    """A deleted record can be found and brought back."""
    record = world.make(name) if name in ("user", "account") else world.get(name)
    response = browser.post(f"/r/{name}/{record.pk}/delete")
    if response.status_code == 200:
        assert response.headers["HX-Retarget"] == "#dialog"
        response = browser.post(f"/r/{name}/{record.pk}/delete", {"sure": "1"})
    assert response.status_code == 204, response.content
    record.refresh_from_db()
    assert record.deleted_at is not None
    assert browser.part(f"/panel/{name}/{record.pk}").status_code == 200
    if name not in OWN_PAGES:
        assert browser.page(f"/r/{name}/{record.pk}").status_code == 404
    listed = browser.page("/deleted").content.decode()
    assert f"/r/{name}/{record.pk}/restore" in listed
    undo = json.loads(response.headers["HX-Trigger"])["toast"]["undo"]
    assert browser.post(undo).status_code == 204
    record.refresh_from_db()
    assert record.deleted_at is None


def edits(world: World, browser: Browser, name: str) -> None:
    """Every field has an editor in its box."""
    record, rtype = world.get(name), registry.get(name)
    for field, spec in rtype.specs.items():
        url = f"/r/{name}/{record.pk}/cell/{field}?at=panel"
        editor = browser.part(url, "x")
        if spec.read_only or field in rtype.fixed or spec.kind == "object":
            assert editor.status_code == 403, field
            continue
        page = editor.content.decode()
        assert editor.status_code == 200, field
        assert f'name="{field}"' in page, field
        assert f'data-cell="{escape(url)}"' in page, field
        assert "cell-value" in browser.part(f"{url}&show=1", "x").content.decode(), field


def renames(world: World, browser: Browser, name: str) -> None:
    """The name is edited in place, told, logged and escaped."""
    rtype = registry.get(name)
    if rtype.specs[rtype.title].kind != "text" or rtype.specs[rtype.title].read_only:
        return
    record = world.get(name)
    url = f"/r/{name}/{record.pk}/cell/{rtype.title}"
    response = browser.post(url, {rtype.title: "Zażółć <b>gęślą</b>", "version": str(record.version)})
    assert response.status_code == 200, response.content
    page = response.content.decode()
    assert page.startswith("<td")
    assert "<b>g" not in page
    told = json.loads(response.headers["HX-Trigger"])
    assert "Zażółć" in told["toast"]["text"]
    assert told["tl:touched"]["id"] == str(record.pk)
    change = Change.objects.filter(record_type=name, record_id=record.pk).latest("pk")
    assert told["toast"]["undo"] == f"/undo/{change.pk}"
    history = browser.part(f"/r/{name}/{record.pk}/history", "x").content.decode()
    assert escape("Zażółć <b>gęślą</b>") in history
