"""Duplicates over the API: pairs, merging, the way back, telling apart; nobody learns of what they do not see."""

from __future__ import annotations

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, make, make_account

DOMAIN = {"domain": "okada.example"}


def test_two_accounts_are_found_merged_and_parted_again(cast: Cast) -> None:
    cast.account.domain = "okada.example"
    cast.account.save(update_fields=["domain"])
    other = make_account(
        "Okada Brandt Mobility AG", owner=cast.teammate, parent=cast.account, industry="Rail", **DOMAIN
    )
    goal = make("goal", account=other, title="Scrap", baseline=1, target=2)
    api = Api(cast.owner)
    [pair] = api.get("/duplicates").json()["items"]
    assert {pair["one"]["id"], pair["other"]["id"]} == {str(cast.account.pk), str(other.pk)}
    assert (pair["score"], pair["sure"], [one["key"] for one in pair["signals"]]) == (
        95,
        False,
        ["name_same", "domain_same"],
    )
    assert Api(cast.outsider).get("/duplicates").json() == {"items": [], "count": 0}
    body = {"merged": other.key, "take": {"name": "merged", "tier": "survivor"}}
    done = api.post(f"/accounts/{cast.account.key}/merge", body, **{"Idempotency-Key": "once"}).json()
    assert (done["survivor"]["name"], done["survivor"]["industry"], done["survivor"]["tier"]) == (other.name, "Rail", 1)
    assert done["moved"] == {"goal": 1}
    again = api.post(f"/accounts/{cast.account.key}/merge", body, **{"Idempotency-Key": "once"})
    assert (again.json()["batch"], again.headers["Idempotency-Replayed"]) == (done["batch"], "true")
    assert api.get(f"/accounts/{other.pk}").json()["id"] == str(cast.account.pk)
    assert api.get(f"/goals/{goal.pk}").json()["account"] == str(cast.account.pk)
    problem(Api(cast.outsider).post(f"/merges/{done['batch']}/undo"), 404)
    problem(Api(cast.facilitator).post(f"/merges/{done['batch']}/undo"), 403)
    assert api.post(f"/merges/{done['batch']}/undo").json() == {
        "restored": str(other.pk),
        "survivor": str(cast.account.pk),
    }
    assert api.get(f"/goals/{goal.pk}").json()["account"] == str(other.pk)
    problem(api.post(f"/merges/{done['batch']}/undo"), 409)
    problem(api.post("/merges/nothing/undo"), 400)


def test_pairs_that_are_told_apart_are_not_shown_again(cast: Cast) -> None:
    one, other = (make("contact", account=cast.account, name=name) for name in ("Ines Berg", "Berg, Ines"))
    api = Api(cast.owner)
    told = {"type": "contact", "one": str(other.pk), "other": str(one.pk)}
    assert api.get("/duplicates?type=contact&limit=1").json()["items"][0]["account"]["id"] == str(cast.account.pk)
    assert api.post("/duplicates/apart", told).json() == {"apart": True}
    assert api.get("/duplicates?type=contact").json()["count"] == 0
    assert api.post("/duplicates/apart", told | {"apart": False}).json() == {"apart": False}
    assert api.get("/duplicates?type=contact").json()["count"] == 1
    problem(Api(cast.outsider).post("/duplicates/apart", told), 404)
    problem(Api(cast.facilitator).post("/duplicates/apart", told), 403)


def test_what_is_not_understood_is_named(cast: Cast) -> None:
    api, one = Api(cast.owner), f"/accounts/{cast.account.pk}/merge"
    assert "type" in problem(api.get("/duplicates?type=goal"), 422)["detail"]
    for query in ("limit=0", "limit=x", "colour=red"):
        problem(api.get(f"/duplicates?{query}"), 400)
    for body in ({}, {"merged": 5}, {"merged": str(cast.account.pk)}, {"merged": "1", "into": "2"}):
        problem(api.post(one, body), 422)
    other = make_account("Nordwall", owner=cast.owner)
    for take in ({"name": "both"}, {"health": "merged"}, ["name"]):
        problem(api.post(one, {"merged": str(other.pk), "take": take}), 422)
    problem(api.post(one, {"merged": str(make_account("Theirs", owner=cast.outsider).pk)}), 404)
    problem(api.post("/duplicates/apart", {"type": "account", "one": "1", "other": "2", "apart": "no"}), 422)
