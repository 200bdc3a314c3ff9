"""Adjusting the rulebook over the API: administrators only, refused with the path, previewed, kept as versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.accounts.rulebook.test_refresh import WORKED
from tests.delivery.api.client import Api, problem
from tests.factories import Cast, make, system
from trackline.accounts.models import RuleOverride, ScoreChange
from trackline.accounts.services.observations import record_observations

OVERRIDES = "/rules/track.health.usage/overrides"
PREVIEW = "/rules/track.health.usage/preview"
CHANGES = {"bands": {"green": 70}}
SAVE = {"changes": CHANGES, "reason": "A trial for two quarters"}


@pytest.fixture
def fed(cast: Cast) -> None:
    """Readings of the account, from yesterday."""
    on = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [{"account": str(cast.account.pk), "metric": key, "on": on, "value": value} for key, value in WORKED.items()]
    record_observations(system(), rows)


def test_everybody_reads_and_administrators_write(cast: Cast) -> None:
    for path in (OVERRIDES, PREVIEW):
        problem(Api().post(path, SAVE), 401)
        for person in (cast.owner, cast.facilitator, cast.outsider):
            assert problem(Api(person).post(path, SAVE), 403)["permission"] == "track:admin"
        assert problem(Api(cast.admin, "track:write").post(path, SAVE), 403)["permission"] == "track:admin"
    problem(Api().get(OVERRIDES), 401)
    assert Api(cast.facilitator).get(OVERRIDES).json() == {"items": [], "next": None}
    for path in ("/rules/track.health.luck/overrides", "/rules/track.health.luck/preview"):
        problem(Api(cast.admin).post(path, SAVE), 404)


def test_preview_save_and_read(cast: Cast, fed: None) -> None:
    admin = Api(cast.admin)
    told = admin.post(PREVIEW, {"changes": CHANGES}).json()
    assert (told["changed"], told["bands"]) == (1, [{"from": "amber", "to": "green", "count": 1}])
    assert told["effects"][0]["before"] == {"value": 75, "band": "amber"}
    assert told["moves"] == [{"path": "bands.green", "before": "> 75", "after": "> 70"}]
    assert not RuleOverride.objects.exists()
    saved = admin.post(OVERRIDES, SAVE)
    assert saved.status_code == 201
    assert (saved.json()["number"], saved.json()["state"], saved.json()["moves"]) == (1, "in_force", told["moves"])
    assert ScoreChange.objects.filter(cause__kind="parameters").count() == 1
    about = Api(cast.facilitator).get("/rules/track.health.usage").json()
    assert about["overrides"] == [saved.json()]
    assert about["in_force"]["bands"] == {"green": 70, "amber": 50}
    assert about["parameters"]["properties"]["bands"]["default"] == {"green": 75, "amber": 50}
    run = Api(cast.facilitator).post("/rules/track.health.usage/run", {"inputs": {}}).json()
    assert (run["parameters"], run["version"]) == (about["in_force"], about["version"])
    back = admin.post(OVERRIDES, {"changes": {}, "reason": "Over"}).json()
    assert [item["state"] for item in admin.get(OVERRIDES).json()["items"]] == ["taken_back", "replaced"]
    assert back["number"] == 2


def test_a_run_lays_its_own_figures_on_top(cast: Cast) -> None:
    Api(cast.admin).made(OVERRIDES, SAVE)
    body = {"inputs": {}, "parameters": {"bands": {"amber": 40}}}
    run = Api(cast.facilitator).post("/rules/track.health.usage/run", body).json()
    assert run["parameters"]["bands"] == {"green": 70, "amber": 40}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"changes": {"weights": {"product_usage": 31}}, "reason": "x"}, ["changes", "weights"]),
        ({"changes": {"bands": {"green": 49}}, "reason": "x"}, ["changes", "bands"]),
        ({"changes": {"bands": {"green": None}}, "reason": "x"}, ["changes", "bands", "green"]),
        ({"changes": {"bands": {"green": 1e300}}, "reason": "x"}, ["changes", "bands", "green"]),
        ({"changes": {"points": {"green": "80"}}, "reason": "x"}, ["changes", "points", "green"]),
        ({"changes": {"points": {"green": True}}, "reason": "x"}, ["changes", "points", "green"]),
        ({"changes": {"points": 7}, "reason": "x"}, ["changes", "points"]),
        ({"changes": [1], "reason": "x"}, ["changes"]),
        ({"changes": CHANGES}, ["reason"]),
        ({"changes": CHANGES, "reason": "\x00 \x00"}, ["reason"]),
        ({"reason": "x"}, ["changes"]),
        ({"changes": CHANGES, "reason": 7}, ["reason"]),
        ({"changes": CHANGES, "reason": "x", "scope": "tier"}, ["tier"]),
        ({"changes": CHANGES, "reason": "x", "scope": "tier", "tier": True}, ["tier"]),
        ({"changes": CHANGES, "reason": "x", "scope": "account", "account": "nobody"}, ["account"]),
        ({"changes": CHANGES, "reason": "x", "from_on": "2020-01-01"}, ["from_on"]),
        ({"changes": CHANGES, "reason": "x", "from_on": "soon"}, ["from_on"]),
        ({"changes": CHANGES, "reason": "x", "colour": "red"}, ["colour"]),
        ({"changes": CHANGES, "reason": "x", "preset": "strict"}, ["preset"]),
    ],
)
def test_bad_requests_name_the_field_and_change_nothing(cast: Cast, body: Any, loc: list[str]) -> None:
    errors = problem(Api(cast.admin).post(OVERRIDES, body), 422)["errors"]
    assert [error["loc"] for error in errors] == [loc]
    assert not RuleOverride.objects.exists()


def test_a_newer_version_and_a_repeated_request(cast: Cast) -> None:
    admin = Api(cast.admin)
    first = admin.post(OVERRIDES, SAVE, Idempotency_Key="one")
    again = admin.post(OVERRIDES, SAVE, Idempotency_Key="one")
    assert (first.content, RuleOverride.objects.count()) == (again.content, 1)
    problem(admin.post(OVERRIDES, {"changes": {}, "reason": "Back", "after": 0}), 412)


def test_versions_for_a_hidden_account_do_not_exist(cast: Cast) -> None:
    Api(cast.admin).made(OVERRIDES, SAVE | {"scope": "account", "account": cast.account.key})
    assert len(Api(cast.owner).get(OVERRIDES).json()["items"]) == 1
    assert Api(cast.outsider).get(OVERRIDES).json()["items"] == []
    assert Api(cast.outsider).get("/rules/track.health.usage").json()["overrides"] == []


def test_a_signal_is_looked_back_at(cast: Cast) -> None:
    for days, value in ((60, 50), (20, 38)):
        make(
            "observation",
            account=cast.account,
            metric="nps",
            on=timezone.localdate() - timedelta(days=days),
            value=value,
        )
    path, api = "/rules/watch.signal.nps_drop/past", Api(cast.admin)
    problem(Api(cast.owner).post(path, {}), 403)
    told = api.post(path, {}).json()
    assert (told["now"], told["then"], told["accounts"]) == (1, 1, 1)
    assert told["firings"][0]["says"] == "NPS 50 → 38"
    other = api.post(path, {"months": 3, "changes": {"drop_from": 13}}).json()
    assert (other["now"], other["then"], other["firings"][0]["then"]) == (1, 0, None)
    problem(api.post("/rules/track.health.usage/past", {}), 404)
    for wrong in (
        {"months": 0},
        {"months": 25},
        {"months": True},
        {"months": "6"},
        {"from_on": "2026-01-01"},
        {"luck": 1},
    ):
        problem(api.post(path, wrong), 422)
    assert problem(api.post(path, {"changes": {"drop_from": "much"}}), 422)["errors"][0]["loc"][0] == "changes"
