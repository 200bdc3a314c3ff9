"""White space across accounts: what counts, the order in which to pursue it, who sees it; on its page, in files, API and command."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import BusinessUnit, ExchangeRate
from trackline.align.models import Contract, Route
from trackline.align.rules.matrix import wallet_of
from trackline.book.queries.register import opened, register
from trackline.book.queries.whitespace import whitespace, whitespace_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """Two accounts of the owner's team and one of nobody's, with cells of every kind."""
    cast = make_cast()
    inspect, predict, trace = (make("product", name=name) for name in ("Inspect", "Predict", "Trace"))
    forge = make("business_unit", account=cast.account, name="Forge")
    contract = make("contract", account=cast.account, ref="C-1", currency="EUR")
    make("contract_item", contract=contract, product=inspect, business_unit=forge, arr=90)
    scores = {"strategic_fit": 4, "economic_impact": 5, "feasibility": 3, "relationship_leverage": 4}
    make(
        "whitespace_cell",
        business_unit=forge,
        product=predict,
        value=100,
        currency="EUR",
        competitor="Rival",
        competitor_share=60,
        **scores,
    )
    make(
        "whitespace_cell",
        business_unit=forge,
        product=trace,
        value=900,
        currency="EUR",
        **{**scores, "economic_impact": 3},
    )
    far = make_account("Far away", currency="EUR", tier=2)
    mill = make("business_unit", account=far, name="Mill")
    make("whitespace_cell", business_unit=mill, product=predict, addressable=1000, attainable_pct=30, currency="EUR")
    make("whitespace_cell", business_unit=mill, product=trace, value=None, currency="EUR", strategic_fit=5)
    gone = make_account("Gone", currency="EUR", status="churned")
    make("whitespace_cell", business_unit=make("business_unit", account=gone, name="Ruin"), product=predict, value=7000)
    return cast  # fmt: skip


def places(found: Any) -> list[tuple[str, str, Any]]:
    return [(place.cell.unit.name, place.cell.product.name, place.points) for place in found.places]


def test_the_register_reads_what_the_pages_of_white_space_read(cast: Cast) -> None:
    """A contract deploys a cell that people left open, a route gives one its value: the register knows both."""
    unit = BusinessUnit.objects.get(name="Forge")
    deployed, pursued = make("product", name="Guard"), make("product", name="Guide")
    make("whitespace_cell", business_unit=unit, product=deployed, value=5000, currency="EUR")
    make("contract_item", contract=Contract.objects.get(), product=deployed, business_unit=unit, arr=10)
    make(
        "route",
        account=cast.account,
        title="Guide",
        type="upsell",
        business_unit=unit,
        product=pursued,
        value=40,
        currency="EUR",
    )
    ctx = system()
    found = register(ctx)
    told = {one.row.facts["name"]: one.whitespace for one in opened(ctx, found, found.rows)}
    assert told == {line.account["name"]: line.totals.value for line in whitespace_of(ctx).lines}
    assert told["Far away"] == 300
    assert told[cast.account.name] == 1040


def test_what_scores_best_comes_first_then_what_is_worth_most(cast: Cast) -> None:
    found = whitespace_of(system())
    assert places(found) == [
        ("Forge", "Predict", 82), ("Forge", "Trace", 70), ("Mill", "Predict", None), ("Mill", "Trace", None),
    ]  # fmt: skip
    assert [place.go for place in found.places] == [True, False, None, None]
    assert [place.cell.value for place in found.places] == [100, 900, 300, None]
    assert found.counts == {"hot": 0, "go": 1, "backlog": 1, "unscored": 2, "unvalued": 1, "pursued": 0, "stale": 0}
    assert [(line.account["name"], line.totals.value, line.totals.deployed) for line in found.lines] == [
        (cast.account.name, 1000, 1), ("Far away", 300, 0),
    ]  # fmt: skip
    totals = found.placed.totals
    assert (totals.value, totals.counted, totals.open, totals.valued, totals.deployed) == (1300, 6, 5, 3, 1)
    predict = next(product.pk for product in found.products if product.name == "Predict")
    assert found.columns[predict].value == 400


def test_what_is_asked_for_narrows_places_and_accounts_the_grid(cast: Cast) -> None:
    assert [place.cell.unit.name for place in whitespace_of(system(), show="go").places] == ["Forge"]
    assert places(whitespace_of(system(), {"tier": "2"}))[0][0] == "Mill"
    assert whitespace_of(system(), {"tier": "2"}).placed.totals.counted == 3
    only = whitespace_of(system(), account="far-away")
    assert ({place.cell.unit.name for place in only.places}, len(only.lines)) == ({"Mill"}, 2)
    predict = next(product.pk for product in only.products if product.name == "Predict")
    assert [name for _, name, _ in places(whitespace_of(system(), product=predict))] == ["Predict", "Predict"]


def test_an_outsider_counts_nothing_of_it(cast: Cast) -> None:
    told = whitespace(as_user(cast.outsider))
    assert cast.account.key not in {row["account"] for row in told["cells"]} | {row["key"] for row in told["accounts"]}
    assert Api(cast.outsider).get("/portfolio/whitespace").json()["cells"] == told["cells"] == []


def test_spend_and_contract_are_told_in_the_currency_of_the_grid(cast: Cast) -> None:
    ExchangeRate.objects.create(currency="JPY", on="2026-01-31", rate="0.01")
    unit = make("business_unit", account=make_account("Abroad", currency="JPY"), name="Port")
    predict = whitespace_of(system()).products[1]
    contract = make("contract", account=unit.account, ref="C-9", currency="EUR")
    make("contract_item", contract=contract, product=predict, business_unit=unit, arr=40)
    make("whitespace_cell", business_unit=unit, product=predict, addressable=10_000, attainable_pct=50, currency="JPY")
    cell = next(one for one in whitespace_of(system()).placed.cells if one.unit.name == "Port")
    assert (cell.addressable, cell.contracted, cell.value, cell.wallet.saturation_pct) == (100, 40, 10, 80)
    line = next(one for one in whitespace(system())["accounts"] if one["name"] == "Abroad")
    pool = next(one for one in line["products"] if one["product"] == str(predict.pk))
    assert (pool["wallet_pct"], pool["saturation_pct"], pool["colour"]) == (40, 80, "green")
    quay = make("business_unit", account=unit.account, name="Quay")
    make("contract_item", contract=contract, product=predict, business_unit=quay, arr=70)
    line = next(one for one in whitespace(system())["accounts"] if one["name"] == "Abroad")
    assert line["products"][0]["colour"] is None, "what the quay spends is not known, though it buys"


@pytest.mark.parametrize(
    ("pools", "share", "shown"),
    [
        ([("8000000", "35", "1600000")], 20, "amber"),
        ([("3000000", "20", "900000")], 30, "green"),
        ([("1000", "100", "800")], 80, "green"),
        ([("1000", "100", "799")], Decimal("79.9"), "amber"),
        ([("1000", "100", "400")], 40, "amber"),
        ([("1000", "100", "399")], Decimal("39.9"), "red"),
        ([("1000", "100", None)], 0, "red"),
        (
            [("1000", "50", "100"), ("3000", "10", None), (None, "50", "900"), ("700", None, "700")],
            Decimal("2.5"),
            "red",
        ),
        ([("1000", None, "400")], None, ""),
        ([], None, ""),
    ],
)
def test_the_colour_is_how_much_of_what_is_attainable_is_ours(pools: Any, share: Any, shown: str) -> None:
    wallet = wallet_of(tuple(None if one is None else Decimal(one) for one in pool) for pool in pools)
    assert (wallet.share_pct, wallet.colour) == (share, shown)


def test_the_page_starts_a_route_and_the_files_hold_what_is_listed(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.owner)
    text = browser.get("/book/whitespace").content.decode()
    assert "could still be sold" in text
    assert "82" in text and "Rival" in text
    best = whitespace_of(as_user(cast.owner)).places[0].cell
    browser.post("/whitespace/route", {"business_unit": best.unit.pk, "product": best.product.pk})
    route = Route.objects.get()
    assert (route.type, route.value) == ("cross_sell", 100)
    assert whitespace_of(as_user(cast.owner)).counts["pursued"] == 1
    lines = browser.get("/book/whitespace/export/csv?show=go").content.decode("utf-8-sig").splitlines()
    assert (len(lines), "Forge,Predict,In pipeline,cross_sell,100" in lines[1]) == (2, True)
    answer: Any = browser.get("/book/whitespace/export/xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert sheets.sheetnames == ["Cells", "Accounts"]
    assert [cell.value for cell in sheets["Accounts"][2]][1] == cast.account.name
    narrowed = browser.get(f"/book/whitespace?account={cast.account.key}&product={best.product.pk}").content.decode()
    assert f"{cast.account.name}, Predict" in narrowed


def test_the_api_tells_the_same(cast: Cast) -> None:
    told = Api(cast.admin).get("/portfolio/whitespace?show=go").json()
    assert [(row["business_unit_name"], row["priority"], row["go"]) for row in told["cells"]] == [("Forge", 82, True)]
    assert told["totals"]["value"] == 1300


def test_scores_stay_within_0_and_5(cast: Cast) -> None:
    cell = whitespace_of(system()).places[0].cell.record
    assert cell is not None
    refused = Api(cast.admin).patch(f"/whitespace-cells/{cell.pk}", {"strategic_fit": 5.5}, headers={"If-Match": "*"})
    assert refused.status_code == 422
    Api(cast.admin).patch(f"/whitespace-cells/{cell.pk}", {"strategic_fit": 4.5}, headers={"If-Match": "*"})
    assert whitespace_of(system()).places[0].points == Decimal(85)
