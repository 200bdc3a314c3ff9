"""Preconditions and repeated requests: nobody's work is overwritten, nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from tests.delivery.api.client import Api, problem, token_of
from tests.factories import Cast, make, make_account, make_user
from trackline.accounts.models import Contact
from trackline.kit.idempotency import IdempotencyKey


def test_if_match_takes_the_tag_a_list_of_tags_or_any(cast: Cast) -> None:
    api, address = Api(cast.owner), f"/accounts/{cast.account.pk}"
    tag = api.get(address).headers["ETag"]
    second = api.patch(address, {"tier": 2}, If_Match=f'"9-00000000", {tag}')
    assert second.status_code == 200
    problem(api.patch(address, {"tier": 3}, If_Match=tag), 412)
    problem(api.patch(address, {"tier": 3}, If_Match=f'{tag}, "8-00000000"'), 412)
    assert api.patch(address, {"tier": 3}, If_Match="*").status_code == 200
    assert api.patch(address, {"tier": 1}).status_code == 200


@pytest.mark.parametrize("tag", ["", "7", "null", '"', '"a', "'1-00000000'", '"a" "b"', "*, *", '"\x7f"', "W/1"])
def test_a_malformed_precondition_is_told(cast: Cast, tag: str) -> None:
    for header in ("If-Match", "If-None-Match"):
        api, address = Api(cast.owner), f"/accounts/{cast.account.pk}"
        response = api.call("PATCH" if header == "If-Match" else "GET", address, {"tier": 2}, **{header: tag})
        assert response.status_code in (400, 412) or (tag == "" and response.status_code == 200)
    assert api.get(address).json()["tier"] == 1


@pytest.mark.parametrize("tag", ['"1"', '"x"', '"999-0a0b0c0d"', 'W/"1-00000000"', '""', f'"{"9" * 400}"'])
def test_a_foreign_or_weak_tag_never_matches(cast: Cast, tag: str) -> None:
    api, address = Api(cast.owner), f"/accounts/{cast.account.pk}"
    found = problem(api.patch(address, {"tier": 2}, If_Match=tag), 412)
    assert found["current"]["tier"] == 1
    problem(api.delete(address, If_Match=tag), 412)
    assert api.get(address, If_None_Match=tag).status_code == 200


def test_the_later_writer_sees_both_versions(cast: Cast) -> None:
    katrin, tim, address = Api(cast.owner), Api(cast.teammate), f"/accounts/{cast.account.pk}"
    tag = katrin.get(address).headers["ETag"]
    tim.patch(address, {"tier": 2, "region": "APAC"}, If_Match=tag)
    found = problem(katrin.patch(address, {"tier": 3}, If_Match=tag), 412)
    assert "Tim changed" in found["detail"]
    assert found["changed_by"] == "Tim"
    assert [error["loc"] for error in found["errors"]] == [["region"], ["tier"]]
    assert (found["current"]["tier"], found["current_version"]) == (2, 2)


def test_nothing_changed_is_no_version_and_no_body(cast: Cast) -> None:
    api, address = Api(cast.owner), f"/accounts/{cast.account.pk}"
    first = api.get(address)
    assert api.patch(address, {"tier": 1}).headers["ETag"] == first.headers["ETag"]
    assert api.patch(address, {}).headers["ETag"] == first.headers["ETag"]
    again = api.get(address, If_None_Match=f'"other", W/{first.headers["ETag"]}')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_the_tag_follows_computed_values_and_old_tags_still_guard(cast: Cast) -> None:
    api, address = Api(cast.owner), f"/accounts/{cast.account.pk}"
    before = api.get(address)
    api.made("/contacts", {"account": str(cast.account.pk), "name": "Mariko Okada"})
    after = api.get(address, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert after.json()["completeness"] != before.json()["completeness"]
    # Nobody wrote the account itself, so an edit that began before the contact is still welcome.
    assert api.patch(address, {"tier": 2}, If_Match=before.headers["ETag"]).status_code == 200


def test_the_same_request_with_the_same_key_is_done_once(cast: Cast) -> None:
    api, body = Api(cast.owner), {"account": str(cast.account.pk), "name": "Mariko Okada"}
    first = api.post("/contacts", body, Idempotency_Key="k-1")
    again = api.post("/contacts", dict(reversed(body.items())), Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 201
    assert (again.content, again.headers["Location"], again.headers["ETag"]) == (
        first.content, first.headers["Location"], first.headers["ETag"],
    )  # fmt: skip
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Contact.objects.count() == 1
    problem(api.post("/contacts", body | {"name": "Another"}, Idempotency_Key="k-1"), 422)
    problem(api.post("/notes", {"account": str(cast.account.pk), "title": "x"}, Idempotency_Key="k-1"), 422)
    assert api.post("/contacts", body, Idempotency_Key="k-2").status_code == 201
    assert Contact.objects.count() == 2


def test_a_refused_request_leaves_the_key_free(cast: Cast) -> None:
    api, body = Api(cast.owner), {"account": str(cast.account.pk), "name": ""}
    problem(api.post("/contacts", body, Idempotency_Key="k"), 422)
    assert api.post("/contacts", body | {"name": "Mariko"}, Idempotency_Key="k").status_code == 201


def test_keys_belong_to_a_user_and_are_forgotten_after_two_days(cast: Cast) -> None:
    body = {"account": str(cast.account.pk), "name": "Mariko Okada"}
    first = Api(cast.owner).post("/contacts", body, Idempotency_Key="k").json()
    second = Api(cast.teammate).post("/contacts", body, Idempotency_Key="k").json()
    assert first["id"] != second["id"]
    kept = IdempotencyKey.objects.get(user=cast.owner)
    kept.created_at -= timedelta(hours=47)
    kept.save()
    assert Api(cast.owner).post("/contacts", body, Idempotency_Key="k").json()["id"] == first["id"]
    kept.created_at -= timedelta(hours=2)
    kept.save()
    assert Api(cast.owner).post("/contacts", body, Idempotency_Key="k").json()["id"] not in (first["id"], second["id"])


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_told(cast: Cast, key: str) -> None:
    found = problem(Api(cast.owner).post("/contacts", {"account": "1", "name": "x"}, Idempotency_Key=key), 400)
    assert found["errors"][0]["loc"] == ["header", "Idempotency-Key"]


def test_a_token_that_may_only_read_gets_no_stored_answer(cast: Cast) -> None:
    body = {"account": str(cast.account.pk), "name": "Mariko Okada"}
    Api(cast.owner).post("/contacts", body, Idempotency_Key="k")
    problem(Api(cast.owner, "track:read").post("/contacts", body, Idempotency_Key="k"), 403)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory is one connection")
def test_the_same_request_at_the_same_time_is_done_once() -> None:
    user = make_user("katrin")
    bearer, account = token_of(user), make_account(owner=user)
    body = {"account": str(account.pk), "name": "Mariko Okada"}

    def send(_number: int) -> tuple[int, str]:
        try:
            response = Api(bearer=bearer).post("/contacts", body, Idempotency_Key="k")
            return response.status_code, response.json().get("id", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({pk for status, pk in answers if status == 201}) == 1
    assert Contact.objects.count() == 1


def test_an_answer_is_not_given_again_to_who_left_the_account(cast: Cast) -> None:
    api, body = Api(cast.teammate), {"account": str(cast.account.pk), "name": "Mariko Okada"}
    made = api.post("/contacts", body, Idempotency_Key="k").json()
    assert api.post("/contacts", body, Idempotency_Key="k").json() == made
    cast.account.team.filter(user=cast.teammate).delete()
    found = problem(api.post("/contacts", body, Idempotency_Key="k"), 404)
    assert "Mariko" not in str(found)


def test_an_answer_is_given_again_after_its_record_went(cast: Cast) -> None:
    api, body = Api(cast.owner), {"account": str(cast.account.pk), "name": "Mariko Okada"}
    made = api.post("/contacts", body, Idempotency_Key="k").json()
    api.delete(f"/contacts/{made['id']}")
    assert api.post("/contacts", body, Idempotency_Key="k").json() == made


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory is one connection")
@pytest.mark.parametrize("kind", ["accounts", "contacts", "business-units"])
def test_moves_that_together_would_make_a_circle_are_not_both_done(kind: str) -> None:
    user = make_user("katrin", role="admin")
    bearer, home = token_of(user), make_account("Home", owner=user)
    field = "reports_to" if kind == "contacts" else "parent"
    noun = {"accounts": "account", "contacts": "contact", "business-units": "business_unit"}[kind]
    more = {} if kind == "accounts" else {"account": home}
    one, other = (make(noun, name=name, **more).pk for name in ("One", "Other"))
    barrier = Barrier(2)

    def move(pair: tuple[int, int]) -> int:
        try:
            barrier.wait(10)
            return Api(bearer=bearer).patch(f"/{kind}/{pair[0]}", {field: str(pair[1])}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            answers = list(pool.map(move, [(one, other), (other, one)]))
            assert sorted(answers) == [200, 422]
            for pk in (one, other):
                assert Api(bearer=bearer).patch(f"/{kind}/{pk}", {field: None}).status_code == 200
