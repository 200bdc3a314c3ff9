"""`trackline plan`, and the export of a version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery.cli.conftest import Shell
from tests.factories import make, make_account
from trackline.documents.models import AccountPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> AccountPlan:
    account = make_account("Nordwall", key="nordwall", tier=3)
    make("plan_section", account=account, section="goal_map", text="Less scrap.")
    found: AccountPlan = make("account_plan", account=account, title="Plan 2027")
    return found


def test_a_plan_is_kept_compared_and_moved(shell: Shell, plan: AccountPlan, tmp_path: Path) -> None:
    refused = shell("plan", "move", "nordwall", "customer_review", "--note", "Too early for that")
    assert (refused.code, "cannot go from Draft" in refused.err) == (1, True)
    assert shell("plan", "keep", "nordwall", "--note", "short").code == 2
    assert "Version 1" in shell("plan", "keep", "nordwall", "--note", "Before the workshop").out
    make("risk", account=plan.account, title="Price war")
    assert "Risks and mitigations\n  + Price war" in shell("plan", "difference", "nordwall").out
    found = shell("plan", "difference", "nordwall", "--json").json["sections"]
    assert [(one["key"], one["added"]) for one in found] == [("risks", ["Price war"])]
    assert "Nothing" in shell("plan", "difference", "nordwall", "--from", "1", "--to", "1").out
    assert shell("plan", "difference", "nordwall", "--from", "7").code == 1
    status = shell("plan", "status", "nordwall").out
    assert "Plan 2027: draft" in status
    assert "Overview: Not set: Industry" in status
    assert shell("plan", "status", "nordwall", "--json").json["state"] == "draft"
    assert shell("plan", "versions", "nordwall", "--json").json["items"][0]["note"] == "Before the workshop"
    target = tmp_path / "plan.md"
    assert shell("export", "plan", "nordwall", "--to", str(target), "--version", "1").code == 0
    assert "Version 1" in target.read_text()
    assert "Price war" not in target.read_text()
    assert "archived" in shell("plan", "move", "nordwall", "archived", "--note", "Part of the group plan").out
    assert shell("plan", "keep", "nordwall", "--note", "Nothing to keep").code == 1
