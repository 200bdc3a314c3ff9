"""Dashboards over the API: the gallery, figures, rows, a copy, and who may ask for which."""

from __future__ import annotations

from typing import Any

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, as_user, make, make_account


def test_the_gallery_tells_what_a_tile_may_be(cast: Cast) -> None:
    problem(Api().get("/dashboard-tiles"), 401)
    tiles = Api(cast.facilitator).get("/dashboard-tiles").json()["tiles"]
    by = next(tile for tile in tiles if tile["key"] == "arr_by")
    assert (by["shape"], by["group"], by["options"][0]["default"]) == ("bars", "Revenue", "tier")
    problem(Api(cast.owner).get("/dashboard-tiles?luck=1"), 400)


def test_figures_and_rows_are_those_of_the_callers_accounts(cast: Cast) -> None:
    make_account("Elsewhere", owner=cast.outsider, arr=700, tier=2, region="EMEA")
    made = Api(cast.owner).made(
        "/dashboards",
        {"name": "Board", "shared": True, "filters": {"tier": "1"}, "tiles": [{"kind": "arr"}, {"kind": "arr_by"}]},
    )
    path = f"/dashboards/{made['id']}"

    def arr(person: Any, query: str = "") -> Any:
        found = Api(person).get(f"{path}/figures{query}").json()
        return found["tiles"][0]["value"], found["filters"]

    assert arr(cast.owner) == (2_840_000, {"tier": "1"})
    assert arr(cast.admin, "?region=EMEA") == (700, {"region": "EMEA"})
    assert arr(cast.outsider, "?tier=2") == (700, {"tier": "2"})
    assert arr(cast.outsider) == (None, {"tier": "1"})
    rows = Api(cast.admin).get(f"{path}/tiles/t2/rows?part=2&tier=2").json()
    assert [(row["record"], row["part"], row["cells"][:2]) for row in rows["rows"]] == [
        (["account", "elsewhere"], "2", ["Elsewhere", 700])
    ]
    problem(Api(cast.owner).get(f"{path}/tiles/t9/rows"), 404)
    problem(Api(cast.owner).get(f"{path}/figures?luck=1"), 400)
    problem(Api().get(f"{path}/figures"), 401)


def test_a_private_one_does_not_exist_for_others(cast: Cast) -> None:
    own = make("dashboard", ctx=as_user(cast.owner), name="My desk", tiles=[{"kind": "arr"}])
    for person in (cast.teammate, cast.admin):
        for path in ("", "/history", "/figures", "/tiles/t1/rows"):
            problem(Api(person).get(f"/dashboards/{own.pk}{path}"), 404)
        problem(Api(person).patch(f"/dashboards/{own.pk}", {"name": "Mine"}), 404)
        problem(Api(person).post(f"/dashboards/{own.pk}/copy", {}), 404)
        assert Api(person).get("/dashboards").json()["items"] == []
    assert Api(cast.owner).get(f"/dashboards/{own.pk}").status_code == 200
    copied = Api(cast.owner).post(f"/dashboards/{own.pk}/copy", {"name": "My region"})
    assert (copied.status_code, copied.json()["name"], copied.json()["shared"]) == (201, "My region", False)
    problem(Api(cast.facilitator).post(f"/dashboards/{own.pk}/copy", {}), 403)
    problem(Api(cast.owner).post(f"/dashboards/{own.pk}/copy", {"name": 3}), 422)


def test_a_wrong_tile_is_named_by_its_place(cast: Cast) -> None:
    body = {"name": "Board", "tiles": [{"kind": "arr"}, {"kind": "arr_by", "options": {"by": "luck"}}]}
    errors = problem(Api(cast.owner).post("/dashboards", body), 422)["errors"]
    assert errors[0]["loc"] == ["tiles", 1, "options", "by"]
