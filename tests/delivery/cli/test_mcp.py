"""`trackline mcp`: a client of the protocol starts it and talks to it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.delivery.cli.conftest import CHECKOUT, Shell
from tests.delivery.conftest import own_url, upgraded
from tests.factories import make_account, make_user


@pytest.mark.usefixtures("unblocked")
def test_a_client_lists_and_calls_tools(tmp_path: Path) -> None:
    url = own_url(tmp_path, "agents")
    with upgraded(url):
        make_user("ada", "admin")
        account = make_account(owner=None)
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "trackline", "mcp", "--as", "ada", "--write"],
            env={**os.environ, **CHECKOUT, "TRACKLINE_DATABASE_URL": url, "TRACKLINE_HOME": str(tmp_path)},
        )
        found = asyncio.run(_talk(server, account.key))
    assert found["made"]["title"] == "Halve the outages"
    assert found["goals"] == ["Halve the outages"]
    assert "There are: user, account" in found["refused"]


async def _talk(server: StdioServerParameters, key: str) -> dict[str, Any]:
    async with Client(stdio_client(server)) as client:
        assert {"today", "create"} <= {tool.name for tool in (await client.list_tools()).tools}
        fields = {"account": key, "title": "Halve the outages", "baseline": 6, "target": 3}
        made = await client.call_tool("create", {"record_type": "goal", "fields": fields})
        goals = await client.call_tool("records", {"record_type": "goal"})
        refused = await client.call_tool("records", {"record_type": "deal"})
        assert (made.is_error, refused.is_error) == (False, True)
        return {
            "made": made.structured_content,
            "goals": [item["title"] for item in (goals.structured_content or {})["items"]],
            "refused": refused.content[0].text,  # type: ignore[union-attr]
        }


@pytest.mark.django_db
def test_whom_it_acts_for_must_be_there_and_may_read(shell: Shell) -> None:
    assert "Missing option '--as'" in shell("mcp").err
    make_user("frieda", "facilitator")
    assert "Did you mean frieda?" in shell("mcp", "--as", "freida").err
    done = shell("mcp", "--as", "frieda", "--write")
    assert (done.code, done.out) == (1, "")
    assert "track:write" in done.err
