"""`/accounts/{id}/scores…`: explained scores with their sources, lines over time, the ledger."""

from __future__ import annotations

from datetime import timedelta

from tests.accounts.rulebook.test_refresh import TODAY, USAGE, WORKED, feed
from tests.delivery.api.client import Api, problem
from tests.factories import Cast
from trackline.accounts.rulebook.live import live_rules
from trackline.accounts.rulebook.refresh import refresh_scores


def fed(cast: Cast) -> str:
    feed(cast.account, 30, **WORKED)
    refresh_scores([cast.account.pk], TODAY - timedelta(days=20))
    feed(cast.account, 1, **WORKED | {"active_seat_pct": 30})
    return f"/accounts/{cast.account.key}/scores"


def test_the_newest_scores_name_readings_behind_each_input(cast: Cast) -> None:
    items = Api(cast.owner).get(fed(cast)).json()["items"]
    usage = next(item for item in items if item["rule"] == USAGE)
    assert (usage["value"], usage["band"], usage["as_of"]) == (60, "amber", TODAY.isoformat())
    assert usage["parameters"]["weights"]["product_usage"] == 30
    seats = next(one for one in usage["inputs"] if one["name"] == "active_seat_pct")
    assert seats["value"] == 30
    [source] = seats["sources"]
    assert (source["record_type"], source["metric"], source["age_days"], source["value"]) == (
        "observation", "active_seat_pct", 1, 30,
    )  # fmt: skip
    assert Api(cast.owner).get(f"/observations/{source['record_id']}").json()["value"] == 30


def test_a_line_tells_what_changed_over_it(cast: Cast) -> None:
    path = f"{fed(cast)}/{USAGE}"
    found = Api(cast.owner).get(path).json()
    assert [item["value"] for item in found["items"]] == [75, 60]
    assert [part["key"] for part in found["difference"]["parts"]] == ["product_usage"]
    assert found["difference"]["parts"][0]["causes"] == ["input"]
    since = Api(cast.owner).get(f"{path}?since={TODAY}").json()
    assert (len(since["items"]), since["difference"]) == (1, None)


def test_the_ledger_is_paged(cast: Cast) -> None:
    path = f"{fed(cast)}/{USAGE}/changes"
    first = Api(cast.owner).get(f"{path}?limit=1").json()
    assert first["items"][0]["cause"]["kind"] == "observation"
    rest = Api(cast.owner).get(f"{path}?limit=5&cursor={first['next']}").json()
    assert rest["next"] is None
    assert {item["id"] for item in rest["items"]}.isdisjoint({first["items"][0]["id"]})
    for wrong in ("limit=0", "cursor=x", "colour=red"):
        problem(Api(cast.owner).get(f"{path}?{wrong}"), 400)


def test_what_is_not_there_is_not_found(cast: Cast) -> None:
    path = fed(cast)
    problem(Api(cast.owner).get(f"{path}/track.health.luck"), 404)
    problem(Api(cast.owner).get(f"{path}/{USAGE}?since=soon"), 400)
    problem(Api(cast.owner).get(f"{path}/{USAGE}?since="), 400)
    for day in ("", "20260131"):
        problem(Api(cast.owner).get(f"/accounts/{cast.account.key}/metrics/nps/control-chart?since={day}"), 400)
    problem(Api(cast.outsider).get(path), 404)


def test_what_feeds_a_rule_is_read_by_all_and_changed_by_administrators(cast: Cast) -> None:
    path = f"/rules/{USAGE}/feeds"
    changes = {"inputs": {"nps_rating": {"max_age_days": 60}}}
    problem(Api().get(path), 401)
    assert Api(cast.facilitator).get(path).status_code == 200
    problem(Api(cast.owner).call("PUT", path, changes), 403)
    found = Api(cast.admin).call("PUT", path, changes).json()
    assert found == Api(cast.outsider).get(path).json()
    rating = next(one for one in found["inputs"] if one["name"] == "nps_rating")
    assert (rating["adjusted"], rating["sources"][0]["max_age_days"]["value"]) == (True, 60)
    for wrong in ({"from_on": "soon"}, {"colour": 1}, {"max_age_days": {"weekly": 0}}):
        problem(Api(cast.admin).call("PUT", path, wrong), 422)
    problem(Api(cast.admin).get("/rules/commercial.sla.tier/feeds"), 404)
    (contacts,) = Api(cast.admin).get("/rules/accounts.stakeholders.coverage/feeds").json()["inputs"]
    assert contacts["fixed"]
    assert contacts["sources"][0]["records"].startswith("active contacts")


def test_other_feeds_are_previewed_and_change_nothing(cast: Cast) -> None:
    path = f"/rules/{USAGE}/feeds"
    problem(Api(cast.owner).post(f"{path}/preview", {}), 403)
    told = Api(cast.admin).post(f"{path}/preview", {"inputs": {"nps_rating": {"max_age_days": 1}}}).json()
    assert (told["live"], told["accounts"]) == (True, 1)
    assert not any(one["adjusted"] for one in Api(cast.admin).get(path).json()["inputs"])
    signal = Api(cast.admin).post(
        "/rules/watch.signal.nps_drop/feeds/preview", {"inputs": {"current": {"max_age_days": 9}}}
    )
    assert signal.json()["signal"] == {"fires": 0, "silent": 0}
    problem(Api(cast.admin).post(f"{path}/preview", {"inputs": {"luck": {}}}), 422)


def test_a_new_account_is_whole_with_the_answer_that_creates_it(cast: Cast) -> None:
    api = Api(cast.owner)
    made = api.post("/accounts", {"name": "Fresh", "tier": 1})
    path = f"/accounts/{made.json()['id']}"
    seen = api.get(path)
    assert (seen.json(), seen.headers["ETag"]) == (made.json(), made.headers["ETag"])
    health = made.json()["health"]
    assert (health["value"], health["band"], bool(health["as_of"])) == (None, "unknown", True)
    assert made.json()["completeness"]["total"] >= 0
    scores = api.get(f"{path}/scores").json()["items"]
    assert {item["rule"] for item in scores} == {live.rule.id for live in live_rules()}
    assert all(item["missing"] for item in scores if item["rule"] == USAGE)
    assert api.get(path).headers["ETag"] == made.headers["ETag"]
