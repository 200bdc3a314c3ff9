"""`trackline portfolio`."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from tests.delivery.cli.conftest import Shell
from tests.factories import make, make_account

pytestmark = pytest.mark.django_db


def test_each_command_prints_what_the_interface_names(shell: Shell) -> None:
    account = make_account(arr=100, renewal_date=date(2027, 1, 31))
    make("route", account=account, title="A", type="upsell", state="won", value=70, closed_on=date(2026, 3, 1))
    make("route", account=account, title="B", type="upsell", state="pursuing", value=50, probability=90)
    forecast = shell("portfolio", "forecast", "--json").json
    assert {"mean", "sd", "quantiles", "weighted", "commit", "by_quarter"} <= set(forecast)
    assert (forecast["mean"], forecast["weighted"]) == (45, 45)
    rows = shell("portfolio", "pipeline", "--by", "quarter", "--state", "won", "--json", "--as-of", "2026-12-31").json
    assert rows["rows"] == [{"key": "2026-Q1", "name": "2026-Q1", "value": 70, "count": 1}]
    told = shell("portfolio", "retention", "--from", "2026-01-01", "--to", "2026-12-31", "--json").json
    assert {"starting_arr", "expansion", "contraction", "churn", "nrr_pct", "grr_pct"} <= set(told)
    renewals = shell("portfolio", "renewals", "--json", "--as-of", "2027-01-01").json
    assert [(row["key"], row["days"]) for row in renewals["rows"]] == [(account.key, 30)]


def test_white_space_first_what_scores_best(shell: Shell) -> None:
    unit = make("business_unit", account=make_account("Ardent Rail", currency="EUR", tier=1), name="Forge")
    far = make("business_unit", account=make_account("Far away", currency="EUR", tier=2), name="Mill")
    product = make("product", name="Predict")
    scores = {"strategic_fit": 4, "economic_impact": 5, "feasibility": 3, "relationship_leverage": 4}
    make("whitespace_cell", business_unit=far, product=product, value=900, currency="EUR")
    make("whitespace_cell", business_unit=unit, product=product, value=100, currency="EUR", **scores)
    told = shell("portfolio", "whitespace", "--json").json
    assert [(row["business_unit_name"], row["priority"]) for row in told["cells"]] == [("Forge", 82), ("Mill", None)]
    out = shell("portfolio", "whitespace", "--show", "go", "--tier", "1").out
    assert "Forge" in out
    assert "Mill" not in out
    assert "€100 open; 1 of 1" in out


def test_white_space_that_is_hot(shell: Shell) -> None:
    account = make_account("Ardent Rail", currency="EUR")
    notes = [make("note", account=account, title=title, on=timezone.localdate()).pk for title in ("One", "Two")]
    for name, value, tied in (("Forge", 100, notes), ("Mill", 90, [])):
        unit = make("business_unit", account=account, name=name)
        product = make("product", name=f"For {name}")
        make("whitespace_cell", business_unit=unit, product=product, value=value, currency="EUR", notes=tied)
    out = shell("portfolio", "whitespace", "--show", "hot").out
    assert "2, hot" in out
    assert "Mill" not in out


def test_for_people(shell: Shell) -> None:
    account = make_account(arr=100, renewal_date=date(2027, 1, 31), tier=1)
    make("route", account=account, title="B", type="upsell", state="pursuing", value=50, probability=90)
    assert "Commit for" in shell("portfolio", "forecast").out
    assert "€50" in shell("portfolio", "pipeline", "--by", "stage").out
    assert "No route is lost." in shell("portfolio", "pipeline", "--by", "stage", "--state", "lost").out
    assert "Net retention" in shell("portfolio", "retention").out
    assert account.name in shell("portfolio", "renewals").out
    assert "No account is at risk." in shell("portfolio", "at-risk").out
    make_account("Nordwall Logistik", arr=900, status="at_risk")
    told = shell("portfolio", "at-risk")
    assert "1 account at risk with €900" in told.out
    assert "new on the list" in told.out
    (row,) = shell("portfolio", "at-risk", "--json").json["rows"]
    assert (row["key"], row["arr"], row["reasons"], row["recovery"]) == ("nordwall-logistik", 900, ["marked"], None)
    assert "Okada Brandt" in shell("portfolio", "tiers").out


def test_wrong_usage_exits_with_2(shell: Shell) -> None:
    for words in (
        ("pipeline",),
        ("pipeline", "--by", "colour"),
        ("forecast", "--as-of", "31.12.2026"),
        ("forecast", "--as-of", "20261231"),
        ("retention", "--from", "2026-12-31", "--to", "2026-01-01"),
    ):
        assert shell("portfolio", *words).code == 2, words
