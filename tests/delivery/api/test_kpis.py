"""`/kpi-library`: read by readers, added to by administrators."""

from __future__ import annotations

import pytest

from tests.delivery.api.client import Api, problem
from tests.factories import Cast


def test_readers_read_it(cast: Cast) -> None:
    problem(Api().get("/kpi-library"), 401)
    for person in (cast.facilitator, cast.outsider, cast.owner, cast.admin):
        items = Api(person).get("/kpi-library?q=net+promoter").json()["items"]
        assert [(item["code"], item["metric"], item["rule"]) for item in items] == [
            ("KPI-016", "nps", "track.survey.nps")
        ]
        assert Api(person).get("/kpi-library/kpi-016").json() == items[0]


@pytest.mark.parametrize("query", ["domain=luck", "state=gone", "colour=red"])
def test_what_cannot_be_read_is_refused(admin: Api, query: str) -> None:
    assert problem(admin.get(f"/kpi-library?{query}"), 400)["errors"]


def test_administrators_add_one_once(cast: Cast) -> None:
    path = "/kpi-library/KPI-067/adopt"
    for person in (cast.facilitator, cast.owner):
        problem(Api(person).post(path, {}), 403)
    assert Api(cast.admin).post(path, {}).json()["metric"] == "growth_over_24_months"
    problem(Api(cast.admin).post(path, {}), 409)
    problem(Api(cast.admin).post("/kpi-library/KPI-900/adopt", {}), 404)
