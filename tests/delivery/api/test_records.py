"""The contract of every resource: made, listed, read, changed, refused when stale, deleted, restored."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.delivery.api.client import problem
from tests.delivery.api.world import NAMES, World
from trackline.delivery.api import examples
from trackline.kit.records.types import registry

every_type = pytest.mark.parametrize("name", NAMES)


@every_type
def test_life_of_a_record(world: World, name: str) -> None:
    rtype, api = registry.get(name), world.api
    made = api.post(f"/{rtype.resource}", world.body(rtype))
    assert made.status_code == 201, made.content
    record, tag = made.json(), made.headers["ETag"]
    address = made.headers["Location"].removeprefix("/api/v1")
    assert address == f"/{rtype.resource}/{record['id']}"
    assert isinstance(record["id"], str)

    read = api.get(address)
    assert (read.json(), read.headers["ETag"]) == (record, tag)
    assert api.get(address, If_None_Match=tag).status_code == 304
    listed = api.get(f"/{rtype.resource}?limit=200").json()
    assert record in listed["items"]
    assert listed["next"] is None

    change = world.body(rtype) | examples.change_of(rtype)
    change = {key: value for key, value in change.items() if key in rtype.specs and key not in rtype.fixed}
    title = rtype.title if rtype.title in change and rtype.specs[rtype.title].kind in ("text", "longtext") else None
    if title:
        change[title] += " (new)"
    changed = api.patch(address, change, If_Match=tag)
    assert changed.status_code == 200, changed.content
    if title:
        assert changed.json()[title] == change[title]
        assert changed.json()["version"] == record["version"] + 1
        stale = problem(api.patch(address, {title: "Mine"}, If_Match=tag), 412)
        assert stale["current"] == changed.json()
        assert {"loc": [title], "msg": "changed since"} in stale["errors"]
        problem(api.delete(address, If_Match=tag), 412)
    assert api.get(address).json() == changed.json()
    assert api.get(address).headers["ETag"] == changed.headers["ETag"]

    assert api.delete(address, If_Match=changed.headers["ETag"]).status_code == 204
    problem(api.get(address), 404)
    problem(api.patch(address, change), 404)
    problem(api.delete(address), 404)
    assert record["id"] not in [item["id"] for item in api.get(f"/{rtype.resource}?limit=200").json()["items"]]
    assert record["id"] in [item["id"] for item in api.get(f"/{rtype.resource}?deleted=only").json()["items"]]

    restored = api.post(f"{address}/restore")
    assert restored.status_code == 200, restored.content
    assert api.get(address).json() == restored.json()
    history = api.get(f"{address}/history").json()["items"]
    actions = [change["action"] for change in history]
    assert actions[:2] == ["restore", "delete"]
    assert actions[-1] == "create"
    assert {change["via"] for change in history} == {"api"}
    assert all(change["by"]["name"] == "Ada" for change in history)


@every_type
def test_what_must_be_given_is_enough(world: World, name: str) -> None:
    rtype = registry.get(name)
    made = world.api.post(f"/{rtype.resource}", world.body(rtype, minimal=True))
    assert made.status_code == 201, made.content


@every_type
def test_an_empty_body_names_what_is_needed(world: World, name: str) -> None:
    rtype = registry.get(name)
    found = problem(world.api.post(f"/{rtype.resource}", {}), 422)
    named = {error["loc"][0] for error in found["errors"]}
    assert {key for key, spec in rtype.specs.items() if spec.required and not spec.read_only} <= named | {"key"}


@every_type
def test_every_field_filters_and_orders(world: World, name: str) -> None:
    rtype = registry.get(name)
    record = world.make(rtype)
    for field, spec in rtype.specs.items():
        value = record[field]
        if value in (None, "", [], {}) or spec.kind == "object":
            value = "null"
        elif isinstance(value, list):
            value = value[0]
        elif isinstance(value, bool):
            value = str(value).lower()
        if spec.kind != "object":
            found = world.api.get(f"/{rtype.resource}?limit=200&{field}={quote(str(value))}")
            assert found.status_code == 200, (field, value, found.content)
            if "," not in str(value) and "%" not in str(value):
                assert record["id"] in [item["id"] for item in found.json()["items"]], (field, value)
        for suffix in ("", "__not", "__gte", "__x"):
            answered = world.api.get(f"/{rtype.resource}?{field}{suffix}=")
            assert answered.status_code == (200 if suffix in ("", "__not") else 400), (field, suffix)
        if spec.kind not in ("object", "tags", "refs"):
            for direction in ("", "-"):
                found = world.api.get(f"/{rtype.resource}?limit=200&order={direction}{field}")
                assert record["id"] in [item["id"] for item in found.json()["items"]]
