"""Growth initiatives: scores that rest on something, gates, the order, horizons, capacity; page, files, API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, as_user, make, make_cast, system
from trackline.accounts.services import change_setting
from trackline.book.initiatives import DIMENSIONS
from trackline.book.queries.initiatives import initiatives, initiatives_of
from trackline.book.rules.initiatives import Demand, carried, horizon_of, lanes, load_of
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

JAN, FEB = date(2027, 1, 1), date(2027, 2, 1)
WORKED = (80, 70, 60, 75, 65, 90)
"""The scores of the worked example of GRW-01: 73.5."""


def scores(*given: Any) -> dict[str, Any]:
    """The six scores with what they rest on."""
    return dict(zip(DIMENSIONS, given, strict=True)) | {f"{name}_source": "Pilot on line 3" for name in DIMENSIONS}


# -- rules ---------------------------------------------------------------------------------------------------------


def test_horizons_include_their_last_month() -> None:
    assert [horizon_of(months) for months in (1, 12, 13, 24, 25, 60, None)] == ["h1", "h1", "h2", "h2", "h3", "h3", ""]


def test_a_horizon_more_than_10_points_off_its_target_is_flagged() -> None:
    found = lanes([("h1", Decimal(2)), ("h2", Decimal(1)), ("h3", Decimal(1))])
    assert [(lane.share_pct, lane.gap, lane.flagged) for lane in found] == [
        (50, 10, False),
        (25, -15, True),
        (25, 5, False),
    ]
    assert [(lane.share_pct, lane.flagged) for lane in lanes([])] == [(None, False)] * 3


def test_people_carry_the_best_first_up_to_120_of_100() -> None:
    demands = [Demand(1, JAN, 2, 420), Demand(2, JAN, 1, 380), Demand(3, JAN, 1, 110), Demand(4, FEB, 1, 500)]
    assert carried(demands[:3], 760) == ({1, 2, 3}, {})
    assert [(month.hours, round(month.load_pct or 0, 1), month.over) for month in load_of(demands[:3], 760)] == [
        (910, Decimal("119.7"), False), (420, Decimal("55.3"), False),
    ]  # fmt: skip
    fits, moves = carried(demands, 760)
    assert (fits, moves) == ({1, 2, 3}, {4: date(2027, 3, 1)})
    assert carried([Demand(1, JAN, 1, 121)], 100) == (set(), {})
    assert carried([Demand(1, JAN, 1, 120)], 100) == ({1}, {})
    assert [month.load_pct for month in load_of(demands, None)] == [None, None]


# -- records -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and their account."""
    return make_cast()


def test_no_score_without_what_it_rests_on(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        make("initiative", account=cast.account, title="A", feasibility=60)
    assert [error["loc"] for error in refused.value.errors] == [["feasibility_source"]]
    assert make("initiative", account=cast.account, title="A").currency == cast.account.currency


def test_gates_open_one_by_one_for_what_passes(cast: Cast) -> None:
    rtype = registry.get("initiative")
    one = make("initiative", account=cast.account, title="A", owner=None, **scores(80, 70, 60, 75, 49, 80))

    def advance(gate: int, **more: Any) -> Any:
        return services.update(system(), rtype, one.pk, {"gate": gate, **more})

    with pytest.raises(Refused, match=r"score does not pass, it has no budget, nobody answers for it\.$"):
        advance(1)
    with pytest.raises(Refused, match="gate 1 comes first"):
        advance(2)
    able = {"owner": cast.owner.pk, "budget": 1000, "relationship_leverage": 100}
    assert advance(1, **able).gate == 1
    with pytest.raises(Refused, match=r"gate 2: its risk profile is below 50\.$"):
        advance(2)
    assert advance(2, risk_profile=50).gate == 2
    assert advance(0).gate == 0


def test_the_best_comes_first_and_capacity_ends_somewhere(cast: Cast) -> None:
    far = make("account", name="Far away")
    change_setting(system(), "growth.capacity_hours", 100)
    plan = {"start_on": JAN, "months": 12, "hours_a_month": 80, "budget": 40}
    route = make("route", account=cast.account, title="Predict", type="upsell")
    make("initiative", account=cast.account, title="Unscored", budget=10)
    make("initiative", account=cast.account, title="Weak", **scores(*[50] * 6), **plan | {"months": 25})
    make("initiative", account=cast.account, title="Best", routes=[route.pk], **scores(*WORKED), **plan)
    make("initiative", account=far, title="Beyond", **scores(*[90] * 6), **plan | {"months": 13, "hours_a_month": 30})
    make("initiative", account=cast.account, title="Over", status="done", **scores(*[99] * 6), **plan)
    found = initiatives_of(system())
    assert [(row.initiative.title, row.points, row.passes, row.horizon, row.fits) for row in found.rows] == [
        ("Beyond", 90, True, "h2", True), ("Best", Decimal("73.5"), True, "h1", True), ("Weak", 50, False, "h3", False),
        ("Unscored", None, None, "", None),
    ]  # fmt: skip
    assert (found.line, found.rows[2].moves_to) == (2, date(2028, 1, 1))
    assert [(lane.budget, lane.flagged) for lane in found.lanes] == [(40, False), (40, False), (40, True)]
    assert [row.initiative.title for row in found.rest] == ["Over"]
    assert [one.title for one in found.rows[1].routes] == ["Predict"]
    mine = initiatives(as_user(cast.outsider))
    assert [row["title"] for row in mine["rows"] if row["account"] == cast.account.key] == []
    told = Api(cast.admin).get(f"/portfolio/initiatives?group={cast.account.key}").json()
    assert [(row["title"], row["score"], row["fits"]) for row in told["rows"]] == [
        ("Best", 73.5, True), ("Weak", 50, False), ("Unscored", None, None),
    ]  # fmt: skip
    assert "1 of 3 have no start" in told["notes"][0]
    assert problem(Api(cast.admin).get("/portfolio/initiatives?show=all"), 400)["errors"]


def test_the_page_draws_the_line_and_files_hold_all(cast: Cast) -> None:
    change_setting(system(), "growth.capacity_hours", 100)
    plan = {"start_on": JAN, "months": 12, "hours_a_month": 80}
    make("initiative", account=cast.account, title="Best", **scores(*WORKED), **plan)
    make("initiative", account=cast.account, title="Next", **scores(*[50] * 6), **plan)
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get("/book/whitespace/initiatives").content.decode()
    assert text.index("Best</a>") < text.index("Capacity ends here") < text.index("Next</a>")
    assert "from Jan 2028" in text
    lines = browser.get("/book/whitespace/initiatives/export/csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[:4] for line in lines[1:]] == [["1", "73.5", "yes", "Best"], ["2", "50.0", "no", "Next"]]
    change_setting(system(), "growth.capacity_hours", 0)
    assert "is not told" in browser.get("/book/whitespace/initiatives").content.decode()
