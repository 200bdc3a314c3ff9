"""White space: worked examples of WSP-02 to WSP-07, what contracts and routes say of a cell, groups in one currency."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.api.client import Api
from tests.factories import NOW, make, make_account, make_user, system
from trackline.accounts.models import Account
from trackline.accounts.rates import Rates
from trackline.align import whitespace
from trackline.align.models import Contract
from trackline.align.rules.matrix import OPEN, attainable, kind_of, state_of, totals
from trackline.align.services import advance_route
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

TODAY = NOW.date()
EUR = Rates("EUR", {"JPY": Decimal("0.006")}, {"JPY": date(2026, 10, 31)})
STATES = ("not_sold", "pilot", "in_pipeline", "deployed", "not_applicable")

# -- rules ---------------------------------------------------------------------------------------------------------


def test_rows_add_up_to_430_thousand() -> None:
    rows = [
        [("deployed", None), ("not_sold", Decimal(90)), ("not_sold", Decimal(60))],
        [("deployed", None), ("deployed", None), ("not_sold", Decimal(80))],
        [("not_sold", Decimal(100)), ("not_sold", Decimal(60)), ("not_sold", Decimal(40))],
    ]
    assert [totals(row).value for row in rows] == [150, 80, 200]
    every = totals([cell for row in rows for cell in row])
    assert (every.value, every.open, every.penetration_pct) == (430, 6, Decimal(300) / 9)


def test_four_of_six_open_cells_are_quantified() -> None:
    found = totals([("not_sold", Decimal(1))] * 4 + [("pilot", None), ("in_pipeline", None), ("not_applicable", None)])
    assert found.quantified_pct is not None
    assert round(found.quantified_pct, 1) == Decimal("66.7")
    assert (found.counted, totals([]).quantified_pct, totals([]).penetration_pct) == (6, None, None)


@pytest.mark.parametrize(
    ("state", "row", "kind"),
    [
        ("not_sold", ["deployed", "not_sold"], "cross_sell"), ("pilot", ["pilot"], "new_unit"),
        ("deployed", ["deployed"], "upsell"), ("not_applicable", ["deployed"], ""),
    ],
)  # fmt: skip
def test_the_row_says_which_route_a_cell_calls_for(state: str, row: list[str], kind: str) -> None:
    assert kind_of(state, row) == kind


def test_attainable_spend_that_is_not_ours() -> None:
    assert attainable(Decimal(1_000_000), Decimal(30), Decimal(120_000)) == 180_000
    assert attainable(Decimal(3_000_000), Decimal(20), Decimal(900_000)) == 0
    assert attainable(None, Decimal(30), None) is None


@given(st.sampled_from([None, *STATES]), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_contract_makes_a_cell_deployed_and_an_open_route_never_hides_it(
    said: str | None, contracted: bool, pursued: bool, won: bool, lost: bool
) -> None:
    found = state_of(said, contracted=contracted, pursued=pursued, won=won, lost=lost)
    assert found in STATES
    if contracted or said == "deployed":
        assert found == "deployed"
    elif pursued:
        assert found == "in_pipeline"
    elif won:
        assert found == "deployed"


@given(st.lists(st.tuples(st.sampled_from(STATES), st.none() | st.decimals(0, 10**6, places=2)), max_size=12))
def test_totals_of_parts_add_up(cells: list[tuple[str, Decimal | None]]) -> None:
    halves = totals(cells[:5]), totals(cells[5:])
    whole = totals(cells)
    assert whole.value == halves[0].value + halves[1].value
    assert whole.valued <= whole.open == sum(state in OPEN for state, _ in cells)


# -- on records ----------------------------------------------------------------------------------------------------


@pytest.fixture
def unit(db: None) -> Any:
    return make("business_unit", account=make_account(currency="EUR"), name="Nagoya plant")


@pytest.fixture
def trace(db: None) -> Any:
    return make("product", name="Trace")


def state(unit: Any, product: Any) -> str:
    return whitespace.cell_of(unit, product, TODAY, EUR).state


def contract(unit: Any, product: Any, **more: Any) -> Any:
    signed = make("contract", account=unit.account, ref="C-1", **more)
    return make("contract_item", contract=signed, product=product, business_unit=unit, arr=690_000)


@pytest.mark.parametrize(("ends", "expected"), [(0, "deployed"), (-1, "not_sold"), (None, "deployed")])
def test_a_running_contract_for_the_unit_deploys_its_product(
    unit: Any, trace: Any, ends: int | None, expected: str
) -> None:
    contract(unit, trace, end_on=None if ends is None else TODAY + timedelta(days=ends))
    assert state(unit, trace) == expected


def test_a_route_moves_its_cell_and_undo_moves_it_back(unit: Any, trace: Any) -> None:
    make("whitespace_cell", business_unit=unit, product=trace, value=420_000)
    route = whitespace.start_route(system(), unit.pk, trace.pk, EUR)
    assert (route.type, route.value, route.title) == ("new_unit", 420_000, "Trace, Nagoya plant")
    assert state(unit, trace) == "in_pipeline"
    lost = advance_route(system(), route.pk, "lost", "price")
    assert state(unit, trace) == "not_sold"
    services.undo(system(), lost.last_change.pk)
    assert state(unit, trace) == "in_pipeline"


def test_a_won_route_deploys(unit: Any, trace: Any) -> None:
    make("route", account=unit.account, title="Trace", type="upsell", business_unit=unit, product=trace, state="won")
    assert state(unit, trace) == "deployed"


def test_one_open_route_a_cell(unit: Any, trace: Any) -> None:
    whitespace.start_route(system(), unit.pk, trace.pk, EUR)
    with pytest.raises(Refused, match="open for this cell already"):
        whitespace.start_route(system(), unit.pk, trace.pk, EUR)


def test_nothing_is_sold_where_it_does_not_apply(unit: Any, trace: Any) -> None:
    make("whitespace_cell", business_unit=unit, product=trace, state="not_applicable")
    with pytest.raises(Refused, match="not applicable"):
        whitespace.start_route(system(), unit.pk, trace.pk, EUR)


def test_a_unit_that_buys_already_is_cross_sold_to(unit: Any, trace: Any) -> None:
    contract(unit, make("product", name="Inspect"))
    assert whitespace.start_route(system(), unit.pk, trace.pk, EUR).type == "cross_sell"


def test_spend_and_share_give_a_value_where_nobody_gave_one(unit: Any, trace: Any) -> None:
    make("whitespace_cell", business_unit=unit, product=trace, addressable=1_000_000, attainable_pct=30)
    assert whitespace.cell_of(unit, trace, TODAY, EUR).value == 300_000


@pytest.mark.parametrize(("days", "old"), [(180, False), (181, True)])
def test_values_that_nobody_reviewed_are_dimmed(unit: Any, trace: Any, days: int, old: bool) -> None:
    make("whitespace_cell", business_unit=unit, product=trace, value=1, reviewed_on=TODAY - timedelta(days=days))
    assert whitespace.cell_of(unit, trace, TODAY, EUR).stale is old


def test_one_cell_a_place_and_no_share_without_a_name(unit: Any, trace: Any) -> None:
    cell = make("whitespace_cell", business_unit=unit, product=trace)
    with pytest.raises(Invalid, match="Change that one"):
        make("whitespace_cell", business_unit=unit, product=trace)
    with pytest.raises(Invalid, match="name of the competitor"):
        services.update(system(), registry.get("whitespace_cell"), cell.pk, {"competitor_share": 40})
    assert (cell.currency, cell.reviewed_on) == ("EUR", TODAY)


def test_a_group_adds_up_in_one_currency_and_names_what_it_cannot_convert(unit: Any, trace: Any) -> None:
    below = make_account("Okada Seimitsu", parent=unit.account, currency="JPY")
    other = make_account("Brandt Guss", parent=unit.account, currency="XAF")
    accounts: list[Account] = [unit.account, below, other]
    for account, value in zip(accounts, (100, 10_000, 5), strict=True):
        place = unit if account is unit.account else make("business_unit", account=account, name="Plant")
        make("whitespace_cell", business_unit=place, product=trace, value=value)
    signed = make("contract", account=below, ref="C-2")
    make("contract_item", contract=signed, product=trace)
    grid = whitespace.grid_of([account.pk for account in accounts], TODAY, EUR, "EUR")
    assert (grid.totals.value, grid.left_out, grid.unplaced) == (160, 1, 1)
    assert [column.value for column in grid.columns] == [160]


def test_a_cell_a_unit_and_the_account_tell_how_much_of_the_wallet_is_ours(unit: Any, trace: Any) -> None:
    contract(unit, trace, currency="EUR")
    inspect, predict = make("product", name="Inspect"), make("product", name="Predict")
    make("whitespace_cell", business_unit=unit, product=trace, addressable=1_000_000, attainable_pct=75)
    make("whitespace_cell", business_unit=unit, product=inspect, addressable=500_000, attainable_pct=50)
    make(
        "whitespace_cell", business_unit=unit, product=predict, state="not_applicable", addressable=9, attainable_pct=50
    )
    grid = whitespace.grid_of([unit.account.pk], TODAY, EUR, "EUR")
    by_name = {cell.product.name: cell.wallet for cell in grid.rows[0].cells}
    assert [(by_name[name].saturation_pct, by_name[name].colour) for name in ("Trace", "Inspect", "Predict")] == [
        (92, "green"), (0, "red"), (None, ""),
    ]  # fmt: skip
    assert [wallet.colour for wallet in grid.wallets] == ["red", "", "green"]
    assert (grid.rows[0].wallet.saturation_pct, grid.wallet.share_pct, grid.wallet.colour) == (69, 46, "amber")
    make("contract_item", contract=Contract.objects.get(), product=predict, business_unit=unit, arr=5)
    blind = whitespace.grid_of([unit.account.pk], TODAY, EUR, "EUR")
    assert sum(cell.blind for cell in blind.rows[0].cells) == 0, "what predict spends was said"
    make(
        "contract_item",
        contract=Contract.objects.get(),
        product=make("product", name="Zeta"),
        business_unit=unit,
        arr=5,
    )
    blind = whitespace.grid_of([unit.account.pk], TODAY, EUR, "EUR")
    assert (sum(cell.blind for cell in blind.rows[0].cells), blind.wallet.colour) == (1, "")


def test_page_file_and_api_tell_the_same_share(unit: Any, trace: Any) -> None:
    contract(unit, trace, currency="EUR")
    url = f"/accounts/{unit.account.key}/align/whitespace"
    browser = Client()
    browser.force_login(make_user("admin", role="admin"))
    assert "our share of it shows in colour" in browser.get(url).content.decode()
    make("whitespace_cell", business_unit=unit, product=trace, addressable=1_000_000, attainable_pct=75)
    text = browser.get(url).content.decode()
    assert "92 % of what is attainable is ours (green)" in text.replace("\xa0", " ")
    assert text.count('class="chip green num"') == 4, "the cell, its unit, its product, the account"
    assert "green from 80 %" in text.replace("\xa0", " ")
    lines = browser.get(f"{url}/export/csv").content.decode("utf-8-sig").splitlines()
    row = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert [row[name] for name in ("wallet_pct", "saturation_pct", "colour")] == ["69.0", "92.0", "green"]
    told = Api(make_user("other", role="admin")).get(f"/accounts/{unit.account.key}/whitespace").json()
    for sums in (told["cells"][0], told["rows"][0], told["columns"][0], told["totals"]):
        assert (sums["wallet_pct"], sums["saturation_pct"], sums["colour"]) == (69, 92, "green")


def test_queries_do_not_grow_with_the_grid(unit: Any, trace: Any, django_assert_num_queries: Any) -> None:
    for number in range(6):
        place = make("business_unit", account=unit.account, name=f"Unit {number}")
        make("whitespace_cell", business_unit=place, product=make("product", name=f"Product {number}"), value=number)
        make("route", account=unit.account, title="R", type="upsell", business_unit=place, product=trace)
    with django_assert_num_queries(5):
        grid = whitespace.grid_of([unit.account.pk], TODAY, EUR, "EUR")
    assert (len(grid.rows), len(grid.products)) == (7, 7)
