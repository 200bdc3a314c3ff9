"""The rulebook over the API: listed, described, run; wrong input named by its path; nothing stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.delivery.api.client import Api, problem
from tests.factories import Cast

RUN = "/rules/track.health.usage/run"
INPUTS = {"active_seat_pct": 72, "core_features_used": 4, "nps_rating": 7, "ticket_trend": "stable"}


def test_the_list_names_every_rule(admin: Api) -> None:
    body = admin.get("/rules").json()
    ids = [item["id"] for item in body["items"]]
    assert ids == sorted(ids)
    assert "track.health.usage" in ids
    assert body["next"] is None
    assert set(body["items"][0]) == {"id", "title", "room", "spec", "summary"}
    found = admin.get("/rules?q=HLT-01&room=track").json()["items"]
    assert [item["id"] for item in found] == ["track.health.usage"]
    problem(admin.get("/rules?colour=red"), 400)


def test_a_rule_described(admin: Api) -> None:
    body = admin.get("/rules/track.health.usage").json()
    assert body["inputs"]["properties"]["active_seat_pct"]["maximum"] == 100
    weights = body["parameters"]["properties"]["weights"]
    assert weights["default"]["product_usage"] == 30
    assert (weights["origin"], weights["source"]) == ("stated", "001 Build account health scoring")
    assert body["sources"]
    assert "Did you mean track.health.usage?" in problem(admin.get("/rules/track.health.usag"), 404)["detail"]
    problem(admin.get("/rules/track.health.usage?as_of=soon"), 400)


def test_a_run_has_the_shape_of_the_interface(admin: Api) -> None:
    response = admin.post(RUN, {"inputs": {**INPUTS, "targets_met_pct": 93}, "as_of": "2026-06-30"})
    assert response.status_code == 200
    body = response.json()
    assert list(body) == [
        "rule",
        "value",
        "band",
        "coverage_pct",
        "parts",
        "missing",
        "notes",
        "details",
        "parameters",
        "version",
        "sources",
        "as_of",
    ]
    assert (body["value"], body["band"], body["as_of"]) == (67.5, "amber", "2026-06-30")
    assert sum(part["contribution"] for part in body["parts"]) == 67.5


def test_parameters_override_this_run_alone(admin: Api) -> None:
    before = admin.post(RUN, {"inputs": INPUTS}).json()
    what_if = admin.post(RUN, {"inputs": INPUTS, "parameters": {"bands": {"green": 60}}}).json()
    assert (before["band"], what_if["band"]) == ("amber", "green")
    assert what_if["version"] != before["version"]
    assert admin.post(RUN, {"inputs": INPUTS}).json() == before
    echoed = admin.post(RUN, {"inputs": INPUTS, "parameters": before["parameters"]}).json()
    assert echoed == before


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ["inputs"]),
        ({"inputs": []}, ["inputs"]),
        ({"inputs": {"seats": 1}}, ["inputs", "seats"]),
        ({"inputs": {"active_seat_pct": "72"}}, ["inputs", "active_seat_pct"]),
        ({"inputs": {"active_seat_pct": 101}}, ["inputs", "active_seat_pct"]),
        ({"inputs": {"active_seat_pct": 1e300}}, ["inputs", "active_seat_pct"]),
        ({"inputs": {}, "parameters": []}, ["parameters"]),
        ({"inputs": {}, "parameters": {"bands": {"blue": 1}}}, ["parameters", "bands", "blue"]),
        ({"inputs": {}, "parameters": {"bands": {"green": None}}}, ["parameters", "bands", "green"]),
        ({"inputs": {}, "as_of": "30.6.2026"}, ["as_of"]),
        ({"inputs": {}, "when": "today"}, ["when"]),
    ],
)
def test_wrong_input_is_named_by_its_path(admin: Api, body: Any, path: list[str]) -> None:
    assert path in [error["loc"] for error in problem(admin.post(RUN, body), 422)["errors"]]


def test_broken_json_and_unknown_rules(admin: Api) -> None:
    problem(admin.post(RUN, '{"inputs": '), 400)
    problem(admin.post(RUN, '{"inputs": {"active_seat_pct": NaN}}'), 400)
    far = problem(admin.post(RUN, '{"inputs": {"active_seat_pct": 1e99999999999999999999}}'), 400)
    assert far["detail"] == "The body holds a number beyond what can be read."
    problem(admin.post("/rules/track.health.luck/run", {"inputs": {}}), 404)


def test_running_needs_to_read_and_no_more(cast: Cast) -> None:
    problem(Api().post(RUN, {"inputs": INPUTS}), 401)
    assert Api(cast.owner, "track:read").post(RUN, {"inputs": INPUTS}).status_code == 200
