"""Scenarios: factors, cut-offs and room in tiers beside the present ranking; page, API, command. Nothing live changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, as_user, make, make_account, make_cast, make_model, system
from trackline.accounts.models import Account
from trackline.book.models import ScoringModel, ScoringRun, ScoringScenario
from trackline.book.queries.scenarios import effect_of
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.scoring.scenarios import samples, supposing
from trackline.delivery.cli.root import root
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def criterion(key: str, weight: int, name: str, direction: str = "up") -> dict[str, Any]:
    """A criterion fed by a field."""
    feeds = [{"kind": "field", "name": name}]
    return {"key": key, "label": key.capitalize(), "weight": weight, "direction": direction, "feeds": feeds}


@pytest.fixture
def cast() -> Cast:
    """Three accounts by revenue (60) and few people (40): 60, 70, 20 points, cut at 70, 50, 30."""
    cast = make_cast()
    Account.objects.update(status="prospect")
    ScoringModel.objects.all().delete()
    criteria = [criterion("revenue", 60, "arr"), criterion("people", 40, "client_fte", "down")]
    make_model(name="Two criteria", from_on=None, criteria=criteria)
    for name, arr, fte in (("Anker", 900, 300), ("Birke", 500, 100), ("Ceder", 100, 200)):
        make_account(name, arr=arr, client_fte=fte, owner=cast.owner)
    return cast


def now() -> Context:
    return system(timezone.now())


def after(**asked: Any) -> dict[str, tuple[float, int, int | None]]:
    """Score, rank and tier of each account as a scenario has them."""
    found = effect_of(now(), supposing(asked))
    names = dict(Account.objects.values_list("pk", "name"))
    return {names[one.account]: (float(one.score), one.rank, one.tier) for one in found.after.places}


def test_nothing_supposed_changes_nothing(cast: Cast) -> None:
    assert after() == {"Anker": (60, 2, 2), "Birke": (70, 1, 1), "Ceder": (20, 3, None)}
    assert not effect_of(now(), supposing({})).shifts


def test_factors_on_weights_are_scaled_back(cast: Cast) -> None:
    """Revenue × 3 weighs 180 of 220."""
    found = after(weights={"revenue": 3})
    assert [(name, round(score, 4), rank) for name, (score, rank, _) in found.items()] == [
        ("Anker", 81.8182, 1), ("Birke", 59.0909, 2), ("Ceder", 9.0909, 3),
    ]  # fmt: skip
    assert {name: tier for name, (_, _, tier) in found.items()} == {"Anker": 1, "Birke": 2, "Ceder": None}


def test_a_figure_that_counts_less_is_not_made_up_for(cast: Cast) -> None:
    assert after(figures={"people": "0.5"}) == {"Anker": (60, 1, 2), "Birke": (50, 2, 2), "Ceder": (10, 3, None)}
    assert after(figures={"revenue": 0}) == {"Anker": (0, 3, None), "Birke": (40, 1, 3), "Ceder": (20, 2, None)}


def test_both_factors_together(cast: Cast) -> None:
    """Weights 120 and 40 of 160; people count half: Birke 75 × .5 + 25 × .5."""
    score = after(weights={"revenue": 2}, figures={"people": "0.5"})["Birke"][0]
    assert round(score, 6) == 50


def test_cuts_and_methods(cast: Cast) -> None:
    assert {name: tier for name, (_, _, tier) in after(cuts={"1": 60}).items()} == {
        "Anker": 1,
        "Birke": 1,
        "Ceder": None,
    }
    assert {name: tier for name, (_, _, tier) in after(cutoffs="book").items()} == {"Anker": 2, "Birke": 1, "Ceder": 3}


@pytest.mark.parametrize(
    ("room", "tiers"),
    [
        ({"1": 1}, {"Anker": 2, "Birke": 1, "Ceder": None}),
        ({"1": 0}, {"Anker": 2, "Birke": 2, "Ceder": None}),
        ({"1": 0, "2": 1}, {"Anker": 3, "Birke": 2, "Ceder": None}),
        ({"1": 0, "2": 0, "3": 1}, {"Anker": None, "Birke": 3, "Ceder": None}),
    ],
)
def test_room_in_tiers_pushes_the_lowest_down(cast: Cast, room: dict[str, int], tiers: dict[str, int | None]) -> None:
    assert {name: tier for name, (_, _, tier) in after(capacities=room).items()} == tiers


def test_equals_that_do_not_all_fit_all_wait(cast: Cast) -> None:
    make_account("Birke too", arr=500, client_fte=100)
    found = after(capacities={"1": 1})
    assert found["Birke"][2] == found["Birke too"][2] == 2
    notes = effect_of(now(), supposing({"capacities": {"1": 1}})).after.notes
    assert "Tier 1 is held to 1: a fixed number says nothing of how good accounts are." in notes


@pytest.mark.parametrize(
    ("asked", "loc"),
    [
        ({"weights": {"revenue": 11}}, ["weights", "revenue"]),
        ({"weights": {"revenue": -1}}, ["weights", "revenue"]),
        ({"weights": {"revenue": True}}, ["weights", "revenue"]),
        ({"weights": [2]}, ["weights"]),
        ({"figures": {"revenue": 1.01}}, ["figures", "revenue"]),
        ({"cuts": {"4": 10}}, ["cuts", "4"]),
        ({"cuts": {"1": 40, "2": 50}}, ["cuts"]),
        ({"capacities": {"1": 1.5}}, ["capacities", "1"]),
        ({"cutoffs": "top"}, ["cutoffs"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(asked: dict[str, Any], loc: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        supposing(asked)
    assert [error["loc"] for error in refused.value.errors] == [loc]


def test_a_factor_of_a_criterion_that_is_gone_does_nothing_and_says_so(cast: Cast) -> None:
    found = effect_of(now(), supposing({"weights": {"brand": 2}}))
    assert not found.shifts and found.after.notes[0] == "brand is no criterion of the model: its factor does nothing."


def test_no_weight_left(cast: Cast) -> None:
    found = effect_of(now(), supposing({"weights": {"revenue": 0, "people": 0}}))
    assert found.after.notes == ["No weight is left to score by."] and not found.after.places


def test_samples_make_sense() -> None:
    for sample in samples():
        assert supposing(sample).anything and sample["source"]


def test_saving_changes_nothing_live_and_is_taken_back(cast: Cast) -> None:
    refresh_ranking(now(), timezone.localdate())
    run = ScoringRun.objects.get()
    made = make("scoring_scenario", name="More revenue", weights={"revenue": Decimal(3)}, capacities={"1": 1})
    assert (made.weights, made.capacities) == ({"revenue": 3}, {"1": 1})
    assert ScoringRun.objects.get().pk == run.pk and ScoringModel.objects.count() == 1
    with pytest.raises(Invalid):
        make("scoring_scenario", name="Too much", weights={"revenue": 99})


def test_effects_are_read_once_for_all_scenarios(cast: Cast) -> None:
    def count() -> int:
        client.get("/book/model/scenarios")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/book/model/scenarios").status_code == 200
        return len(caught)

    client = Client()
    client.force_login(cast.owner)
    make("scoring_scenario", name="One", weights={"revenue": 2})
    before = count()
    for at in range(4):
        make("scoring_scenario", name=f"More {at}", weights={"revenue": 3})
    assert count() == before


def test_pages_save_show_and_discard(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.owner)
    assert "No scenario is saved" in client.get("/book/model/scenarios").content.decode()
    form = {
        "name": "More revenue",
        "note": "What if?",
        "w.revenue": "3",
        "w.people": "1",
        "f.people": "",
        "room.1": "1",
    }
    told = client.post("/book/model/scenarios/effect", form, headers=HTMX).content.decode()
    assert "2 of 3 accounts would score for another tier" in told and "Nothing is saved yet" in told
    assert client.post("/book/model/scenarios/new", form, headers=HTMX).status_code == 204
    made = ScoringScenario.objects.get()
    assert (made.owner, made.weights, made.capacities) == (cast.owner, {"revenue": 3}, {"1": 1})
    page = client.get("/book/model/scenarios").content.decode()
    assert "2 of 3 accounts would score for another tier" in page and "Revenue × 3; at most 1 in tier 1" in page
    assert 'value="3"' in client.get(f"/book/model/scenarios/{made.pk}").content.decode()
    stale = client.post(f"/book/model/scenarios/{made.pk}", form | {"version": "99"}, headers=HTMX)
    assert stale.status_code == 412
    wrong = client.post(f"/book/model/scenarios/{made.pk}", form | {"w.revenue": "many"}, headers=HTMX)
    assert wrong.status_code == 422 and "Revenue, factor on the weight" in wrong.content.decode()
    nameless = client.post(f"/book/model/scenarios/{made.pk}", form | {"name": " "}, headers=HTMX)
    assert nameless.status_code == 422 and "Give it a name." in nameless.content.decode()
    assert client.post(f"/book/model/scenarios/{made.pk}/discard", headers=HTMX).status_code == 204
    assert not ScoringScenario.objects.alive().exists()


def test_who_reads_only_sees_scenarios_and_saves_none(cast: Cast) -> None:
    make("scoring_scenario", name="More revenue", weights={"revenue": 3})
    client = Client()
    client.force_login(cast.facilitator)
    assert "More revenue" in client.get("/book/model/scenarios").content.decode()
    assert client.get("/book/model/scenarios/new").status_code == 403
    assert client.post("/book/model/scenarios/new", {"name": "Mine"}).status_code == 403


def test_what_is_out_of_scope_is_neither_named_nor_counted(cast: Cast) -> None:
    what = supposing({"weights": {"revenue": 3}})
    assert effect_of(as_user(cast.outsider, timezone.now()), what).accounts == 0
    assert effect_of(as_user(cast.owner, timezone.now()), what).accounts == 3


def test_api_and_command(cast: Cast) -> None:
    api = Api(cast.owner)
    asked = {"weights": {"revenue": 3}, "capacities": {"1": 1}}
    told = api.post("/scoring-scenarios/preview", asked).json()
    assert (told["accounts"], told["tiers"]) == (3, 2)
    assert problem(api.post("/scoring-scenarios/preview", {"weight": {}}), 422)["errors"]
    made = api.post("/scoring-scenarios", {"name": "More revenue", **asked}).json()
    assert api.get(f"/scoring-scenarios/{made['id']}/effect").json() == told
    problem(api.get("/scoring-scenarios/999999/effect"), 404)
    out = CliRunner().invoke(root, ["portfolio", "scenario", "--weight", "revenue=3", "--capacity", "1=1"])
    assert out.exit_code == 0 and "2 of 3 accounts would score for another tier" in out.output
    assert "Anker" in CliRunner().invoke(root, ["portfolio", "scenario", made["id"]]).output
    assert CliRunner().invoke(root, ["portfolio", "scenario", made["id"], "--weight", "revenue=3"]).exit_code == 2
    assert CliRunner().invoke(root, ["portfolio", "scenario", "--weight", "revenue"]).exit_code == 2
