"""Who may do what to a record in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.workspace.records.conftest import Browser
from tests.workspace.records.world import SECTIONS, World
from trackline.kit.records.types import registry

As = Callable[[str], Browser]
SHARED = ("account", "metric", "project")
every_section = pytest.mark.parametrize("names", SECTIONS.values(), ids=SECTIONS)


def reads(name: str, pk: Any) -> list[str]:
    """The addresses that show a record."""
    return [f"/r/{name}/{pk}", f"/panel/{name}/{pk}", f"/r/{name}/{pk}/history"]


def writes(name: str, pk: Any) -> list[str]:
    """The addresses that change a record."""
    return [f"/r/{name}/{pk}/{verb}" for verb in ("delete", "restore", "set", f"cell/{_field(name)}")]


def _field(name: str) -> str:
    rtype = registry.get(name)
    return next(
        spec.name
        for spec in rtype.specs.values()
        if not spec.read_only and spec.name not in rtype.fixed and spec.kind != "object"
    )


@every_section
def test_outside_the_scope_a_record_does_not_exist(world: World, as_: As, names: list[str]) -> None:
    outsider = as_("outsider")
    for name in names:
        if registry.get(name).account and name not in SHARED:
            unseen(world, outsider, name)


def unseen(world: World, outsider: Browser, name: str) -> None:
    """A record of another team's account is nowhere."""
    record = world.get(name)
    for url in reads(name, record.pk):
        assert outsider.part(url).status_code == 404, url
    for url in writes(name, record.pk):
        assert outsider.post(url).status_code == 404, url
    assert f"/r/{name}/{record.pk}" not in outsider.page(f"/r/{name}").content.decode()
    assert f'data-value="{record.pk}"' not in outsider.part(f"/r/{name}/options").content.decode()
    made = outsider.post(f"/r/{name}/new", world.posted(name))
    assert made.status_code in (404, 422)


@every_section
def test_facilitators_see_everything_and_change_nothing(world: World, as_: As, names: list[str]) -> None:
    reader = as_("facilitator")
    for name in names:
        read_only(world, reader, name)


def read_only(world: World, reader: Browser, name: str) -> None:
    """A record is shown without any way to change it, and no address does."""
    record = world.get(name)
    panel = reader.part(f"/panel/{name}/{record.pk}")
    assert panel.status_code == 200
    page = panel.content.decode() + reader.part(f"/r/{name}/table", "x").content.decode()
    for affordance in ("data-cell", "hx-post", "/new", "data-line"):
        assert affordance not in page, affordance
    for url in writes(name, record.pk):
        assert reader.post(url).status_code == 403, url
    assert reader.part(f"/panel/{name}/new").status_code == 403
    assert reader.post(f"/r/{name}/new", world.posted(name)).status_code == 403
    assert reader.part(f"/r/{name}/{record.pk}/cell/{_field(name)}", "x").status_code == 403
    assert "Needed" not in reader.post(f"/r/{name}/new").content.decode()


def test_teammates_write_what_their_role_writes(world: World, as_: As) -> None:
    goal, pipeline = world.get("goal"), world.get("pipeline")
    teammate = as_("teammate")
    assert teammate.post(f"/r/goal/{goal.pk}/cell/title", {"title": "Scrap"}).status_code == 200
    assert teammate.post(f"/r/pipeline/{pipeline.pk}/cell/name", {"name": "Mine"}).status_code == 403
    assert "data-cell" not in teammate.part(f"/panel/pipeline/{pipeline.pk}").content.decode()


def test_strangers_sign_in_first(world: World) -> None:
    client = Client()
    goal = world.get("goal")
    for url in [*reads("goal", goal.pk), "/deleted", "/r/goal", "/r/goal/new", "/r/goal/options", "/r/goal/table"]:
        assert client.get(url).status_code == 302, url
    for url in [*writes("goal", goal.pk), "/undo/1", "/r/route/1/advance"]:
        assert client.post(url).status_code == 302, url


def test_moves_and_undo_are_writes(world: World, as_: As) -> None:
    route, cadence = world.get("route"), world.get("cadence")
    reader, outsider = as_("facilitator"), as_("outsider")
    change = route.last_change.pk
    for who, status in ((reader, 403), (outsider, 404)):
        assert who.part(f"/r/route/{route.pk}/gate?to=qualifying", "dialog").status_code == status
        assert who.post(f"/r/route/{route.pk}/advance", {"to": "qualifying"}).status_code == status
        assert who.post(f"/r/cadence/{cadence.pk}/schedule").status_code == status
        assert who.post(f"/undo/{change}").status_code == status


def test_what_was_deleted_stays_within_the_scope(world: World, as_: As) -> None:
    note = world.get("note")
    assert as_("owner").post(f"/r/note/{note.pk}/delete").status_code == 204
    assert note.title in as_("owner").page("/deleted").content.decode()
    assert note.title not in as_("outsider").page("/deleted").content.decode()
    assert "/restore" not in as_("facilitator").page("/deleted").content.decode()
    assert as_("outsider").part(f"/panel/note/{note.pk}").status_code == 404
