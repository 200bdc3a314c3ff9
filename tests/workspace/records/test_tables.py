"""Tables of records: columns, order, pages, counts, what is offered when nothing is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import mark_safe

from tests.factories import as_user, make
from tests.workspace.records.conftest import Browser
from tests.workspace.records.world import NAMES, World
from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import registry
from trackline.workspace.records import panel, tables


@pytest.fixture
def ctx(world: World) -> Context:
    """The owner's context."""
    return as_user(world.cast.owner)


def queries(call: Callable[[], Any]) -> int:
    """How many queries a call makes."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        call()
    return len(caught)


@pytest.mark.parametrize("name", ["goal", "contact", "route", "interaction", "meeting", "step", "contract_item", "kpi"])
def test_queries_do_not_grow_with_rows(world: World, ctx: Context, name: str) -> None:
    rtype = registry.get(name)
    filled(world, name)
    few = queries(lambda: tables.build(ctx, rtype))
    for _ in range(4):
        filled(world, name)
    assert queries(lambda: tables.build(ctx, rtype)) == few
    assert few <= 16


def filled(world: World, name: str) -> Any:
    """A record whose references and links all point somewhere of their own."""
    rtype = registry.get(name)
    more: dict[str, Any] = {}
    for spec in rtype.specs.values():
        if spec.target in ("", "account") or spec.name in (
            rtype.parent,
            "parent",
            "reports_to",
            "same_as",
            "metric",
            "pipeline",
        ):
            continue
        if spec.target == "user":
            target: Any = world.cast.teammate
        elif spec.target in ("contact", "product", "business_unit", "kpi", "objective"):
            target = world.make(spec.target, **{registry.get(spec.target).title: f"{spec.target} {_next()}"})
        else:
            continue
        more[spec.name] = [target.pk] if spec.many else target
    if name == "goal":
        world.made.pop("goal", None)
        type(world.get("goal")).objects.update(status="achieved", status_mode="manual")
    if name == "kpi":
        more["name"] = f"KPI {_next()}"
    return world.make(name, **more)


_COUNT = iter(range(10_000))


def _next() -> int:
    return next(_COUNT)


def test_queries_of_a_panel_do_not_grow_with_what_points_to_it(world: World, ctx: Context) -> None:
    contact = world.get("contact")
    world.make("interaction", contacts=[contact.pk])
    few = queries(lambda: panel.build(ctx, registry.get("contact"), contact.pk))
    for _ in range(5):
        world.make("interaction", contacts=[contact.pk])
    assert queries(lambda: panel.build(ctx, registry.get("contact"), contact.pk)) == few


def test_a_table_of_an_account_leaves_the_account_out(world: World, ctx: Context) -> None:
    goal = world.get("goal")
    other = make("account", name="Other", owner=world.cast.owner)
    make("goal", account=other, title="Elsewhere", baseline=1, target=2)
    table = tables.build(ctx, registry.get("goal"), account=world.cast.account.pk)
    assert [row.pk for row in table.rows] == [goal.pk]
    assert "account" not in [header.name for header in table.headers]
    assert table.add is not None
    assert table.add.panel == f"goal/new?account={world.cast.account.pk}"


def test_order_and_pages_go_by_address(world: World, browser: Browser) -> None:
    for number in range(7):
        make("note", account=world.cast.account, title=f"Note {number}")
    page = browser.page("/r/note?limit=3&order=title").content.decode()
    assert "Note 2" in page
    assert "Note 3" not in page
    assert "3 of 7 shown" in page
    assert 'aria-sort="ascending"' in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = browser.page(following).content.decode()
    assert "Note 3" in second
    assert 'rel="first"' in second
    assert browser.page("/r/note?order=nothing").status_code == 400
    assert browser.page("/r/note?nothing=1").status_code == 400


def test_a_table_sorts_in_place(world: World, ctx: Context, browser: Browser) -> None:
    world.get("note")
    table = tables.build(
        ctx, registry.get("note"), account=world.cast.account.pk, name="notes-here", columns=("title",)
    )
    (header,) = table.headers
    answer = browser.part(header.url, "notes-here").content.decode()
    assert answer.lstrip().startswith('<div class="record-table" id="notes-here"')
    assert answer.count("<th ") == 2


def test_an_empty_table_says_what_it_is_for(world: World, browser: Browser) -> None:
    page = browser.page("/r/alert").content.decode()
    assert "No alerts yet" in page
    assert "What needs attention" in page
    assert browser.page("/r/alert?q=nothing").content.decode().count("No alerts match") == 1


def test_computed_columns_rows_and_second_lines(world: World, ctx: Context) -> None:
    goal = world.get("goal")
    shout = tables.Computed("loud", "Loud", lambda item, facts: f"<{item['title'].upper()}>", css="right")
    table = tables.build(
        ctx,
        registry.get("goal"),
        columns=("title", shout),
        row_css=lambda item: "selected",
        title_css=lambda item: "tree-1",
        title_second=lambda item, facts: "second & line",
        actions=lambda item: mark_safe("<button>Own</button>"),
    )
    html = render_to_string("workspace/records/table.html", {"t": table})
    assert "&lt;SCRAP RATE, PAINT SHOP&gt;" in html
    assert '<tr data-row class="selected"' in html
    assert 'class="tree-1"' in html
    assert "second &amp; line" in html
    assert "<button>Own</button>" in html
    assert table.items[0]["id"] == str(goal.pk)


def test_default_columns_are_drawn(world: World, ctx: Context) -> None:
    for name in NAMES:
        world.get(name)
        table = tables.build(ctx, registry.get(name), params=ListParams(limit=5), selectable=True)
        assert len(table.headers) == len(registry.get(name).columns), name
        assert table.rows[0].html.count("<td") == table.width, name
