"""The stream of an account: one order over all sources, paging without loss, changes in words."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import Cast, as_user, make, make_account
from tests.workspace.account.world import days, fill, now_context
from trackline.accounts.models import Account
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace.queries import timeline
from trackline.workspace.queries.changes import history_page
from trackline.workspace.queries.timeline import Entry, stream


def everything(
    ctx: Context, account: Account, wanted: timeline.Filter = timeline.EVERYTHING, size: int = 200
) -> list[Entry]:
    """Walk through all pages of a stream."""
    found: list[Entry] = []
    cursor = ""
    while True:
        page = stream(ctx, account, wanted, cursor=cursor, limit=size)
        found += page.entries
        if not page.next:
            return found
        cursor = page.next


def told(entries: list[Entry]) -> list[tuple[str, str]]:
    """What stands in the lines: noun and fact."""
    return [(entry.noun, entry.fact) for entry in entries]


def update(ctx: Context, record_type: str, record: object, **data: object) -> None:
    """Change a record."""
    services.update(ctx, registry.get(record_type), record.pk, data)  # type: ignore[attr-defined]


def test_small_pages_tell_the_same_story_as_a_large_one(cast: Cast) -> None:
    fill(cast, 4)
    ctx = as_user(cast.owner, now_context().now)
    whole = everything(ctx, cast.account)
    assert [entry.key for entry in whole] == sorted((entry.key for entry in whole), reverse=True)
    assert len(whole) == timeline.entry_count(ctx, cast.account.pk)
    for size in (2, 7):
        assert told(everything(ctx, cast.account, size=size)) == told(whole), size


def test_each_filter_shows_its_kinds(cast: Cast) -> None:
    fill(cast)
    ctx = now_context()
    nouns = {one.key: {entry.noun for entry in everything(ctx, cast.account, one)} for one in timeline.FILTERS}
    assert {"Note", "Call", "Contact created"} <= nouns["people"]
    assert {"Check-in", "Issue", "Health view", "Goal created", "Action created"} <= nouns["plan"]
    assert {"Route created", "Contract created", "Value outcome created"} <= nouns["money"]
    assert "Note" not in nouns["changes"]
    assert nouns["people"] | nouns["plan"] | nouns["money"] <= nouns[""]
    assert timeline.filter_of("nonsense") is timeline.EVERYTHING


def test_what_stands_in_the_stream_itself_is_not_told_twice(cast: Cast) -> None:
    ctx = now_context()
    make("note", ctx=ctx, account=cast.account, title="Line 4")
    goal = make("goal", ctx=ctx, account=cast.account, title="Scrap", baseline=5, target=2, start_on=days(-9))
    make("check_in", ctx=ctx, goal=goal, on=days(-1), value=4)
    lines = told(everything(ctx, cast.account))
    assert lines.count(("Note", "Line 4")) == 1
    assert ("Note created", "Line 4") not in lines
    assert ("Check-in", "Scrap") in lines


def test_a_status_reads_as_what_happened(cast: Cast) -> None:
    ctx = now_context()
    action = make("action", ctx=ctx, account=cast.account, title="Send the summary")
    update(ctx, "action", action, status="done")
    route = make("route", ctx=ctx, account=cast.account, title="Trace", type="upsell", value=1, owner=cast.owner)
    update(ctx, "route", route, state="qualifying")
    update(ctx, "account", cast.account, arr=3_000_000)
    lines = told(everything(ctx, cast.account, timeline.CHANGES))
    assert ("Action done", "Send the summary") in lines
    assert ("Trace moved to Qualifying", "") in lines
    assert ("ARR", "€2,840,000 → €3,000,000") in lines


def test_bad_news_has_a_red_ring(cast: Cast) -> None:
    ctx = now_context()
    make("issue", ctx=ctx, account=cast.account, title="Outage", severity="critical", assignee=cast.owner)
    contact = make("contact", ctx=ctx, account=cast.account, name="Stefan Lorenz")
    update(ctx, "contact", contact, status="departed")
    tones = {entry.noun: entry.tone for entry in everything(ctx, cast.account)}
    assert tones["Issue"] == "red"
    assert tones["Contact departed"] == "red"


def test_a_run_of_an_import_is_one_entry(cast: Cast) -> None:
    ctx = replace(now_context(), via="import", batch=uuid.uuid4())
    account = make_account("Imported", ctx=ctx)
    for n in range(12):
        make("contact", ctx=ctx, account=account, name=f"Contact {n}")
    lines = told(everything(now_context(), account))
    assert ("Import", "12 contacts created") in lines
    assert not [line for line in lines if line[0] == "Contact created"]
    assert told(everything(now_context(), account, size=1)) == lines


def test_meetings_to_come_do_not_stand_in_the_past(cast: Cast) -> None:
    ctx = now_context()
    make("meeting", ctx=ctx, account=cast.account, title="Tomorrow", at=ctx.now + timedelta(days=1))
    make("meeting", ctx=ctx, account=cast.account, title="Yesterday", at=ctx.now - timedelta(days=1))
    lines = told(everything(ctx, cast.account))
    assert ("Meeting", "Yesterday") in lines
    assert ("Meeting", "Tomorrow") not in lines


def test_a_cursor_of_another_list_is_refused(cast: Cast) -> None:
    with pytest.raises(BadRequest):
        stream(now_context(), cast.account, cursor="bm90IGE")


def test_history_offers_the_way_back_while_there_is_one(cast: Cast) -> None:
    ctx = as_user(cast.owner, now_context().now)
    goal = make("goal", ctx=ctx, account=cast.account, title="Scrap", baseline=5, target=2)
    update(ctx, "goal", goal, target=1)
    update(ctx, "goal", goal, title="Scrap rate")
    update(ctx, "goal", goal, target="1.5")
    undoable = {
        (entry.noun, tuple(change.label for change in entry.changes)): bool(entry.undo_url)
        for entry in history_page(ctx, cast.account.pk).entries
        if entry.rtype.name == "goal"
    }
    assert undoable[("Created", ())] is False
    assert undoable[("Changed", ("Title",))] is True
    targets = [e for e in history_page(ctx, cast.account.pk).entries if any(c.label == "Target" for c in e.changes)]
    assert [bool(entry.undo_url) for entry in targets] == [True, False]
    reader = as_user(cast.facilitator, now_context().now)
    assert not any(entry.undo_url for entry in history_page(reader, cast.account.pk).entries)


def test_history_pages_without_loss_and_leaves_readings_out(cast: Cast) -> None:
    fill(cast)
    ctx = now_context()
    ids: list[int] = []
    before = ""
    while True:
        page = history_page(ctx, cast.account.pk, before=before, limit=5)
        ids += [entry.change.pk for entry in page.entries]
        if not page.older:
            break
        before = page.older
    whole = history_page(ctx, cast.account.pk, limit=500).entries
    assert ids == [entry.change.pk for entry in whole]
    assert "observation" not in {entry.rtype.name for entry in whole}
    asked = history_page(ctx, cast.account.pk, limit=500, readings=True).entries
    assert "observation" in {entry.rtype.name for entry in asked}
