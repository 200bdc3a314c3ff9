"""What is not a good request is refused as a problem, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.delivery.api.client import Api, problem
from tests.delivery.api.world import World
from tests.factories import Cast
from trackline.accounts.models import Account, Contact

DEEP = "[" * 100_000

BROKEN = {
    "nothing": b"",
    "half": b'{"name": "x"',
    "NaN": b'{"name": "x", "arr": NaN}',
    "Infinity": b'{"name": "x", "arr": Infinity}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "deep": ('{"name": ' + DEEP).encode(),
    "huge integer": b'{"arr": ' + b"9" * 6000 + b"}",
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "two values": b'{"name": "x"} {"name": "y"}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_no_json_is_not_read(cast: Cast, body: bytes) -> None:
    before = Account.objects.count()
    problem(Api(cast.owner).post("/accounts", body), 400)
    assert Account.objects.count() == before


@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null", "true", '[{"name": "x"}]'])
def test_json_that_is_no_object_is_not_valid(cast: Cast, body: str) -> None:
    problem(Api(cast.owner).post("/accounts", body), 422)


VALUES: list[Any] = [
    None, "", " ", "x" * 100_000, "\x00", "a\x00b", 0, -1, 1.5, 1e300, -1e300, 10**30, True, [], {}, [[]], [None], [{}],
    {"a": {"b": []}}, ["x"] * 1000, "2027-02-30", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1", "1.0", "-1",
    "99999999999999999999", 2**63, 2**64, "٣", "½", "'; DROP TABLE accounts_account; --", "%s", "{{7*7}}", "../../etc",
    "𝔘𝔫𝔦", "\u202e", "e\u0301" * 50,
]  # fmt: skip


@pytest.mark.parametrize("name", ["account", "contact", "kpi", "route", "play", "meeting", "alert", "playbook"])
def test_no_value_of_any_field_breaks_the_api(world: World, name: str) -> None:
    from trackline.kit.records.types import registry

    rtype = registry.get(name)
    made = world.make(rtype)
    address = f"/{rtype.resource}/{made['id']}"
    fields = (*rtype.specs, "custom", "external_ids", "no_such_field", "custom.x")
    for value in VALUES:
        # All wrong fields are named at once; what is not among them is sent alone, so that it goes all the way.
        refused = world.api.patch(address, dict.fromkeys(fields, value))
        assert refused.status_code == 422, (value, refused.content)
        wrong = {error["loc"][0] for error in refused.json()["errors"]}
        assert "no_such_field" in wrong, (value, refused.content)
        for field in fields:
            if field not in wrong:
                response = world.api.patch(address, {field: value})
                assert response.status_code in (200, 409, 422), (field, value, response.content)
        assert world.api.get(address).status_code == 200
    for number in (b"1e999999999", b"-1e999999999", b"1e-999999999", b"1E400", b"0.1e-400"):
        for field, spec in rtype.specs.items():
            if spec.numeric or spec.kind in ("object", "choice"):
                body = b'{"%s": %s, "custom": {"x": %s}}' % (field.encode(), number, number)
                assert world.api.patch(address, body).status_code == 422


def test_objects_keep_what_both_databases_can_keep(world: World) -> None:
    alert = world.id_of("alert")
    for bad in (b'{"a": "\\u0000"}', b"[" * 50 + b"]" * 50, b'{"a": 1e400}', b'{"a": 123456789012345678901234567890}'):
        problem(world.api.patch(f"/alerts/{alert}", b'{"evidence": {"inputs": ' + bad + b"}}"), 422)
    kept = {"inputs": {"series": [1, 2.5, None, True, {"deep": {"er": "yes"}}]}}
    assert world.api.patch(f"/alerts/{alert}", {"evidence": kept}).json()["evidence"] == kept


QUERIES = [
    "limit=", "limit=0", "limit=201", "limit=-1", "limit=x", "limit=1.5", "limit=" + "9" * 5000, "limit=1&limit=2", "cursor=x", "cursor=W10",
    "cursor=%00", "cursor=%F0%9F%98%80", "cursor=bnVsbA", "order=nothing", "order=name,-arr,tier,owner,region", "order=tags", "q=%00x&nme=1",
    "nme=1", "name__like=x", "arr__gte=x", "arr__gte=1e999999999", "arr=1e400", "tier=9", "owner=%00", "renewal_date=2027-02-30",
    "renewal_date__gte=yesterday", "created_at__gte=9999-12-31T23:59:59-14:00", "created_at=2027-01-01", "custom.x=1", "watch=maybe",
    "deleted=yes", "name__contains__contains=x", "parent=a,b%00", "%00=1", "tags__gte=1", "external_ids.%00=1", "arr__contains=1",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_is_not_understood_says_so(cast: Cast, query: str) -> None:
    found = problem(Api(cast.owner).get(f"/accounts?{query}"), 400)
    assert found["errors"][0]["loc"][0] == "query"


def test_a_filter_is_told_the_values_that_the_api_takes(cast: Cast) -> None:
    told = problem(Api(cast.owner).get("/accounts?status=bogus"), 400)["detail"]
    assert told.startswith("status: One of prospect, onboarding, active, at_risk, ")


def test_a_misspelt_filter_is_told_the_right_one(cast: Cast) -> None:
    assert "Did you mean 'industry'?" in problem(Api(cast.owner).get("/accounts?industri=x"), 400)["detail"]


@pytest.mark.parametrize(
    "pk", ["0", "-1", "1.0", "1e3", "99999999999999999999", "x" * 5000, "%00", "%F0%9F%98%80", "..", "null", "٣"]
)
def test_an_id_that_is_none_is_not_found(cast: Cast, pk: str) -> None:
    api = Api(cast.owner)
    for method, path in (
        ("GET", f"/contacts/{pk}"), ("PATCH", f"/contacts/{pk}"), ("DELETE", f"/contacts/{pk}"),
        ("GET", f"/contacts/{pk}/history"), ("POST", f"/contacts/{pk}/restore"), ("GET", f"/accounts/{pk}"),
        ("GET", f"/accounts/{pk}/rollup"), ("GET", f"/accounts/{pk}/completeness"), ("GET", f"/accounts/{pk}/timeline"),
        ("POST", f"/routes/{pk}/advance"), ("GET", f"/routes/{pk}/gate?to=won"),
    ):  # fmt: skip
        problem(api.call(method, path, {"to": "won"} if "advance" in path else {}), 404)


def test_unknown_addresses_and_methods_are_problems_too(cast: Cast) -> None:
    for api in (Api(cast.owner), Api()):
        assert "Did you mean accounts?" in problem(api.get("/acounts"), 404)["detail"]
        problem(api.get("/accounts/"), 404)
        problem(api.get("/accounts/1/x/y"), 404)
        refused = api.call("PUT", "/accounts/1", {})
        problem(refused, 405)
        assert refused.headers["Allow"] == "DELETE, GET, PATCH"
        problem(api.delete("/accounts"), 405)
        problem(api.call("TRACE", "/accounts"), 405)
    assert problem(Api(cast.owner).client.get("/api/v2/accounts"), 404)


def test_other_content_is_refused(cast: Cast) -> None:
    api = Api(cast.owner)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
    ):
        assert "application/json" in problem(api.post("/accounts", b"name=x", Content_Type=kind), 415)["detail"]
    assert api.post("/accounts", b'{"name": "x"}', Content_Type="application/json; charset=utf-8").status_code == 201
    address = f"/accounts/{cast.account.pk}"
    assert api.patch(address, b'{"tier": 2}', Content_Type="application/merge-patch+json").status_code == 200


def test_a_body_beyond_the_limit_is_too_large(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    problem(Api(cast.owner).post("/accounts", {"name": "x", "description": "y" * 20_000}), 413)


def test_long_texts_are_kept_whole_and_quickly(cast: Cast) -> None:
    text = "é" * 1_000_000
    made = Api(cast.owner).made("/notes", {"account": str(cast.account.pk), "title": "Long", "body": text})
    assert made["body"] == text


def test_every_wrong_field_is_named_at_once(cast: Cast) -> None:
    body = {"account": "999", "influence": 9, "email": "nobody", "sentiment": "so so", "colour": "red", "id": "5"}
    found = problem(Api(cast.owner).post("/contacts", body), 422)
    assert {error["loc"][0] for error in found["errors"]} == {"name", "influence", "email", "sentiment", "colour", "id"}
    assert not Contact.objects.exists()
    alone = problem(Api(cast.owner).post("/contacts", {"account": "999", "name": "x"}), 422)
    assert alone["errors"] == [{"loc": ["account"], "msg": "There is no account 999."}]


def test_null_means_the_default_of_a_new_record_and_is_refused_for_a_change(cast: Cast) -> None:
    api = Api(cast.owner)
    made = api.made("/contacts", {"account": str(cast.account.pk), "name": "x", "influence": None, "sentiment": None})
    assert (made["influence"], made["sentiment"]) == (3, "neutral")
    problem(api.patch(f"/contacts/{made['id']}", {"influence": None}), 422)
    problem(api.patch(f"/contacts/{made['id']}", {"sentiment": None}), 422)
    assert api.patch(f"/contacts/{made['id']}", {"owner": None, "email": None}).json()["owner"] is None


def test_the_words_of_a_repeated_filter_add_up(cast: Cast) -> None:
    api = Api(cast.owner)
    made = {tier: api.made("/accounts", {"name": f"Tier {tier}", "tier": tier})["id"] for tier in (1, 2, 3)}
    found = [item["id"] for item in api.get("/accounts?tier=2&tier=3").json()["items"]]
    assert sorted(found) == sorted([made[2], made[3]])
    assert api.get("/accounts?tier=2,3").json()["items"] == api.get("/accounts?tier=2&tier=3").json()["items"]


def test_head_answers_like_get_without_a_body(cast: Cast) -> None:
    api = Api(cast.owner)
    head, get = api.call("HEAD", "/accounts"), api.get("/accounts")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(get.content))
