"""Business cases: cash flows put to the rule, lines that move the result (VAL-04 to VAL-08)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, make, make_account, make_cast, system
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.reveal.cases import Result, results_of
from trackline.reveal.models import BusinessCase
from trackline.workspace.queries.account.business_case import case_page, lines_of
from trackline.workspace.records.cash_flows import sheet_of
from trackline.workspace.templatetags.value_charts import tornado

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
WORKED = ((0, "Roll-out", None, 500_000), (1, "Saving", 250_000, None), (2, "Saving", 350_000, None),
          (3, "Saving", 350_000, None), (1, "Running", None, 60_000), (2, "Running", None, 60_000),
          (3, "Running", None, 60_000))  # fmt: skip


def make_case(lines: Any = WORKED, account: Any = None, **more: Any) -> Any:
    """A case with its cash flows."""
    case = make("business_case", account=account or make_account(), title="Trace in Nagoya", **more)
    for year, title, benefit, cost in lines:
        given = {"benefit": benefit} if benefit is not None else {"cost": cost}
        make("case_line", business_case=case, year=year, title=title, **given)
    return case


def result_of(case: Any) -> Result:
    """What it is worth."""
    return results_of(BusinessCase.objects.filter(pk=case.pk).select_related("account"), TODAY)[case.pk]


def test_the_worked_example() -> None:
    found = result_of(make_case())
    details = found.found.details
    assert found.npv is not None
    assert round(found.npv) == 130_278
    assert round(details["irr_pct"], 1) == Decimal("23.2")
    assert (round(details["payback_years"], 2), round(details["discounted_payback_years"], 2)) == (
        Decimal("2.07"),
        Decimal("2.40"),
    )
    assert round(details["break_even_pct"], 1) == Decimal("83.3")
    assert [(one.number, one.net, one.total) for one in found.years] == [
        (0, -500_000, -500_000),
        (1, 190_000, -310_000),
        (2, 290_000, -20_000),
        (3, 290_000, 270_000),
    ]
    assert round(sum(one.present for one in found.years)) == 130_278


def test_the_lines_that_move_it_most_stand_first_and_agree_with_the_rule() -> None:
    found = result_of(make_case())
    assert [one.title for one in found.swings] == ["Saving", "Roll-out", "Running"]
    cases = {row["factor_pct"]: row["npv"] for row in found.found.details["cases"]}
    saving = found.swings[0]
    assert (round(saving.lower, 6), round(saving.higher, 6)) == (round(cases[80], 6), round(cases[120], 6))
    assert (round(found.swings[1].lower), round(found.swings[1].higher)) == (230_278, 30_278)


def test_without_a_change_of_sign_there_is_no_return_and_it_is_said() -> None:
    found = result_of(make_case([(0, "Roll-out", None, 100), (1, "Running", None, 50)]))
    assert found.found.details["irr_pct"] is None
    assert found.found.notes == ("The net never changes sign: there is no rate of return.",)
    page = case_page(BusinessCase.objects.select_related("account").get(), found)
    assert (page.irr, page.payback, page.break_even) == ("none", "none", "none")
    assert "never paid back" in page.finding
    assert "There" not in tornado(page, page.finding)


def test_without_cash_flows_nothing_is_invented() -> None:
    found = result_of(make_case([]))
    assert (found.npv, found.years, found.swings) == (None, [], [])
    assert "lines" in found.found.missing


def test_a_line_needs_money_and_a_year_that_can_be() -> None:
    case = make_case([])
    with pytest.raises(Invalid, match="benefit or a cost"):
        make("case_line", business_case=case, year=1, title="Nothing")
    for wrong in ({"year": 101, "cost": 1}, {"year": 1, "cost": -1}):
        with pytest.raises(Invalid):
            given = {"business_case": str(case.pk), "title": "Wrong", **wrong}
            services.create(system(), registry.get("case_line"), given, parse="json")


def test_the_sheet_has_a_row_a_line_and_offers_what_is_empty() -> None:
    case = make_case([*WORKED, (1, "Saving", 5, None), (2, "Saving", None, 7)])
    sheet = sheet_of(system(), case)
    assert list(sheet.years) == [0, 1, 2, 3]
    assert [(row.title, row.side) for row in sheet.rows] == [
        ("Saving", "benefit"), ("Saving", "benefit"), ("Roll-out", "cost"), ("Running", "cost"), ("Saving", "cost"),
    ]  # fmt: skip
    saving = sheet.rows[0].cells
    assert "year=0" in saving[0]
    assert "data-cell" in saving[1]
    assert "250,000" in saving[1]


def test_queries_do_not_grow_with_cases() -> None:
    account = make_account()
    counts = []
    for _ in range(2):
        for _ in range(3):
            make_case(account=account)
        with CaptureQueriesContext(connection) as asked:
            results_of(BusinessCase.objects.select_related("account"), TODAY)
        counts.append(len(asked))
    assert counts == [3, 3]


def test_the_page_shows_it_and_hands_it_out_as_a_file() -> None:
    cast: Cast = make_cast()
    case = make_case(account=cast.account)
    route = make("route", account=cast.account, title="Trace", type="upsell", value=5, business_case=case)
    client = Client()
    client.force_login(cast.owner)
    shown = client.get(f"/r/business_case/{case.pk}").content.decode()
    assert "Worth €130k today at 10 % a year; paid back after 2.07\u00a0years." in shown
    assert "What the result rests on" in shown
    assert route.title in shown
    text = client.get(f"/r/business_case/{case.pk}/export/csv").content.decode()
    assert "\nNet present value,130277" in text.replace("\r", "")
    assert client.get(f"/r/business_case/{case.pk}/export/xlsx").status_code == 200
    assert any(row[:1] == ["Saving"] for row in lines_of(case_page(case, result_of(case))))
