"""What agents read and write: as one person, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import Tool

from tests.factories import Cast, make, make_cast
from trackline.accounts.models import Account
from trackline.delivery.agents import accounts, book, records, rules
from trackline.delivery.agents.server import READS, WRITES, server_for
from trackline.delivery.agents.session import Session
from trackline.kit.history.models import Change

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """Everybody, each sees the accounts of their team only."""
    return make_cast()


def tools(session: Session) -> Mapping[str, Tool]:
    return {tool.name: tool for tool in asyncio.run(server_for(session).list_tools())}


def test_tools_that_write_are_offered_where_the_session_may_write(cast: Cast) -> None:
    reading, writing = tools(Session(cast.owner)), tools(Session(cast.owner, write=True))
    assert set(reading) == {work.__name__ for work in READS}
    assert set(writing) - set(reading) == {work.__name__ for work in WRITES}
    for name, tool in writing.items():
        assert tool.description
        assert tool.annotations
        assert tool.annotations.read_only_hint is (name in reading)
        assert "ctx" not in tool.input_schema["properties"]


def test_a_tool_says_what_it_takes(cast: Cast) -> None:
    schema = tools(Session(cast.owner))["records"].input_schema
    assert schema["required"] == ["record_type"]
    assert schema["properties"]["limit"] == {
        "default": 50,
        "maximum": 200,
        "minimum": 1,
        "title": "Limit",
        "type": "integer",
    }


def test_every_reading_tool_answers_for_who_may_read(cast: Cast) -> None:
    goal = make("goal", account=cast.account, title="Cut scrap to 2 %", owner=cast.owner, baseline=4, target=2)
    given: Mapping[Any, dict[str, Any]] = {
        accounts.find: {"words": "scrap"},
        accounts.account: {"account": cast.account.key},
        accounts.next_best_actions: {"account": cast.account.key},
        accounts.explain: {"account": cast.account.key},
        accounts.plan: {"account": cast.account.key},
        book.pipeline: {"by": "owner"},
        records.records: {"record_type": "goal"},
        records.record: {"record_type": "goal", "id": str(goal.pk)},
        records.history: {"record_type": "goal", "id": str(goal.pk)},
        rules.rule: {"id": "track.survey.nps"},
        rules.run_rule: {"id": "track.survey.nps", "inputs": {"ratings": [9, 10, 3]}},
    }
    session = Session(cast.teammate)
    found = {work.__name__: session.answer(work, given.get(work, {})) for work in READS}
    assert [item["id"] for item in found["records"]["items"]] == [str(goal.pk)]
    assert found["find"]["items"][0]["name"] == "Cut scrap to 2 %"
    assert found["account"]["goals"][0]["title"] == "Cut scrap to 2 %"
    assert "stakeholders" in found["account"]["other_parts"]
    assert found["next_best_actions"]["first"]["title"]
    assert "Cut scrap" in found["plan"]["markdown"]
    assert found["history"]["items"][0]["action"] == "create"
    assert round(found["run_rule"]["value"]) == 33
    assert found["today"]["for"] == "Tim"


def test_an_account_out_of_scope_does_not_exist(cast: Cast) -> None:
    session = Session(cast.outsider, write=True)
    for work in (accounts.account, accounts.next_best_actions, accounts.explain, accounts.plan):
        with pytest.raises(ToolError, match=r"no account|not found|There is no"):
            session.answer(work, {"account": cast.account.key})
    assert session.answer(records.records, {"record_type": "account"})["items"] == []
    assert session.answer(accounts.find, {"words": cast.account.name})["items"] == []
    with pytest.raises(ToolError):
        session.answer(records.create, {"record_type": "goal", "fields": {"account": cast.account.pk, "title": "X"}})
    with pytest.raises(ToolError):
        session.answer(
            records.change,
            {
                "record_type": "account",
                "id": cast.account.key,
                "fields": {"name": "Mine"},
                "version": cast.account.version,
            },
        )


def test_a_write_stands_in_the_history_as_an_agents_for_the_person(cast: Cast) -> None:
    session = Session(cast.owner, write=True)
    fields = {"account": str(cast.account.pk), "title": "Halve the outages", "baseline": 6, "target": 3}
    made = session.answer(records.create, {"record_type": "goals", "fields": fields})
    one = {"record_type": "goal", "id": made["id"]}
    changed = session.answer(
        records.change, one | {"fields": {"title": "Halve all outages"}, "version": made["version"]}
    )
    with pytest.raises(ToolError, match=f"version {changed['version']}: read it again"):
        session.answer(records.change, one | {"fields": {"title": "Late"}, "version": made["version"]})
    session.answer(records.remove, one | {"version": changed["version"]})
    with pytest.raises(ToolError):
        session.answer(records.record, one)
    assert session.answer(records.restore, one)["title"] == "Halve all outages"
    rows = Change.objects.filter(record_type="goal", record_id=made["id"])
    assert {(row.via, row.actor_id) for row in rows} == {("agent", cast.owner.pk)}


def test_who_only_reads_writes_nothing(cast: Cast) -> None:
    fields = {"account": str(cast.account.pk), "title": "X"}
    for session in (Session(cast.owner), Session(cast.facilitator, write=True)):
        with pytest.raises(ToolError, match="track:write"):
            session.answer(records.create, {"record_type": "goal", "fields": fields})


def test_who_has_left_is_answered_no_more(cast: Cast) -> None:
    session = Session(cast.owner)
    session.answer(accounts.today, {})
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(active=False)
    with pytest.raises(ToolError, match="may no longer sign in"):
        session.answer(accounts.today, {})


def test_bad_input_is_answered_by_what_is_expected(cast: Cast) -> None:
    session = Session(cast.owner, write=True)
    with pytest.raises(ToolError, match="There are: user, account"):
        session.answer(records.records, {"record_type": "deal"})
    with pytest.raises(ToolError, match="There are: account, members"):
        session.answer(accounts.account, {"account": cast.account.key, "parts": ["weather"]})
    with pytest.raises(ToolError, match="title"):
        session.answer(records.create, {"record_type": "goal", "fields": {"account": str(cast.account.pk)}})
    with pytest.raises(ToolError, match="Leave the rule out"):
        session.answer(accounts.explain, {"account": cast.account.key, "rule": "track.health.luck"})
    with pytest.raises(ToolError, match="weather"):
        session.answer(records.records, {"record_type": "goal", "filters": {"weather": "fine"}})
    assert Account.objects.count() == 1


def test_describe_lists_types_then_tells_the_fields_of_one(cast: Cast) -> None:
    session = Session(cast.owner)
    names = {item["record_type"] for item in session.answer(records.describe, {})["items"]}
    assert {"account", "goal", "pain_point"} <= names
    goal = session.answer(records.describe, {"record_type": "goal"})
    assert "title" in goal["create"]["required"]
    assert "account" not in goal["change"]["properties"]
