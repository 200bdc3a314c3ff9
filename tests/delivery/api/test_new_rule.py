"""A new rule is one function, one data file and its cases: the blocks of the guide, put where it says, are a rule."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.core.playbook import cases, test_thresholds
from tests.core.playbook.test_cases import test_case as run_case
from tests.delivery.api.client import Api
from tests.factories import Cast
from trackline.core.playbook import rulebook
from trackline.delivery.cli.root import root
from trackline.track import rules as room

GUIDE = Path(__file__).parents[3] / "docs" / "rules-howto.md"
NAME = "training"
RULE = "track.training.reach"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the three blocks of the guide beside the rules of a room and the cases of the tests, in folders that go away."""
    text = GUIDE.read_text()
    (module,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    data, worked = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    beside, tests = tmp_path / "rules", tmp_path / "tests" / "track" / "rules"
    for folder in (beside, tests):
        folder.mkdir(parents=True)
    (beside / f"{NAME}.py").write_text(module)
    (beside / f"{NAME}.yaml").write_text(data)
    (tests / f"{NAME}.yaml").write_text(worked)
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(beside)])
    monkeypatch.setattr(cases, "TESTS", tmp_path / "tests")
    rulebook.cache_clear()
    yield tmp_path
    rulebook.cache_clear()
    sys.modules.pop(f"{room.__name__}.{NAME}", None)


def test_its_cases_hold(written: Path) -> None:
    found = list(cases.all_cases())
    assert len(found) == 8
    for case in found:
        run_case(case)


def test_its_figures_are_held_by_its_cases(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_thresholds.CASES, RULE, list(cases.all_cases()))
    test_thresholds.test_every_figure_is_held_by_a_case(rulebook().get(RULE))


def test_it_is_listed_described_and_run_everywhere(written: Path, admin: Api, cast: Cast) -> None:
    body = {"inputs": {"trained": 41, "users": 50, "preset": "strict"}, "as_of": "2026-06-30"}
    answer = admin.post(f"/rules/{RULE}/run", body).json()
    assert (answer["value"], answer["band"]) == (82, "amber")
    assert RULE in [item["id"] for item in admin.get("/rules?room=track").json()["items"]]
    assert admin.get(f"/rules/{RULE}").json()["parameters"]["properties"]["bands"]["origin"] == "stated"
    told = CliRunner().invoke(root, ["rules", "run", RULE, "--input", "-"], input=json.dumps(body))
    assert json.loads(told.output) == answer
    page = Client()
    page.force_login(cast.admin)
    assert "Say in plain words what the rule does" in page.get(f"/rulebook/{RULE}").content.decode()
