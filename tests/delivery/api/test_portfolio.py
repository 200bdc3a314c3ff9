"""`/portfolio/…`: figures of the accounts that the caller sees."""

from __future__ import annotations

from datetime import date

import pytest

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, make

FIGURES = (
    "score",
    "forecast",
    "pipeline?by=owner&state=won",
    "retention",
    "renewals",
    "at-risk",
    "accuracy",
    "whitespace?show=go&tier=1",
)


@pytest.mark.parametrize("path", FIGURES)
def test_reading_takes_a_reader(cast: Cast, path: str) -> None:
    problem(Api().get(f"/portfolio/{path}"), 401)
    for person in (cast.facilitator, cast.outsider, cast.owner, cast.admin):
        assert Api(person).get(f"/portfolio/{path}").status_code == 200


def test_the_outsider_reads_nothing_of_the_account(cast: Cast) -> None:
    make("route", account=cast.account, title="A", type="upsell", state="won", value=70, closed_on=date(2026, 3, 1))
    path = "/portfolio/pipeline?by=account&state=won&as_of=2026-12-31"
    row = {"key": cast.account.key, "name": cast.account.name, "value": 70, "count": 1}
    assert Api(cast.owner).get(path).json()["rows"] == [row]
    assert Api(cast.outsider).get(path).json()["rows"] == []


@pytest.mark.parametrize(
    "path",
    [
        "score?as_of=2026-02-30",
        "score?owner=1",
        "forecast?as_of=yesterday",
        "forecast?as_of=",
        "forecast?as_of=20260131",
        "forecast?target=",
        "pipeline?by=owner&state=",
        "renewals?days=",
        "forecast?target=-1",
        "forecast?target=NaN",
        "pipeline",
        "pipeline?by=colour",
        "pipeline?by=owner&state=parked",
        "pipeline?by=owner&colour=red",
        "retention?from=2026-02-01&to=2026-01-01",
        "at-risk?colour=red",
        "whitespace?show=red",
        "accuracy?periods=0",
        "accuracy?periods=25",
        "renewals?days=-1",
        "renewals?days=99999999999",
    ],
)
def test_what_cannot_be_read_is_refused(admin: Api, path: str) -> None:
    assert problem(admin.get(f"/portfolio/{path}"), 400)["errors"]


def test_scoring_models_are_checked(admin: Api) -> None:
    criteria = [
        {"key": "arr", "label": "ARR", "weight": 60, "direction": "up", "feeds": [{"kind": "field", "name": "arr"}]},
        {"key": "pipe", "label": "Pipeline", "weight": 40, "direction": "up", "feeds": [{"kind": "routes", "name": "open_value"}]},
    ]  # fmt: skip

    def refused(changed: dict[str, object], at: int = 0) -> list[list[object]]:
        wrong = [dict(item) for item in criteria]
        wrong[at] |= changed
        body = {"name": "New", "criteria": wrong}
        return [error["loc"] for error in problem(admin.post("/scoring-models", body), 422)["errors"]]

    assert refused({"weight": 61}) == [["criteria"]]
    assert refused({"weight": -1}) == [["criteria", 0, "weight"]]
    assert refused({"colour": "red"}) == [["criteria", 0, "colour"]]
    assert refused({"key": "pipe"}) == [["criteria", 1, "key"]]
    assert refused({"feeds": [{"kind": "field", "name": "secret"}]}) == [["criteria", 0, "feeds", 0, "name"]]
    assert refused({"feeds": []}) == [["criteria", 0, "feeds"]]
    assert refused({"feeds": [{"kind": "growth", "name": "arr"}]}) == [["criteria", 0, "feeds", 0, "months"]]
    assert problem(admin.post("/scoring-models", {"name": "New", "criteria": []}), 422)["errors"]
    assert problem(admin.post("/scoring-models", {"name": "New", "criteria": {"arr": 100}}), 422)["errors"]
    made = admin.made("/scoring-models", {"name": "New", "criteria": criteria})
    assert sum(item["weight"] for item in made["criteria"]) == 100
