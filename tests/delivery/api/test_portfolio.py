"""`/portfolio/…`: figures of the accounts that the caller sees."""

from __future__ import annotations

from datetime import date

import pytest

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, make

FIGURES = ("forecast", "pipeline?by=owner&state=won", "retention", "renewals")


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
        "forecast?as_of=yesterday",
        "forecast?target=-1",
        "forecast?target=NaN",
        "pipeline",
        "pipeline?by=colour",
        "pipeline?by=owner&state=parked",
        "pipeline?by=owner&colour=red",
        "retention?from=2026-02-01&to=2026-01-01",
        "renewals?days=-1",
        "renewals?days=99999999999",
    ],
)
def test_what_cannot_be_read_is_refused(admin: Api, path: str) -> None:
    assert problem(admin.get(f"/portfolio/{path}"), 400)["errors"]
